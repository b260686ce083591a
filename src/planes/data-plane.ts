// Composition root of the data plane: the answerer with all that it depends on, the worker threads that answer UDP in
// batches, and the counters of both. The control plane provides the compiled zone; server/listen.ts opens the sockets.
import { availableParallelism } from "node:os";
import type { AnswerSettings } from "../answer/answer-settings.ts";
import { accessSettings, LOOPBACK, udpReplySizeMax } from "./access-settings.ts";
import type { AnswererData } from "../answer/answerer-data.ts";
import { TICK_MS } from "../std/clock.ts";
import { exponentialBounds, Histogram } from "../std/histogram.ts";
import type { Clock } from "../std/clock.ts";
import type { LateAnswerer } from "../answer/answerer.ts";
import { sumCounters, sumCounts } from "../answer/answer-counts.ts";
import type { AnswerCounts } from "../answer/answer-counts.ts";
import type { ClientTransport } from "../answer/client.ts";
import { Counters, newCounters } from "../answer/counters.ts";
import type { AnswerCounters } from "../answer/counters.ts";
import type { Counts } from "../answer/counts.ts";
import { QueryAnswerer } from "../answer/query-answerer.ts";
import { newRateMemory } from "../answer/rate-limiter.ts";
import { LateRewritingAnswerer } from "../answer/rewriting-answerer.ts";
import { TimedAnswerer } from "../answer/timed-answerer.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { rangesOf } from "../config/cluster-value.ts";
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import { randomSeed } from "./random-seed.ts";
import type { ForwardPlane } from "./forward-plane.ts";
import type { TableBuffer } from "./table-buffer.ts";
import type { Logger } from "../observe/log.ts";
import type { QueryFeed, RecordingMemory } from "../query-log/query-feed.ts";
import { LateRecordingAnswerer } from "../query-log/recording-answerer.ts";
import { loadLibc } from "../server/libc.ts";
import type { Libc } from "../server/libc.ts";
import { TCP_LIMITS } from "../server/tcp-transport.ts";
import type { Transport } from "../server/transport.ts";
import { openUdpBatch, WorkerStartError } from "../server/udp-batch.ts";
import type { BatchWorker, UdpBatchSettings, UdpBatchTransport } from "../server/udp-batch.ts";
import { TableReader } from "../table/reader.ts";

/** Workers per address where the options do not say how many. */
const UDP_WORKERS_MAX = 4;
/** How often `BatchWorker.watch` is to be called. */
const WATCH_MS = 1_000;
/** Of the lag of the event loop: 1 ms to 4 s. */
const LAG_BOUNDS = exponentialBounds(0.001, 2, 13);
/** The machine's own loopback addresses. */

/** `isSeen`: the queries are those of clients; false: the server's own, for explanations. */
export type WrapAnswerer = (answerer: LateAnswerer, isSeen: boolean) => LateAnswerer;

/** What a data plane is built from. */
export interface DataPlaneSettings {
  readonly options: Options;
  readonly log: Logger;
  /** The shared memory of the cookie secrets. */
  readonly cookies: SharedArrayBuffer;
  /** Updated here. */
  readonly clock: Clock;
  /** Undefined: names outside the local zones are refused. */
  readonly forward: ForwardPlane | undefined;
  /** The compiled zone; all answerers follow it from buffer to buffer. */
  readonly table: TableBuffer;
  /** The search list of the pod at an address. */
  readonly searchesOf: (address: Uint8Array) => readonly string[] | undefined;
  /** Puts an answerer between the server's own and all clients. */
  readonly wrapAnswerer: WrapAnswerer | undefined;
  /** Gets a record of each query that is wanted. */
  readonly feed: QueryFeed;
  readonly onFault: (fault: Error) => void;
}

/** What a worker thread builds its answerer from. */
export interface ThreadData extends AnswererData {
  /** Undefined: the main thread records every query. */
  readonly recording?: RecordingMemory;
}

/** What has been answered to the queries that came to a listener over one transport. */
export interface ListenerCounts {
  /** The listener's place in the option `listen`. */
  readonly listener: number;
  readonly transport: ClientTransport;
  readonly counts: AnswerCounts;
}

