// The composition root: the only file that builds the parts and joins them. Everything a program that embeds the
// server needs is exported here.
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Readable } from "node:stream";
import { QueryAnswerer } from "./answer/query-answerer.ts";
import type { AnswererData } from "./answer/answerer-data.ts";
import { Counters, newCounters, sumCounters } from "./answer/counters.ts";
import type { Counts } from "./answer/counters.ts";
import type { AnswerSettings } from "./answer/zone-answerer.ts";
import { nextSerial } from "./compile/serial.ts";
import { ZoneCompiler } from "./compile/zone-compiler.ts";
import type { ListenAddress, Options } from "./config/options.ts";
import { optionsFromSettings, SettingsError } from "./config/settings.ts";
import { ControlLoop } from "./controllers/control-loop.ts";
import { EndpointController } from "./controllers/endpoint-controller.ts";
import { duplicateObject } from "./objects/duplicate-object.ts";
import type { KubeObject } from "./objects/kube-object.ts";
import { parseObject } from "./objects/parse-object.ts";
import type { Problem } from "./objects/problem.ts";
import { collectGarbageOfLoad } from "./observe/collect-garbage.ts";
import { FaultLog } from "./observe/fault-log.ts";
import { createLog } from "./observe/log.ts";
import type { Logger } from "./observe/log.ts";
import { ProblemLog } from "./observe/problem-log.ts";
import type { Change } from "./registry/change.ts";
import { Registry } from "./registry/registry.ts";
import { expandWildcard, formatListenAddress } from "./server/listen-address.ts";
import { ListenError } from "./server/listen-error.ts";
import { openListeners } from "./server/listen.ts";
import type { Listeners } from "./server/listen.ts";
import { loadLibc } from "./server/libc.ts";
import type { Libc } from "./server/libc.ts";
import type { Transport } from "./server/transport.ts";
import { openUdpBatch } from "./server/udp-batch.ts";
import type { UdpBatchTransport } from "./server/udp-batch.ts";
import { watchManifests } from "./sources/manifests.ts";
import type { ManifestSource } from "./sources/manifests.ts";
import { TableReader } from "./table/reader.ts";
import { TableWriter } from "./table/writer.ts";

export { ListenError, SettingsError };
export type { Change, Counts, KubeObject, ListenAddress, Options, Problem };

/** What `serve` takes. Every setting has the default of the flag of the same name, but `listen` and `logLevel`. */
export interface ServeSettings {
  /** Manifest files and folders (recursive), watched. */
  paths?: readonly string[];
  /** Kubernetes objects as parsed JSON or YAML, beside or instead of `paths`. */
  objects?: readonly unknown[];
  /** `ADDR[:PORT]`, IPv6 in brackets; port 0 takes a free one. Default `127.0.0.1:0`. */
  listen?: string | readonly string[];
  clusterDomain?: string;
  /** Seconds. */
  ttl?: number;
  /** Seconds; as `ttl` when absent. */
  negativeTtl?: number;
  pods?: "insecure" | "verified" | "disabled";
  endpointPodNames?: boolean;
  /** Largest UDP answer, bytes. */
  ednsSize?: number;
  namespace?: string;
  serviceCidr?: string | readonly string[];
  podCidr?: string | readonly string[];
  /** Make the pods of workloads whose pods are not given. Default true. */
  simulatePods?: boolean;
  /** A file that keeps the addresses given to services and pods. */
  state?: string;
  /** Default `dgram`: threads pay off where many queries come, which they seldom do inside a test. */
  udpTransport?: "auto" | "batch" | "dgram";
  /** Threads for each address, where datagrams are taken in batches. */
  udpWorkers?: number;
  /** Default `silent`; otherwise pino's JSON lines go to standard output. */
  logLevel?: "silent" | "error" | "warn" | "info" | "debug";
}

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

/**
 * Starts a server inside this process. Throws a `SettingsError` on a bad setting; `ready` rejects with a
 * `ListenError` where an address can't be had, and with a `SourceError` where a path is not there.
 */
export function serve({ paths = [], objects = [], ...settings }: ServeSettings): Server {
  const options = optionsFromSettings({ ...settings });
  return startServer(options, { paths, objects, log: createLog(options.logLevel) });
}

/** As `serve`, with options that are checked already. */
export function startServer(options: Options, input: ServerInput): Server {
  return new RunningServer(options, input);
}

/** Publications are at least so far apart: what comes in between is published together. */
const PUBLICATION_INTERVAL_MS = 10;
/** After a large load its parser's thread has ended, and V8 has let go of what it kept for a while. */
const SETTLED_AFTER_MS = 10_000;
/** Workers for each address where nobody says how many. */
const UDP_WORKERS_MAX = 4;
/** An object in two files is told of when it lasts so long: a file that is renamed is there twice for a moment. */
const CONFLICT_AFTER_MS = 400;
/** Origins that no path can be: paths hold no NUL. */
const INTERNAL = { objects: "\0objects", controllers: "\0controllers", conflict: "\0conflict" } as const;
/** Ranks sort as text; paths' begin with a digit, so objects handed in by a program count first. */
const PROGRAM = { origin: INTERNAL.objects, rank: "" } as const;

