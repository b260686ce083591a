// The composition root of a server: builds the planes and joins them to their sources and sockets. What a running
// server offers to programs and to the command line.
import type { Readable } from "node:stream";
import type { Counts } from "../answer/counters.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Options } from "../config/options.ts";
import { ControlPlane } from "./control-plane.ts";
import { Credentials } from "./credentials.ts";
import { DataPlane } from "./data-plane.ts";
import { ForwardPlane } from "./forward-plane.ts";
import { TableBuffer } from "./table-buffer.ts";
import { Clock } from "../std/clock.ts";
import { parseObject } from "../objects/parse-object.ts";
import type { Problem } from "../objects/problem.ts";
import { formatIp } from "../net/ip.ts";
import { collectGarbageOfLoad } from "../observe/collect-garbage.ts";
import { FaultLog } from "../observe/fault-log.ts";
import type { Logger } from "../observe/log.ts";
import { ProblemLog } from "../observe/problem-log.ts";
import type { Change } from "../cluster/change.ts";
import { expandWildcard, formatListenAddress } from "../net/listen-address.ts";
import { openListeners } from "../server/listen.ts";
import type { Listeners } from "../server/listen.ts";
import { watchManifests } from "../sources/manifests/manifests.ts";
import type { ManifestSource } from "../sources/manifests/manifests.ts";

/** A running server. */
export interface Server {
  /** Resolves with the addresses when sockets are bound and the first full load is served; rejects when that fails. */
  readonly ready: Promise<readonly ListenAddress[]>;
  /** The addresses bound so far, ports resolved. */
  readonly addresses: readonly ListenAddress[];
  /** What is wrong with the input right now. */
  readonly problems: readonly Problem[];
  /** What has been answered since the start. */
  readonly counts: Counts;
  /** Replaces the objects that were handed in as `objects`; resolves when the new answers are served. */
  setObjects(objects: readonly unknown[]): Promise<void>;
  /** Takes changes of objects as a source would hand them over; resolves when the new answers are served. */
  apply(changes: readonly Change[]): Promise<void>;
  /** Stops taking queries, answers what is in hand, frees the sockets and watches. */
  close(): Promise<void>;
}

/** Where a server's objects come from, and where its log goes. */
export interface ServerInput {
  readonly paths: readonly string[];
  readonly objects?: readonly unknown[];
  /** What the path `-` reads. */
  readonly stdin?: Readable;
  readonly log: Logger;
}

/** Starts a server with options that are checked already; see `serve` in main.ts. */
export function startServer(options: Options, input: ServerInput): Server {
  return new RunningServer(options, input);
}

/** After a large load its parser's thread has ended, and V8 has let go of what it kept for a while. */
const SETTLED_AFTER_MS = 10_000;
/** No path holds a NUL. Ranks sort as text; paths' begin with a digit: what a program hands in counts first. */
const PROGRAM = { origin: "\0objects", rank: "" } as const;

class RunningServer implements Server {
  readonly ready: Promise<readonly ListenAddress[]>;
  readonly #options: Options;
  readonly #log: Logger;
  readonly #faults: FaultLog;
  readonly #problems: ProblemLog;
  readonly #plane: ControlPlane;
  readonly #prepared: Promise<unknown>;
  readonly #data: DataPlane;
  readonly #credentials: Credentials;
  readonly #forward: ForwardPlane | undefined;
  readonly #listening: Promise<Listeners>;
  #listeners: Listeners | undefined;
  #trimming: NodeJS.Timeout | undefined;
  #source: ManifestSource | undefined;
  #isStopping = false;
  #closed: Promise<void> | undefined;
  #freed: Promise<void> | undefined;
  #rejectReady: (reason: Error) => void = () => undefined;
  readonly #untilClosing = new Promise<never>((_, reject) => (this.#rejectReady = reject));

