// The data plane, joined: the answerer with what it depends on, the threads that answer UDP in batches, and what all of
// them count. The compiled zone comes from the control plane; sockets are opened by the server's listeners.
import { availableParallelism } from "node:os";
import type { AnswerSettings } from "../answer/answer-settings.ts";
import type { AnswererData } from "../answer/answerer-data.ts";
import { TICK_MS } from "../std/clock.ts";
import type { Clock } from "../std/clock.ts";
import type { LateAnswerer } from "../answer/answerer.ts";
import { Counters, newCounters, sumCounters } from "../answer/counters.ts";
import type { Counts } from "../answer/counters.ts";
import { QueryAnswerer } from "../answer/query-answerer.ts";
import { newRateMemory } from "../answer/rate-limiter.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import { randomSeed } from "./control-plane.ts";
import type { ForwardPlane } from "./forward-plane.ts";
import type { Logger } from "../observe/log.ts";
import { loadLibc } from "../server/libc.ts";
import type { Libc } from "../server/libc.ts";
import { TCP_LIMITS } from "../server/tcp-transport.ts";
import type { Transport } from "../server/transport.ts";
import { openUdpBatch } from "../server/udp-batch.ts";
import type { UdpBatchTransport } from "../server/udp-batch.ts";
import { formatCidr, parseCidr } from "../net/ip.ts";
import { TableReader } from "../table/reader.ts";

/** Workers for each address where nobody says how many. */
const UDP_WORKERS_MAX = 4;
/** Addresses of this machine itself. */
const LOOPBACK = ["127.0.0.0/8", "::1/128"].flatMap((text) => parseCidr(text) ?? []);

/** What a data plane is made with. */
export interface DataPlaneSettings {
  readonly options: Options;
  readonly log: Logger;
  /** Memory of the cookies' secrets. */
  readonly cookies: SharedArrayBuffer;
  /** Updated here. */
  readonly clock: Clock;
  /** The way to other servers; undefined: names that are not ours are refused. */
  readonly forward: ForwardPlane | undefined;
  /** The compiled zone's memory, as it is at this moment. */
  readonly table: () => SharedArrayBuffer;
  /** The search list of the pod at an address. */
  readonly searchesOf: (address: Uint8Array) => readonly string[] | undefined;
  readonly onFault: (fault: Error) => void;
}

export class DataPlane {
  /** For the transports of the main thread. */
  readonly answerer: LateAnswerer;
  /** How UDP is opened; undefined: by node:dgram. */
  readonly openUdp: ((address: ListenAddress) => Promise<Transport>) | undefined;
  readonly #settings: DataPlaneSettings;
  readonly #answerSettings: AnswerSettings;
  readonly #reader: TableReader;
  readonly #clockTimer: NodeJS.Timeout;
  /** One block a thread and transport. */
  readonly #counters = { udp: [] as Counters[], stream: [] as Counters[] };
  readonly #batches: UdpBatchTransport[] = [];
  readonly #libc: Libc | undefined;

  /** Throws a `SettingsError` where batches are asked for and can't be had. */
  constructor(settings: DataPlaneSettings) {
    this.#settings = settings;
    this.#reader = new TableReader(settings.table());
    this.#answerSettings = answerSettings(settings);
    const counters = newCounters();
    this.#counters.udp.push(counters.udp);
    this.#counters.stream.push(counters.stream);
    const answerer = new QueryAnswerer(this.#reader, this.#answerSettings, randomSeed(), counters);
    this.answerer =
      settings.forward?.extend(answerer, settings.options.autopath ? settings.searchesOf : undefined) ??
      withoutOthers(answerer);
    this.#libc = this.#loadLibc();
    const libc = this.#libc;
    this.openUdp = libc && ((address) => this.#openBatch(libc, address));
    this.#updateClock();
    this.#clockTimer = setInterval(() => this.#updateClock(), TICK_MS).unref();
  }

  get counts(): Counts {
    return sumCounters(this.#counters.udp, this.#counters.stream);
  }

  /** The compiled zone has moved to another memory. */
  attach(table: SharedArrayBuffer): void {
    this.#reader.attach(table);
    for (const batch of this.#batches) batch.post(table);
  }

  /** Gives free memory back to the system, where that can be done. */
  trimMemory(): void {
    this.#libc?.trimMemory();
  }

  /** To be called when the transports are closed. */
  close(): void {
    clearInterval(this.#clockTimer);
  }

  #updateClock(): void {
    this.#settings.clock.update(Date.now(), performance.now());
  }

  #loadLibc(): Libc | undefined {
    const { udpTransport } = this.#settings.options;
    if (udpTransport === "dgram") return undefined;
    const loaded = loadLibc();
    if ("libc" in loaded) {
      loaded.libc.takeShortTurns();
      return loaded.libc;
    }
    const { reason } = loaded;
    if (udpTransport === "batch") throw new SettingsError(`udp-transport batch: ${reason}; choose auto or dgram`);
    this.#settings.log.warn({ reason }, "datagrams are taken one by one (node:dgram), at about half the speed");
    return undefined;
  }

  async #openBatch(libc: Libc, address: ListenAddress): Promise<Transport> {
    const { options, table, onFault } = this.#settings;
    const workerCount = options.udpWorkers ?? Math.min(Math.max(availableParallelism() - 1, 1), UDP_WORKERS_MAX);
    const counters = Array.from({ length: workerCount }, () => new Counters());
    const transport = await openUdpBatch(address, {
      libc,
      workerUrl: new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url),
      workerCount,
      answererData: (worker): AnswererData => {
        const { memory } = counters[worker]!;
        return { table: table(), settings: this.#answerSettings, seed: randomSeed(), counters: memory };
      },
      replySize: options.ednsSize,
      answerLate: (query, client) => this.answerer.answerLate(query, client),
      onFault,
    });
    this.#counters.udp.push(...counters);
    this.#batches.push(transport);
    // The table may have moved while the workers started.
    transport.post(table());
    return transport;
  }
}

/** Nothing is ever handed over where nobody can be asked. */
function withoutOthers(answerer: QueryAnswerer): LateAnswerer {
  return {
    answer: (...query) => answerer.answer(...query),
    answerLate: () => Promise.resolve(new Uint8Array(0)),
  };
}

function answerSettings({ options, cookies, clock, forward }: DataPlaneSettings): AnswerSettings {
  const { allow, allowRecursion, nsid, rrl, serviceCidrs, podCidrs } = options;
  const isForAll = ["0.0.0.0/0", "::/0"].every((any) => allow.some((each) => formatCidr(each) === any));
  return {
    ednsSize: options.ednsSize,
    recursion: forward !== undefined,
    ...(forward && { cache: forward.cache, autopath: options.autopath }),
    // Not even looked at where it excludes nobody.
    ...(isForAll ? {} : { allow }),
    allowRecursion,
    ...(nsid !== undefined && { nsid: new Uint8Array(Buffer.from(nsid)) }),
    keepalive: TCP_LIMITS.idleMs / 100,
    clock: clock.memory,
    cookies,
    ...(rrl !== undefined && {
      rateLimit: {
        rate: rrl,
        exempt: [...LOOPBACK, ...serviceCidrs, ...podCidrs],
        memory: newRateMemory([randomSeed(), randomSeed()]),
      },
    }),
  };
}