class RunningServer implements Server {
  readonly ready: Promise<readonly ListenAddress[]>;
  readonly #options: Options;
  readonly #log: Logger;
  readonly #faults: FaultLog;
  readonly #registry = new Registry();
  readonly #loop: ControlLoop;
  readonly #writer: TableWriter;
  readonly #compiler: ZoneCompiler;
  readonly #answerer: QueryAnswerer;
  readonly #answerSettings: AnswerSettings;
  readonly #batches: UdpBatchTransport[] = [];
  /** One block a thread and transport; those of threads that are gone still count. */
  readonly #counters = { udp: [] as Counters[], stream: [] as Counters[] };
  readonly #problems: ProblemLog;
  readonly #listening: Promise<Listeners>;
  #listeners: Listeners | undefined;
  #libc: Libc | undefined;
  #trimming: NodeJS.Timeout | undefined;
  #source: ManifestSource | undefined;
  #closed: Promise<void> | undefined;
  #rejectReady: (reason: Error) => void = () => undefined;
  readonly #untilClosing = new Promise<never>((_, reject) => (this.#rejectReady = reject));
  #serial: number | undefined;
  #pending: Change[] = [];
  readonly #contested = new Set<string>();
  #conflictTimer: NodeJS.Timeout | undefined;
  #isLoading = true;
  #isStopping = false;
  #publication: Promise<void> | undefined;
  #publishedAtMs = -Infinity;

