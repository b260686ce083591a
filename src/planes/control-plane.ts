// The control plane put together: changes of objects in, a compiled zone out. Registry, controllers and compiler in one
// loop, published as a whole; what lasts over restarts, and what is wrong, on the side. One of the composition roots:
// it joins parts and has timers and files for them; it knows no sockets.
import { randomInt } from "node:crypto";
import { nextSerial } from "../compile/serial.ts";
import type { StaticNames } from "../compile/static-zones.ts";
import { CLUSTER_ZONE, ZoneCompiler } from "../compile/zone-compiler.ts";
import type { Options } from "../config/options.ts";
import { manifestControllers } from "../cluster/controllers/manifest-controllers.ts";
import type { ManifestControllers } from "../cluster/controllers/manifest-controllers.ts";
import { parseName } from "../dns/name.ts";
import { duplicateObject } from "../objects/duplicate-object.ts";
import type { Logger } from "../observe/log.ts";
import type { ProblemLog } from "../observe/problem-log.ts";
import type { Change } from "../cluster/change.ts";
import { PodDirectory } from "../resolv-conf/pod-directory.ts";
import { Registry } from "../cluster/registry.ts";
import { readState } from "../state/state-file.ts";
import type { State } from "../state/state-file.ts";
import { StateKeeper } from "../state/state-keeper.ts";
import { assert } from "../std/assert.ts";
import { TableWriter } from "../table/writer.ts";
import { chooseZones } from "../zonefile/choose-zones.ts";
import type { HeldZones } from "../zonefile/choose-zones.ts";

/** Publications are at least so far apart: what comes in between is published together. */
const PUBLICATION_INTERVAL_MS = 10;
/** An object in two files is told of when it lasts so long: a file that is renamed is there twice for a moment. */
const CONFLICT_AFTER_MS = 400;
/** Origins of problems that no path can be: paths hold no NUL. */
const ORIGIN = {
  controllers: "\0controllers",
  state: "\0state",
  conflict: "\0conflict",
  zones: "\0zones",
  names: "\0names",
} as const;

interface Publication {
  readonly done: Promise<void>;
  readonly publish: () => void;
}

export class ControlPlane {
  readonly registry = new Registry();
  /** Who asks, where search lists are walked; else it knows nobody. */
  readonly pods: PodDirectory;
  readonly #options: Options;
  readonly #problems: ProblemLog;
  readonly #log: Logger;
  readonly #writer: TableWriter;
  readonly #compiler: ZoneCompiler;
  readonly #contested = new Set<string>();
  #controllers: ManifestControllers | undefined;
  #keeper: StateKeeper | undefined;
  #serial: number | undefined;
  #pending: Change[] = [];
  /** What is served beside the cluster, where that has changed. */
  #pendingNames: StaticNames | undefined;
  /** Domains that are asked elsewhere, in wire form. */
  readonly #forwarded: readonly Uint8Array[];
  #publication: Publication | undefined;
  #publishedAtMs = -Infinity;
  #conflictTimer: NodeJS.Timeout | undefined;
  #isLoading = true;

  /** `onTable` gets each new buffer of the compiled zone, the first one included. */
  constructor(options: Options, problems: ProblemLog, log: Logger, onTable: (buffer: SharedArrayBuffer) => void) {
    this.#options = options;
    this.#problems = problems;
    this.#log = log;
    this.#writer = new TableWriter([randomSeed(), randomSeed()], onTable);
    this.#compiler = new ZoneCompiler(this.registry, this.#writer, options);
    this.pods = new PodDirectory(options.clusterDomain);
    this.#forwarded = options.stubDomains.flatMap(({ domain }) => parseName(domain) ?? []);
    this.#compiler.setStaticNames({ zones: [], hosts: [], forwarded: this.#forwarded });
  }

  /** The memory of the compiled zone, at this moment. */
  get table(): SharedArrayBuffer {
    return this.#writer.buffer;
  }

  /** Names in the compiled zone. */
  get nameCount(): number {
    return this.#writer.size;
  }

  setServerAddresses(addresses: readonly string[]): void {
    this.#compiler.setServerAddresses(addresses);
  }