  constructor(options: Options, input: ServerInput) {
    this.#options = options;
    this.#log = input.log;
    this.#faults = new FaultLog(input.log);
    this.#problems = new ProblemLog(input.log);
    this.#credentials = new Credentials(options, input.log);
    const table = new TableBuffer();
    this.#plane = new ControlPlane(options, this.#problems, input.log, table);
    const onFault = (fault: Error): void => this.#faults.report(fault, performance.now());
    const clock = new Clock();
    this.#forward = ForwardPlane.isWanted(options) ? new ForwardPlane(options, clock, input.log) : undefined;
    this.#data = new DataPlane({
      options,
      log: input.log,
      cookies: this.#credentials.cookies,
      clock,
      forward: this.#forward,
      table,
      searchesOf: (address) => this.#plane.pods.searchesOf(formatIp(address)),
      onFault,
    });
    const { openUdp, answerer } = this.#data;
    this.#prepared = Promise.all([this.#plane.prepare(), this.#forward?.open()]);
    // It is waited for when the sockets are open.
    this.#prepared.catch(() => undefined);
    // Sockets first: until the first load is served, the answer is SERVFAIL rather than nothing.
    this.#listening = this.#credentials.open().then((identity) =>
      openListeners(options.listen, answerer, {
        onFault,
        ...(openUdp && { openUdp }),
        udpLimits: { replySizeMax: options.ednsSize },
        ...(options.fallbackPort !== undefined && { fallbackPort: options.fallbackPort }),
        ...(identity && { identity }),
      }),
    );
    this.ready = Promise.race([this.#start(input), this.#untilClosing]);
    // Who does not wait for `ready` is not to be ended by its rejection.
    this.ready.catch(() => undefined);
  }

  get addresses(): readonly ListenAddress[] {
    return this.#listeners?.addresses ?? [];
  }

  get problems(): readonly Problem[] {
    return this.#problems.all;
  }

  get counts(): Counts {
    return this.#data.counts;
  }

  setObjects(objects: readonly unknown[]): Promise<void> {
    return this.#holdObjects(objects);
  }

  apply(changes: readonly Change[]): Promise<void> {
    return this.#plane.take(changes);
  }

  close(): Promise<void> {
    this.#closed ??= this.#stop();
    return this.#closed;
  }

  async #start(input: ServerInput): Promise<readonly ListenAddress[]> {
    const startedAtMs = performance.now();
    try {
      this.#listeners = await this.#listening;
      if (this.#isStopping) return [];
      await this.#load(input);
    } catch (error) {
      await this.#free();
      throw error;
    }
    this.#logStart(input, performance.now() - startedAtMs);
    return this.#listeners.addresses;
  }

  async #load(input: ServerInput): Promise<void> {
    await this.#prepared;
    this.#forward?.setOwnAddresses(this.addresses);
    const hosts = this.addresses.flatMap(({ host }) => expandWildcard(host));
    this.#plane.setServerAddresses([...new Set(hosts)]);
    void this.#holdObjects(input.objects ?? []);
    if (input.paths.length > 0) {
      this.#source = watchManifests({
        paths: input.paths,
        namespace: this.#options.namespace,
        ...(input.stdin && { stdin: input.stdin }),
        onChange: (changes) => void this.#plane.take(changes),
        onZones: (held) => void this.#plane.takeZones(held).then(() => this.#forward?.forget()),
        onProblems: (origin, problems) => this.#problems.set(origin, problems),
      });
      await this.#source.ready;
    }
    if (this.#isStopping) return;
    await this.#plane.finishLoad();
    if (collectGarbageOfLoad()) this.#trimming = setTimeout(() => this.#data.trimMemory(), SETTLED_AFTER_MS).unref();
    this.#plane.serve();
  }

  #holdObjects(objects: readonly unknown[]): Promise<void> {
    const context = { namespace: this.#options.namespace, locate: () => undefined };
    const parsed = objects.map((object) => parseObject(object, context));
    const problems = parsed.flatMap((each) => each.problems);
    this.#problems.set(PROGRAM.origin, problems);
    const valid = parsed.flatMap(({ object }) => (object === undefined ? [] : [object]));
    return this.#plane.take([{ type: "replace", ...PROGRAM, objects: valid }]);
  }

  #logStart(input: ServerInput, tookMs: number): void {
    const counts = this.#source?.counts();
    let endpoints = 0;
    for (const object of this.#plane.registry.objects())
      if (object.kind === "EndpointSlice") endpoints += object.endpoints.length;
    this.#log.info(
      {
        addresses: this.addresses.map(formatListenAddress),
        sources: input.paths,
        services: this.#plane.registry.count("Service"),
        endpoints,
        names: this.#plane.nameCount,
        ...(counts && {
          files: counts.files,
          documentsWithoutKind: counts.documentsWithoutKind,
          otherKinds: Object.fromEntries(counts.otherKinds),
        }),
        tookMs: Math.round(tookMs),
      },
      "serving",
    );
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    this.#rejectReady(new Error("closed before it was ready"));
    await this.#free();
    this.#log.info({ answered: this.counts.total }, "stopped");
  }

  /** Ends all that runs, once: a start that failed may be closed as well. */
  #free(): Promise<void> {
    this.#freed ??= this.#closeParts();
    return this.#freed;
  }

  async #closeParts(): Promise<void> {
    clearTimeout(this.#trimming);
    // What is only just being opened can't be closed.
    const listeners = await this.#listening.catch(() => undefined);
    await this.#prepared.catch(() => undefined);
    await this.#source?.close();
    await this.#plane.close();
    await listeners?.close();
    await this.#credentials.close();
    await this.#forward?.close();
    this.#data.close();
  }
}
