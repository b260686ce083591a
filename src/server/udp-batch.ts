// UDP in batches of system calls: several sockets share an address, and each has a worker thread. This file runs in the
// main thread: it opens the sockets, starts and replaces the workers, and answers the queries that they hand over.
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { LateAnswerer } from "../answer/answerer.ts";
import { CONTROL } from "./batch-loop.ts";
import { STARTED } from "./batch-worker.ts";
import type { BatchWorkerData } from "./batch-worker.ts";
import { unpackHandedOver } from "./handed-over.ts";
import type { HandedOver } from "./handed-over.ts";
import type { Libc } from "./libc.ts";
import { LateSender } from "./late-sender.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { DatagramClient } from "./socket-address.ts";
import { asError } from "./transport.ts";
import type { Transport, TransportCounts, TransportSettings } from "./transport.ts";
import { LINUX } from "./libc.ts";
import { checkCall } from "./system-error.ts";
import { adoptBatchSocket, openBatchSocket } from "./udp-batch-socket.ts";
import type { BatchSocket } from "./udp-batch-socket.ts";

/** A worker's thread could not start; `message` says why. */
export class WorkerStartError extends Error {}

/** Settings of a batched transport. */
export interface UdpBatchSettings extends TransportSettings {
  readonly libc: Libc;
  /** The entry point of a worker's thread. */
  readonly workerUrl: URL;
  readonly workerCount: number;
  /** The current data for building the answerer of worker number `worker`; called at each start of its thread. */
  readonly answererData: (worker: number) => unknown;
  /** Bytes. */
  readonly replySizeMax: number;
  /** How long a thread may take until it answers, milliseconds. */
  readonly startMsMax?: number;
  /** Answers the queries that workers hand over. */
  readonly answerLate: LateAnswerer["answerLate"];
}

/** A transport whose workers can be sent messages, for example a new table buffer. */
export interface UdpBatchTransport extends Transport {
  /** Sends `message` to each worker, which gets it before it answers its next batch. */
  post(message: unknown): void;
  readonly workers: readonly BatchWorker[];
}

/** The delay before a broken worker is replaced; it doubles with each break up to the maximum. */
const RESTART_DELAY_MS_MIN = 10;
const RESTART_DELAY_MS_MAX = 500;
/** A worker that ran this long counts as healthy: its replacement starts after the shortest delay. */
const SOUND_AFTER_MS = 10_000;
/** Loading a thread's code takes some tenths of a second; a machine may be busy. */
const START_MS_MAX = 60_000;
/** A worker allocates next to nothing, so its heap can be small. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32, stackSizeMb: 1 } as const;

/**
 * Opens `workerCount` sockets at `address`, whose port is not 0, or takes over those that are `given`: each must have a
 * worker, or queries would wait in it. Resolves when all workers answer. Rejects with a `ListenError`, or with a
 * `WorkerStartError` if a thread does not start, and leaves none open.
 */
export async function openUdpBatch(
  address: ListenAddress,
  settings: UdpBatchSettings,
  given: readonly number[] = [],
): Promise<UdpBatchTransport> {
  const { libc, workerCount } = settings;
  const sockets: BatchSocket[] = [];
  try {
    for (const fd of given) sockets.push(adoptBatchSocket(libc, fd, address));
    for (let i = given.length; i < workerCount; i++) {
      const of = given[i % given.length];
      if (of === undefined) sockets.push(openBatchSocket(libc, address));
      else sockets.push(adoptBatchSocket(libc, duplicate(libc, of), address));
    }
  } catch (error) {
    for (const { fd } of sockets) libc.close(fd);
    throw new ListenError(address, "UDP", error);
  }
  const at = formatListenAddress(address);
  const workers = sockets.map((socket, index) => new BatchWorker(socket, `udp ${at} #${index}`, index, settings));
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()));
  };
  try {
    await Promise.all(workers.map((worker) => worker.started));
  } catch (error) {
    await closeAll();
    throw new WorkerStartError(asError(error).message);
  }
  return {
    address,
    workers,
    get counts() {
      return sumCounts(workers);
    },
    descriptors: sockets.map(({ fd }) => fd),
    handOver: async () => void (await Promise.all(workers.map((worker) => worker.rest()))),
    post: (message) => workers.forEach((worker) => worker.post(message)),
    close: () => (closing ??= closeAll()),
  };
}

/** Another descriptor of a socket that fewer processes read before: each worker closes its own. */
function duplicate(libc: Libc, fd: number): number {
  return checkCall(libc, "fcntl", libc.fcntl(fd, LINUX.F_DUPFD_CLOEXEC, 0));
}

/** Counts of 32 bits start again at 0, as after a restart; who takes rates from them expects that. */
function sumCounts(workers: readonly BatchWorker[]): TransportCounts {
  const sum = (word: number): number =>
    workers.reduce((total, { control }) => total + (Atomics.load(control, word) >>> 0), 0);
  return {
    received: sum(CONTROL.RECEIVED),
    dropped: sum(CONTROL.DROPPED),
    queueFull: sum(CONTROL.QUEUE_FULL),
    sendErrors: sum(CONTROL.SEND_ERRORS),
    batches: sum(CONTROL.BATCHES),
    workers: workers.filter(({ isRunning }) => isRunning).length,
    restarts: workers.reduce((total, { restarts }) => total + restarts, 0),
  };
}

