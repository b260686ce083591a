// The composition root of the control plane: changes from sources go in, a compiled zone comes out. It connects the
// cluster, the compiler and the state file, decides when to publish, and pauses during long work so that the main
// thread keeps answering. It knows no sockets.
import { setImmediate as untilNextTurn } from "node:timers/promises";
import type { SourceChange } from "../cluster/change.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { nextSerial } from "../compile/serial.ts";
import { ZoneCompiler } from "../compile/zone-compiler.ts";
import type { StaticNames } from "../compile/static-zones.ts";
import type { Options } from "../config/options.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { Logger } from "../observe/log.ts";
import type { ProblemLog } from "../observe/problem-log.ts";
import { PodDirectory } from "../resolv-conf/pod-directory.ts";
import type { Source, SourceSink, SourceStatus } from "../sources/source.ts";
import { StateKeeper } from "../state/state-keeper.ts";
import type { Sliced } from "../std/sliced.ts";
import { runWithPauses } from "../std/sliced.ts";
import type { TableWriter } from "../table/writer.ts";
import { chooseZones } from "../zonefile/choose-zones.ts";
import type { ZoneContents } from "../zonefile/choose-zones.ts";
import { ConflictReporter } from "./conflict-reporter.ts";
import { forwardedDomains } from "./forwarded-domains.ts";
import { openCluster } from "./open-cluster.ts";

/** The minimum time between publications: changes within it are published together. */
const PUBLICATION_INTERVAL_MS = 4;
/** The time that a publication takes from the main thread before other work gets a turn. */
const SLICE_MS = 10;
/** Larger changes (in objects) are compiled into a copy of the table, so that readers see all of it at once. */
const IN_PLACE_MAX = 500;

/** The parts with which a control plane works. */
export interface ControlPlaneParts {
  readonly problems: ProblemLog;
  readonly log: Logger;
  readonly table: TableWriter;
  /** The server's addresses: those of the zone's name server while the cluster has no DNS service. */
  readonly serverAddresses: readonly string[];
  readonly sources: readonly Source[];
  /** Called after a change of zone files or hosts files has been published. */
  readonly onZonesPublished: () => void;
}

export class ControlPlane {
  readonly cluster: Cluster;
  readonly #options: Options;
  readonly #parts: ControlPlaneParts;
  readonly #compiler: ZoneCompiler;
  readonly #pods: PodDirectory;
  readonly #keeper: StateKeeper | undefined;
  readonly #conflicts: ConflictReporter;
  #serial: number | undefined;
  #changes: SourceChange[] = [];
  /** The changes of remote sources that have not synced: the last one of each object. */
  readonly #withheld = new Map<Source, Map<string, SourceChange>>();
  /** Called when `#changes` are published, or on close. */
  #waiting: (() => void)[] = [];
  readonly #zoneContents = new Map<Source, ZoneContents>();
  #hasZonesChanged = false;
  readonly #syncing: Set<Source>;
  /** The objects of all sources that are not remote have been published. */
  #isLocalReady = false;
  #isClusterReady = false;
  #areZonesKnown = false;
  #timer: NodeJS.Timeout | undefined;
  #publishing: Promise<void> | undefined;
  #publishedAtMs = -Infinity;
  #isClosed = false;

  /** Reads the state file, so that services and pods keep their addresses. */
  static async open(options: Options, parts: ControlPlaneParts): Promise<ControlPlane> {
    const opened = await openCluster(options);
    parts.problems.set("state", opened.problems);
    return new ControlPlane(options, parts, opened.cluster, opened.serial);
  }