  /** Readies the controllers, with what an earlier run gave out where a state file remembers it. Comes first. */
  async prepare(): Promise<void> {
    const { stateFile } = this.#options;
    const { state, problems } = stateFile === undefined ? { problems: [] } : await readState(stateFile);
    this.#problems.set(ORIGIN.state, problems);
    const controllers = manifestControllers(this.registry, this.#options, state);
    this.#controllers = controllers;
    this.#serial = state?.serial;
    if (stateFile === undefined) return;
    const current = (): State => ({
      ...controllers.allocations(),
      ...(this.#serial !== undefined && { serial: this.#serial }),
    });
    this.#keeper = new StateKeeper(stateFile, current, (found) => this.#problems.set(ORIGIN.state, found));
  }

  /** Takes changes in; resolves when they are published, together with others where that was just done. */
  take(changes: readonly Change[]): Promise<void> {
    for (const change of changes) this.#pending.push(change);
    this.#publication ??= this.#nextPublication();
    return this.#publication.done;
  }

  /** Takes what zone files and hosts files hold, all of it; resolves when that is published. */
  takeZones(held: HeldZones): Promise<void> {
    const { zones, hosts, problems } = chooseZones(held);
    this.#problems.set(ORIGIN.zones, problems);
    this.#pendingNames = { zones, hosts, forwarded: this.#forwarded };
    this.#publication ??= this.#nextPublication();
    return this.#publication.done;
  }

  /** Publishes all of the first load as one, so that who comes first in it is not a matter of chance. */
  async finishLoad(): Promise<void> {
    this.#publication ??= this.#nextPublication();
    this.#publication.publish();
    this.#isLoading = false;
    await this.#keeper?.flush();
  }

  /** From now on names that are not there do not exist. */
  serve(): void {
    this.#writer.setZonesKnown(true);
    this.#writer.setZoneReady(CLUSTER_ZONE, true);
  }

  /** Publishes what is in hand, and leaves the state file as the next run is to find it. */
  async close(): Promise<void> {
    clearTimeout(this.#conflictTimer);
    if (this.#isLoading) return;
    await this.#publication?.done;
    await this.#keeper?.flush();
  }

  #nextPublication(): Publication {
    const { promise, resolve } = Promise.withResolvers<void>();
    const publish = (): void => {
      this.#publish();
      resolve();
    };
    if (!this.#isLoading) {
      const waitMs = this.#publishedAtMs + PUBLICATION_INTERVAL_MS - performance.now();
      if (waitMs > 0) setTimeout(publish, waitMs);
      else queueMicrotask(publish);
    }
    return { done: promise, publish };
  }

  #publish(): void {
    const changes = this.#pending;
    this.#pending = [];
    const names = this.#pendingNames;
    this.#pendingNames = undefined;
    this.#publication = undefined;
    this.#publishedAtMs = performance.now();
    assert(this.#controllers !== undefined, "changes are published once the controllers are there");
    const { loop } = this.#controllers;
    const differences = loop.apply(changes);
    if (this.#options.autopath) this.pods.apply(differences);
    this.#problems.set(ORIGIN.controllers, loop.problems());
    this.#tellConflicts();
    if (differences.length === 0 && names === undefined && !this.#isLoading) return;
    this.#serial = nextSerial(this.#serial, Date.now());
    if (names !== undefined) this.#compiler.setStaticNames(names);
    this.#compiler.update(differences, this.#serial);
    this.#problems.set(ORIGIN.names, this.#compiler.problems);
    this.#keeper?.changed();
    this.#log.debug({ changed: differences.length, names: this.#writer.size, serial: this.#serial }, "published");
  }

  /** Two files may hold an object for a moment while it moves from one to the other: that is no conflict. */
  #tellConflicts(): void {
    for (const key of this.registry.takeConflictChanges().keys()) this.#contested.add(key);
    if (this.#contested.size === 0 || this.#conflictTimer !== undefined) return;
    const tell = (): void => {
      this.#conflictTimer = undefined;
      for (const key of this.#contested) {
        const [first, ...others] = this.registry.conflict(key)?.objects ?? [];
        const problems = first === undefined ? [] : others.map((other) => duplicateObject(first, other));
        this.#problems.set(`${ORIGIN.conflict} ${key}`, problems);
      }
      this.#contested.clear();
    };
    if (this.#isLoading) tell();
    else this.#conflictTimer = setTimeout(tell, CONFLICT_AFTER_MS).unref();
  }
}

/** A random 32-bit integer. */
export function randomSeed(): number {
  return randomInt(0x1_0000_0000) | 0;
}