/** A socket and its thread. The successor of a broken thread takes over the socket and the queries waiting in it. */
export class BatchWorker {
  /** Shared with the thread; `CONTROL` has its layout. */
  readonly control = new Int32Array(new SharedArrayBuffer(CONTROL.WORDS * 4));
  /** Whether its thread runs. */
  isRunning = false;
  /** Threads that have failed and been replaced. */
  restarts = 0;
  /** Resolves when the thread answers; rejects when it has ended before, or takes too long. Later ones are replaced. */
  readonly started: Promise<void>;
  /** For people. */
  readonly name: string;
  readonly #socket: BatchSocket;
  readonly #index: number;
  readonly #settings: UdpBatchSettings;
  readonly #sender: LateSender;
  #posts: MessagePort | undefined;
  #exited: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #restartDelayMs = RESTART_DELAY_MS_MIN;
  #hasStarted = false;
  #isClosed = false;
  #beats = 0;
  #secondsStill = 0;

  constructor(socket: BatchSocket, name: string, index: number, settings: UdpBatchSettings) {
    this.name = name;
    this.#socket = socket;
    this.#index = index;
    this.#settings = settings;
    this.#sender = new LateSender(settings.libc, socket.fd);
    this.started = this.#start();
    // Awaited once all workers have been made.
    this.started.catch(() => undefined);
  }

  /** For how long the thread has not come round its loop, by the calls of `watch`. */
  get secondsStill(): number {
    return this.#secondsStill;
  }

  /** Looks whether the thread moves. Call it once a second: time in which this process stands still does not count. */
  watch(): void {
    const beats = this.control[CONTROL.BEATS]!;
    this.#secondsStill = beats === this.#beats ? this.#secondsStill + 1 : 0;
    this.#beats = beats;
  }

  post(message: unknown): void {
    this.#posts?.postMessage(message);
    Atomics.add(this.control, CONTROL.POSTED, 1);
  }

  /** Has the thread answer what has arrived, and ends it. Late answers still leave by the socket. */
  async rest(): Promise<void> {
    clearTimeout(this.#restart);
    Atomics.store(this.control, CONTROL.STOP, 1);
    await this.#exited;
  }

  /** As `rest`, and closes the socket. */
  async stop(): Promise<void> {
    await this.rest();
    // The last queries handed over are still on their way to this thread.
    await new Promise((resolve) => setImmediate(resolve));
    this.#isClosed = true;
    this.#settings.libc.close(this.#socket.fd);
  }

  /** Resolves when the thread answers; rejects when it has ended before. */
  #start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { port1, port2 } = new MessageChannel();
    this.#posts = port1;
    port1.unref();
    const startedAtMs = performance.now();
    let fault = new Error("the thread ended");
    const end = (): void => {
      this.isRunning = false;
      port1.close();
      reject(fault);
      // The first thread's end is for whoever started it.
      if (this.#hasStarted && Atomics.load(this.control, CONTROL.STOP) === 0)
        this.#replace(performance.now() - startedAtMs);
    };
    const onError = (error: unknown): void => {
      fault = asError(error);
      if (this.#hasStarted) this.#settings.onFault(fault);
    };
    let worker: Worker;
    try {
      worker = this.#newWorker(port2);
    } catch (error) {
      onError(error);
      end();
      return promise;
    }
    worker.on("message", (message: Uint8Array | typeof STARTED) => {
      if (message === STARTED) {
        this.#hasStarted = true;
        this.isRunning = true;
        resolve();
      } else for (const handed of unpackHandedOver(message)) void this.#answer(handed);
    });
    worker.on("error", onError);
    this.#exited = new Promise((done) => {
      worker.on("exit", () => {
        end();
        done();
      });
    });
    this.#endLate(worker, promise);
    return promise;
  }

  /** Ends a thread that hangs before it answers. */
  #endLate(worker: Worker, started: Promise<void>): void {
    const { startMsMax = START_MS_MAX } = this.#settings;
    const timer = setTimeout(() => void worker.terminate(), startMsMax);
    void started.catch(() => undefined).then(() => clearTimeout(timer));
  }

  #newWorker(posts: MessagePort): Worker {
    const data: BatchWorkerData = {
      fd: this.#socket.fd,
      hasPacketInfo: this.#socket.hasPacketInfo,
      replySizeMax: this.#settings.replySizeMax,
      control: this.control,
      listener: this.#settings.listener ?? 0,
      posts,
      answererData: this.#settings.answererData(this.#index),
    };
    return new Worker(this.#settings.workerUrl, {
      workerData: data,
      transferList: [posts],
      resourceLimits: WORKER_LIMITS,
      name: "udp",
    });
  }

  #replace(ranMs: number): void {
    // The dead thread's messages are lost, and with them the queries counted here.
    Atomics.store(this.control, CONTROL.HANDED_OVER, 0);
    this.restarts++;
    if (ranMs > SOUND_AFTER_MS) this.#restartDelayMs = RESTART_DELAY_MS_MIN;
    // Its end is reported, and leads here again.
    this.#restart = setTimeout(() => void this.#start().catch(() => undefined), this.#restartDelayMs);
    this.#restartDelayMs = Math.min(this.#restartDelayMs * 2, RESTART_DELAY_MS_MAX);
  }

  async #answer({ query, address, packetInfo }: HandedOver): Promise<void> {
    Atomics.sub(this.control, CONTROL.HANDED_OVER, 1);
    try {
      const reply = await this.#settings.answerLate(query, new DatagramClient(address, this.#settings.listener));
      // After a close, the descriptor's number may belong to another file.
      if (reply.length === 0 || this.#isClosed) return;
      if (!this.#sender.send(reply, address, packetInfo)) Atomics.add(this.control, CONTROL.SEND_ERRORS, 1);
    } catch (error) {
      this.#settings.onFault(asError(error));
    }
  }
}