  private constructor(options: Options, parts: ControlPlaneParts, cluster: Cluster, serial: number | undefined) {
    this.#options = options;
    this.#parts = parts;
    this.cluster = cluster;
    this.#serial = serial;
    this.#syncing = new Set(parts.sources);
    for (const source of parts.sources) if (source.isRemote === true) this.#withheld.set(source, new Map());
    this.#conflicts = new ConflictReporter((conflicts) => parts.problems.set("conflicts", conflicts));
    this.#pods = new PodDirectory(options.clusterDomain);
    this.#compiler = new ZoneCompiler(cluster.registry, parts.table, options);
    this.#compiler.setServerAddresses(parts.serverAddresses);
    this.#compiler.setStaticNames(this.#staticNames());
    const { stateFile } = options;
    const state = () => ({ ...cluster.allocations(), ...(this.#serial !== undefined && { serial: this.#serial }) });
    const report = (found: readonly Problem[]): void => parts.problems.set("state", found);
    this.#keeper = stateFile === undefined ? undefined : new StateKeeper(stateFile, state, report);
  }

  /** The search list of the pod at this address, if the server completes names (autopath). */
  searchesOf(address: string): readonly string[] | undefined {
    return this.#pods.searchesOf(address);
  }

  /** Starts the sources; resolves when their objects and zones are served. Rejects with a `SourceError`. */
  async start(): Promise<void> {
    this.#schedule();
    await Promise.all(this.#parts.sources.map((source) => source.start(this.#sinkOf(source))));
    await this.published();
    if (!this.#isClosed) await this.#keeper?.flush();
  }

  /** Resolves when every object received so far is served, or when the control plane closes. */
  async published(): Promise<void> {
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#schedule();
    return promise;
  }

  /** Publishes pending changes and writes the state file a last time. Close the sources before. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#publishing;
    // Before the first load the state file is as complete as it can be.
    if (this.#isClusterReady) {
      await this.#publish();
      await this.#keeper?.close();
    }
    this.#conflicts.close();
    for (const resolve of this.#waiting) resolve();
  }

  #sinkOf(source: Source): SourceSink {
    return {
      change: (changes) => {
        const withheld = this.#withheld.get(source);
        for (const change of changes) {
          if (withheld === undefined) this.#changes.push(change);
          else withhold(withheld, change);
        }
        this.#schedule();
      },
      replaceZones: (contents) => {
        this.#zoneContents.set(source, contents);
        this.#hasZonesChanged = true;
        this.#schedule();
      },
      setProblems: (place, problems) => this.#parts.problems.set(`source ${source.id} ${place}`, problems),
      setStatus: (status) => this.#takeStatus(source, status),
    };
  }

  #takeStatus(source: Source, status: SourceStatus): void {
    const { log } = this.#parts;
    if (status.state === "stale")
      log.warn({ source: source.id, reason: status.reason }, "source is unreachable: its last objects stay in force");
    else log.debug({ source: source.id }, status.state);
    if (status.state !== "synced" || !this.#syncing.delete(source)) return;
    this.#admitRemote();
    this.#schedule();
  }

  /** Takes in the changes of remote sources, each after those whose objects win over its own. */
  #admitRemote(): void {
    for (const source of [...this.#withheld.keys()].toSorted((a, b) => a.precedence - b.precedence)) {
      if ([...this.#syncing].some(({ precedence }) => precedence <= source.precedence)) return;
      for (const change of this.#withheld.get(source)!.values()) this.#changes.push(change);
      this.#withheld.delete(source);
    }
  }

  /**
   * Whether every source that feeds the cluster, or the zone files, has synced once, apart from remote ones. The first
   * load is published as one, so that the speed of sources does not decide which of two objects wins.
   */
  #isComplete(what: keyof Source["feeds"]): boolean {
    return ![...this.#syncing].some(({ feeds, isRemote }) => feeds[what] && isRemote !== true);
  }

  /** Whether a publication is needed, be it for readiness alone, that need not wait for a source. */
  #isDue(): boolean {
    const isReady = this.#withheld.size === 0 ? this.#isClusterReady : this.#isLocalReady;
    const hasCluster = this.#changes.length + this.#waiting.length > 0 || !isReady;
    const hasZones = this.#hasZonesChanged || !this.#areZonesKnown;
    return (hasCluster && this.#isComplete("cluster")) || (hasZones && this.#isComplete("zoneFiles"));
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#publishing !== undefined || !this.#isDue()) return;
    const waitMs = Math.max(0, this.#publishedAtMs + PUBLICATION_INTERVAL_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#publish();
    }, waitMs);
  }

  async #publish(): Promise<void> {
    this.#publishing = this.#publishAll();
    await this.#publishing;
    this.#publishing = undefined;
    this.#publishedAtMs = performance.now();
    this.#schedule();
  }

  async #publishAll(): Promise<void> {
    let sliceEndMs = performance.now() + SLICE_MS;
    const pause = async (): Promise<void> => {
      await untilNextTurn();
      sliceEndMs = performance.now() + SLICE_MS;
    };
    await runWithPauses(this.#publishSliced(), () => performance.now() >= sliceEndMs, pause);
  }

  *#publishSliced(): Sliced<void> {
    const { table, problems, log, onZonesPublished } = this.#parts;
    const isComplete = this.#isComplete("cluster");
    const hasAll = isComplete && this.#withheld.size === 0;
    const changes = isComplete ? this.#changes : [];
    const waiting = isComplete ? this.#waiting : [];
    if (isComplete) [this.#changes, this.#waiting] = [[], []];
    const hasZones = this.#hasZonesChanged && this.#isComplete("zoneFiles");
    const differences = yield* this.cluster.applySliced(changes);
    if (this.#options.autopath) this.#pods.apply(differences);
    problems.set("cluster", this.cluster.controllerProblems());
    if (this.#isClusterReady) this.#conflicts.update(this.cluster.conflicts());
    else if (isComplete) this.#conflicts.reportNow(this.cluster.conflicts());
    if (differences.length > 0 || hasZones || (isComplete && !this.#isClusterReady)) {
      this.#serial = nextSerial(this.#serial, Date.now());
      if (differences.length > IN_PLACE_MAX && this.#isClusterReady) table.detach();
      if (hasZones) {
        this.#hasZonesChanged = false;
        this.#compiler.setStaticNames(this.#staticNames());
      }
      yield* this.#compiler.updateSliced(differences, this.#serial);
      table.publish();
      problems.set("names", this.#compiler.problems);
      if (isComplete) this.#keeper?.changed();
      log.debug({ changed: differences.length, names: table.size, serial: this.#serial }, "published");
    }
    if (isComplete) this.#isLocalReady = true;
    this.#updateReadiness(hasAll);
    for (const resolve of waiting) resolve();
    if (hasZones) onZonesPublished();
  }

  /**
   * From now on missing names get NXDOMAIN. `hasCluster`: whether the publication had the objects of every source; a
   * source that has synced during the publication is part of the next one.
   */
  #updateReadiness(hasCluster: boolean): void {
    if (this.#isComplete("zoneFiles") && !this.#hasZonesChanged) this.#areZonesKnown = true;
    if (hasCluster) this.#isClusterReady = true;
    const isClusterReady = this.#isClusterReady || (this.#isLocalReady && "in part");
    this.#compiler.setReady({ areZonesKnown: this.#areZonesKnown, isClusterReady });
  }

  #staticNames(): StaticNames {
    const contents = [...this.#zoneContents.values()].flatMap((each) => [...each]);
    const { zones, hosts, problems } = chooseZones(contents);
    this.#parts.problems.set("zones", problems);
    return { zones, hosts, forwarded: forwardedDomains(this.#options) };
  }
}

/** Keeps a change in place of an earlier one of the same object; other changes are all kept, in order. */
function withhold(withheld: Map<string, SourceChange>, change: SourceChange): void {
  let key = String(withheld.size);
  if (change.type === "put") key = `${change.origin.name} ${objectKey(change.object)}`;
  if (change.type === "remove") key = `${change.origin.name} ${change.key}`;
  withheld.delete(key);
  withheld.set(key, change);
}