  constructor(options: Options, input: ServerInput) {
    this.#options = options;
    this.#log = input.log;
    this.#faults = new FaultLog(input.log);
    this.#problems = new ProblemLog(input.log);
    const clusterFamilies = options.serviceCidrs.map(({ bytes }) => (bytes.length === 4 ? "IPv4" : "IPv6"));
    this.#loop = new ControlLoop(this.#registry, [
      new EndpointController(this.#registry, [...new Set(clusterFamilies)]),
    ]);
    let reader: TableReader | undefined;
    this.#writer = new TableWriter([randomSeed(), randomSeed()], (buffer) => {
      reader?.attach(buffer);
      for (const batch of this.#batches) batch.post(buffer);
    });
    reader = new TableReader(this.#writer.buffer);
    this.#compiler = new ZoneCompiler(this.#registry, this.#writer, options);
    this.#answerSettings = { ednsSize: options.ednsSize, recursion: false };
    const counters = newCounters();
    this.#counters.udp.push(counters.udp);
    this.#counters.stream.push(counters.stream);
    this.#answerer = new QueryAnswerer(reader, this.#answerSettings, randomSeed(), counters);
    const openUdp = this.#chooseUdp();
    // Sockets first: until the first load is served, the answer is SERVFAIL rather than nothing.
    this.#listening = openListeners(options.listen, this.#answerer, {
      onFault: (fault) => this.#faults.report(fault, performance.now()),
      ...(openUdp && { openUdp }),
      udpLimits: { largestReplyBytes: options.ednsSize },
      ...(options.fallbackPort !== undefined && { fallbackPort: options.fallbackPort }),
    });
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
    return sumCounters(this.#counters.udp, this.#counters.stream);
  }

  async setObjects(objects: readonly unknown[]): Promise<void> {
    this.#holdObjects(objects);
    await this.#publication;
  }

  async apply(changes: readonly Change[]): Promise<void> {
    this.#take(changes);
    await this.#publication;
  }

  close(): Promise<void> {
    this.#closed ??= this.#stop();
    return this.#closed;
  }

  /** How UDP is opened: undefined leaves it to node:dgram. */
  #chooseUdp(): ((address: ListenAddress) => Promise<Transport>) | undefined {
    const { udpTransport } = this.#options;
    if (udpTransport === "dgram") return undefined;
    const loaded = loadLibc();
    if ("libc" in loaded) {
      this.#libc = loaded.libc;
      return (address) => this.#openBatch(loaded.libc, address);
    }
    if (udpTransport === "batch")
      throw new SettingsError(`udp-transport batch: ${loaded.reason}; choose auto or dgram`);
    this.#log.warn({ reason: loaded.reason }, "datagrams are taken one by one (node:dgram), at about half the speed");
    return undefined;
  }

  async #openBatch(libc: Libc, address: ListenAddress): Promise<Transport> {
    const { ednsSize, udpWorkers } = this.#options;
    const reply = new Uint8Array(ednsSize);
    const workerCount = udpWorkers ?? Math.min(Math.max(availableParallelism() - 1, 1), UDP_WORKERS_MAX);
    const counters = Array.from({ length: workerCount }, () => new Counters());
    const transport = await openUdpBatch(address, {
      libc,
      workerUrl: new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url),
      workerCount,
      answererData: (worker): AnswererData => {
        const { memory } = counters[worker]!;
        return { table: this.#writer.buffer, settings: this.#answerSettings, seed: randomSeed(), counters: memory };
      },
      replySize: ednsSize,
      answerHandedOver: (query) => reply.subarray(0, this.#answerer.answer(query, 0, query.length, reply, 0, "udp")),
      onFault: (fault) => this.#faults.report(fault, performance.now()),
    });
    this.#counters.udp.push(...counters);
    this.#batches.push(transport);
    // The table may have moved while the workers started.
    transport.post(this.#writer.buffer);
    return transport;
  }

  async #start(input: ServerInput): Promise<readonly ListenAddress[]> {
    const startedAtMs = performance.now();
    this.#listeners = await this.#listening;
    if (this.#isStopping) return [];
    try {
      await this.#load(input);
    } catch (error) {
      await this.#listeners.close();
      throw error;
    }
    this.#logStart(input, performance.now() - startedAtMs);
    return this.#listeners.addresses;
  }

  async #load(input: ServerInput): Promise<void> {
    const hosts = this.addresses.flatMap(({ host }) => expandWildcard(host));
    this.#compiler.setServerAddresses([...new Set(hosts)]);
    this.#holdObjects(input.objects ?? []);
    if (input.paths.length > 0) {
      this.#source = watchManifests({
        paths: input.paths,
        namespace: this.#options.namespace,
        ...(input.stdin && { stdin: input.stdin }),
        onChange: (changes) => this.#take(changes),
        onProblems: (origin, problems) => this.#problems.set(origin, problems),
      });
      await this.#source.ready;
    }
    await this.#publication;
    this.#isLoading = false;
    if (collectGarbageOfLoad()) this.#trimming = setTimeout(() => this.#libc?.trimMemory(), SETTLED_AFTER_MS).unref();
    this.#writer.setReady(true);
  }

  #holdObjects(objects: readonly unknown[]): void {
    const context = { namespace: this.#options.namespace, locate: () => undefined };
    const parsed = objects.map((object) => parseObject(object, context));
    this.#problems.set(
      PROGRAM.origin,
      parsed.flatMap(({ problems }) => problems),
    );
    const valid = parsed.flatMap(({ object }) => (object === undefined ? [] : [object]));
    this.#take([{ type: "replace", ...PROGRAM, objects: valid }]);
  }

  /** Takes changes in; they are published at once, or together with others where that was just done. */
  #take(changes: readonly Change[]): void {
    for (const change of changes) this.#pending.push(change);
    this.#publication ??= new Promise((resolve) => {
      const waitMs = this.#publishedAtMs + PUBLICATION_INTERVAL_MS - performance.now();
      const publish = (): void => {
        this.#publish();
        resolve();
      };
      if (waitMs > 0) setTimeout(publish, waitMs);
      else queueMicrotask(publish);
    });
  }

  #publish(): void {
    const changes = this.#pending;
    this.#pending = [];
    this.#publication = undefined;
    this.#publishedAtMs = performance.now();
    const differences = this.#loop.apply(changes);
    this.#problems.set(INTERNAL.controllers, this.#loop.problems());
    this.#tellConflicts();
    if (differences.length === 0 && this.#serial !== undefined) return;
    this.#serial = nextSerial(this.#serial, Date.now());
    this.#compiler.update(differences, this.#serial);
    this.#log.debug({ changed: differences.length, names: this.#writer.size, serial: this.#serial }, "published");
  }

  /** Two files may hold an object for a moment while it moves from one to the other: that is no conflict. */
  #tellConflicts(): void {
    for (const key of this.#registry.takeConflictChanges().keys()) this.#contested.add(key);
    if (this.#contested.size === 0 || this.#conflictTimer !== undefined) return;
    const tell = (): void => {
      this.#conflictTimer = undefined;
      for (const key of this.#contested) {
        const conflict = this.#registry.conflict(key);
        const [first, ...others] = conflict?.objects ?? [];
        const problems = first === undefined ? [] : others.map((other) => duplicateObject(first, other));
        this.#problems.set(`${INTERNAL.conflict} ${key}`, problems);
      }
      this.#contested.clear();
    };
    if (this.#isLoading) tell();
    else this.#conflictTimer = setTimeout(tell, CONFLICT_AFTER_MS).unref();
  }

  #logStart(input: ServerInput, tookMs: number): void {
    const counts = this.#source?.counts();
    let endpoints = 0;
    for (const object of this.#registry.objects())
      if (object.kind === "EndpointSlice") endpoints += object.endpoints.length;
    this.#log.info(
      {
        addresses: this.addresses.map(formatListenAddress),
        sources: input.paths,
        services: this.#registry.count("Service"),
        endpoints,
        names: this.#writer.size,
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
    clearTimeout(this.#trimming);
    clearTimeout(this.#conflictTimer);
    const listeners = await this.#listening.catch(() => undefined);
    await this.#source?.close();
    await this.#publication;
    await listeners?.close();
    this.#log.info({ answered: this.counts.total }, "stopped");
  }
}

function randomSeed(): number {
  return randomInt(0x1_0000_0000) | 0;
}