export class DataPlane {
  /** For the transports of the main thread. */
  readonly answerer: LateAnswerer;
  /** The same answers, neither counted nor logged, to queries of a listener beyond all others. */
  readonly unseen: { readonly answerer: LateAnswerer; readonly listener: number };
  /** Opens UDP in batches; undefined, or resolves with undefined: UDP uses node:dgram. */
  readonly openUdp:
    | ((address: ListenAddress, given: readonly number[], listener: number) => Promise<Transport | undefined>)
    | undefined;
  /** Undefined: UDP uses node:dgram. */
  readonly libc: Libc | undefined;
  readonly #settings: DataPlaneSettings;
  readonly #answerSettings: AnswerSettings;
  readonly #clockTimer: NodeJS.Timeout;
  readonly #watchTimer: NodeJS.Timeout;
  /** The blocks of the main thread, and those of all workers, by listener. */
  readonly #counters: readonly AnswerCounters[];
  readonly #workerCounters: readonly Counters[][];
  readonly #batches: UdpBatchTransport[] = [];
  /** How late the clock's timer fires, seconds: what else the main thread serves waits as long. */
  readonly loopLag = new Histogram(LAG_BOUNDS);
  #tickedAtMs = performance.now();

  /** Throws a `SettingsError` where the options require batches and this system has none. */
  constructor(settings: DataPlaneSettings) {
    this.#settings = settings;
    const reader = new TableReader(settings.table.current);
    this.#answerSettings = answerSettings(settings);
    this.#counters = settings.options.listen.map(newCounters);
    this.#workerCounters = settings.options.listen.map(() => []);
    const counters = [...this.#counters, newCounters()];
    const answerer = new QueryAnswerer(reader, this.#answerSettings, randomSeed(), counters);
    const resolving =
      settings.forward?.forwardingAnswerer(answerer, settings.options.autopath ? settings.searchesOf : undefined) ??
      withoutUpstreams(answerer);
    const complete =
      this.#answerSettings.rewriteRules === undefined
        ? resolving
        : new LateRewritingAnswerer(this.#answerSettings, resolving, answerer);
    const wrapped = settings.wrapAnswerer?.(complete, true) ?? complete;
    const unseen = settings.wrapAnswerer?.(complete, false) ?? complete;
    this.unseen = { answerer: unseen, listener: this.#counters.length };
    const timed = new TimedAnswerer(wrapped, this.#counters, () => performance.now());
    this.answerer = new LateRecordingAnswerer(timed, settings.feed.newMemory(), randomSeed());
    this.libc = this.#loadLibc();
    const { libc } = this;
    this.openUdp = libc && ((...listener) => this.#openUdp(libc, ...listener));
    settings.table.subscribe((table) => {
      reader.attach(table);
      for (const batch of this.#batches) batch.post(table);
    });
    this.#updateClock();
    this.#clockTimer = setInterval(() => this.#updateClock(), TICK_MS).unref();
    this.#watchTimer = setInterval(() => this.workers.forEach((worker) => worker.watch()), WATCH_MS).unref();
  }

  get counts(): Counts {
    return sumCounts(this.listenerCounts());
  }

  /** The counts of each listener and transport, of all threads. */
  listenerCounts(): readonly ListenerCounts[] {
    return this.#settings.options.listen.flatMap(({ scheme }, listener): readonly ListenerCounts[] => {
      // Only the admin server speaks HTTP without TLS.
      if (scheme === "http") return [];
      const { udp, stream } = this.#counters[listener]!;
      const ofStream = { listener, transport: scheme ?? "tcp", counts: sumCounters([stream]) } as const;
      if (scheme !== undefined) return [ofStream];
      const blocks = [udp, ...this.#workerCounters[listener]!];
      return [{ listener, transport: "udp", counts: sumCounters(blocks) }, ofStream];
    });
  }

  /** The threads that answer. */
  get workers(): readonly BatchWorker[] {
    return this.#batches.flatMap(({ workers }) => workers);
  }

  /** Returns free memory to the system where the C library can. */
  trimMemory(): void {
    this.libc?.trimMemory();
  }

  /** Call it after the transports have closed. */
  close(): void {
    clearInterval(this.#clockTimer);
    clearInterval(this.#watchTimer);
  }

  #updateClock(): void {
    const nowMs = performance.now();
    this.#settings.clock.update(Date.now(), nowMs);
    this.loopLag.record(Math.max(0, nowMs - this.#tickedAtMs - TICK_MS) / 1000);
    this.#tickedAtMs = nowMs;
  }

  #loadLibc(): Libc | undefined {
    const { udpTransport } = this.#settings.options;
    if (udpTransport === "dgram") return undefined;
    const loaded = loadLibc();
    if ("libc" in loaded) {
      loaded.libc.requestShortTimeSlice();
      return loaded.libc;
    }
    const { reason } = loaded;
    this.#useDgram(reason);
    return undefined;
  }

  /** Throws a `SettingsError` where the options require batches. */
  #useDgram(reason: string): void {
    const { options, log } = this.#settings;
    if (options.udpTransport === "batch")
      throw new SettingsError(`udp-transport batch: ${reason}; choose auto or dgram`);
    log.warn({ reason }, "UDP uses node:dgram: about half the throughput of batches");
  }

  async #openUdp(
    libc: Libc,
    address: ListenAddress,
    given: readonly number[],
    listener: number,
  ): Promise<Transport | undefined> {
    const { udpTransport, takeover } = this.#settings.options;
    try {
      return await this.#openBatch(libc, address, given, listener);
    } catch (error) {
      if (!(error instanceof WorkerStartError)) throw error;
      const reason = `a thread does not start: ${error.message}`;
      if (udpTransport !== "batch" && (given.length > 0 || takeover !== undefined)) {
        const advice = "give the process more memory or threads, or leave out --takeover";
        throw new SettingsError(`sockets are passed on only with UDP in batches: ${reason}; ${advice}`);
      }
      this.#useDgram(reason);
      return undefined;
    }
  }

  async #openBatch(libc: Libc, address: ListenAddress, given: readonly number[], listener: number): Promise<Transport> {
    const { options, table, wrapAnswerer, feed, onFault } = this.#settings;
    const workerCount = Math.max(workersOf(options), given.length);
    const counters = Array.from({ length: workerCount }, () => new Counters());
    const handsOverAll = wrapAnswerer !== undefined;
    const recordings = handsOverAll ? [] : counters.map(() => feed.newMemory());
    const settings: UdpBatchSettings = {
      libc,
      workerUrl: new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url),
      workerCount,
      answererData: (worker): ThreadData => {
        const { memory } = counters[worker]!;
        const recording = recordings[worker];
        return {
          table: table.current,
          settings: this.#answerSettings,
          seed: randomSeed(),
          listener,
          counters: memory,
          handsOverAll,
          ...(recording && { recording }),
        };
      },
      replySizeMax: udpReplySizeMax(options),
      answerLate: (query, client) => this.answerer.answerLate(query, client),
      listener,
      onFault,
    };
    const transport = await openUdpBatch(address, settings, given);
    this.#workerCounters[listener]!.push(...counters);
    this.#batches.push(transport);
    // The table may have moved to another buffer while the workers started.
    transport.post(table.current);
    return transport;
  }
}

/** The threads of each address, if UDP comes in batches. */
export function workersOf({ udpTransport, udpWorkers }: Options): number {
  if (udpTransport === "dgram") return 0;
  return udpWorkers ?? Math.min(Math.max(availableParallelism() - 1, 1), UDP_WORKERS_MAX);
}

/** Without upstreams nothing is ever handed over. */
function withoutUpstreams(answerer: QueryAnswerer): LateAnswerer {
  return {
    answer: (...query) => answerer.answer(...query),
    answerLate: () => Promise.resolve(new Uint8Array(0)),
  };
}

function answerSettings({ options, cookies, clock, forward }: DataPlaneSettings): AnswerSettings {
  const { nsid, rrl, serviceCidrs, podCidrs, clusters } = options;
  return {
    ...accessSettings(options),
    ...(forward && { cache: forward.cache, autopath: options.autopath }),
    ...(nsid !== undefined && { nsid: new Uint8Array(Buffer.from(nsid)) }),
    keepalive: TCP_LIMITS.idleMs / 100,
    clock: clock.memory,
    cookies,
    ...(rrl !== undefined && {
      rateLimit: {
        rate: rrl,
        exempt: [...LOOPBACK, ...serviceCidrs, ...podCidrs, ...rangesOf(clusters)],
        memory: newRateMemory([randomSeed(), randomSeed()]),
      },
    }),
  };
}
