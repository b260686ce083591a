// UDP by batches of system calls: a socket and a worker thread each, as many as there are to be for one address. This
// side, in the main thread, opens the sockets, starts and replaces the workers, and answers what they hand over.
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { LateAnswerer } from "../answer/answerer.ts";
import { CONTROL } from "./batch-loop.ts";
import type { BatchWorkerData } from "./batch-worker.ts";
import { unpackHandedOver } from "./handed-over.ts";
import type { HandedOver } from "./handed-over.ts";
import type { Libc } from "./libc.ts";
import { LateSender } from "./late-sender.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { ListenError } from "./listen-error.ts";
import { DatagramClient } from "./socket-address.ts";
import { asError } from "./transport.ts";
import type { Transport, TransportEvents } from "./transport.ts";
import { openBatchSocket } from "./udp-batch-socket.ts";
import type { BatchSocket } from "./udp-batch-socket.ts";

/** What a batched transport is opened with. */
export interface UdpBatchSettings extends TransportEvents {
  readonly libc: Libc;
  /** The worker's entry file. */
  readonly workerUrl: URL;
  readonly workerCount: number;
  /** What the answerer of that worker is built from, at this moment. */
  readonly answererData: (worker: number) => unknown;
  /** Largest reply, bytes. */
  readonly replySizeMax: number;
  /** Answers what a worker handed over, as `LateAnswerer.answerLate`. */
  readonly answerLate: LateAnswerer["answerLate"];
}

/** A transport whose workers can be told something, as that their table moved. */
export interface UdpBatchTransport extends Transport {
  /** Each worker gets `message` before it answers another batch. */
  post(message: unknown): void;
  readonly workers: readonly BatchWorker[];
}

/** How long after a worker broke the next one starts, milliseconds: doubled each time. */
const RESTART_DELAY_MS_MIN = 10;
const RESTART_DELAY_MS_MAX = 500;
/** Having run so long, a worker counts as sound. */
const SOUND_AFTER_MS = 10_000;
/** V8's young generation, megabytes: a worker allocates next to nothing. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32, stackSizeMb: 1 } as const;

/** Opens `workerCount` sockets at `address`, whose port is not 0; rejects with a `ListenError`, all or nothing. */
export async function openUdpBatch(address: ListenAddress, settings: UdpBatchSettings): Promise<UdpBatchTransport> {
  const sockets: BatchSocket[] = [];
  try {
    for (let i = 0; i < settings.workerCount; i++) sockets.push(openBatchSocket(settings.libc, address));
  } catch (error) {
    for (const { fd } of sockets) settings.libc.close(fd);
    throw new ListenError(address, "UDP", error);
  }
  const workers = sockets.map((socket, index) => new BatchWorker(socket, index, settings));
  await Promise.all(workers.map((worker) => worker.started));
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()));
  };
  return {
    address,
    workers,
    post: (message) => workers.forEach((worker) => worker.post(message)),
    close: () => (closing ??= closeAll()),
  };
}

/** One socket and the thread that reads it; a broken thread's successor takes over the socket and what waits in it. */
export class BatchWorker {
  /** Shared with the thread: see `CONTROL`. */
  readonly control = new Int32Array(new SharedArrayBuffer(CONTROL.WORDS * 4));
  /** Resolves when the thread runs. */
  readonly started: Promise<void>;
  readonly #socket: BatchSocket;
  readonly #index: number;
  readonly #settings: UdpBatchSettings;
  readonly #sender: LateSender;
  #posts: MessagePort | undefined;
  #exited: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #restartDelayMs = RESTART_DELAY_MS_MIN;
  #isClosed = false;

  constructor(socket: BatchSocket, index: number, settings: UdpBatchSettings) {
    this.#socket = socket;
    this.#index = index;
    this.#settings = settings;
    this.#sender = new LateSender(settings.libc, socket.fd);
    this.started = this.#start();
  }

  post(message: unknown): void {
    this.#posts?.postMessage(message);
    Atomics.add(this.control, CONTROL.POSTED, 1);
  }

  /** Has what has arrived answered, ends the thread and frees the socket. */
  async stop(): Promise<void> {
    clearTimeout(this.#restart);
    Atomics.store(this.control, CONTROL.STOP, 1);
    await this.#exited;
    // What was handed over last is still on its way to this thread.
    await new Promise((resolve) => setImmediate(resolve));
    this.#isClosed = true;
    this.#settings.libc.close(this.#socket.fd);
  }

  #start(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    this.#posts = port1;
    port1.unref();
    const data: BatchWorkerData = {
      fd: this.#socket.fd,
      hasPacketInfo: this.#socket.hasPacketInfo,
      replySizeMax: this.#settings.replySizeMax,
      control: this.control,
      posts: port2,
      answererData: this.#settings.answererData(this.#index),
    };
    const worker = new Worker(this.#settings.workerUrl, {
      workerData: data,
      transferList: [port2],
      resourceLimits: WORKER_LIMITS,
      name: "udp",
    });
    const startedAtMs = performance.now();
    worker.on("message", (packed: Uint8Array) => {
      for (const handed of unpackHandedOver(packed)) void this.#answer(handed);
    });
    worker.on("error", (error) => this.#settings.onFault(asError(error)));
    this.#exited = new Promise((resolve) => {
      worker.on("exit", () => {
        port1.close();
        if (Atomics.load(this.control, CONTROL.STOP) === 0) this.#replace(performance.now() - startedAtMs);
        resolve();
      });
    });
    return new Promise((resolve) => {
      worker.once("online", () => resolve());
      void this.#exited.then(resolve);
    });
  }

  #replace(ranMs: number): void {
    // Counted for the thread that is gone: nobody will take these.
    Atomics.store(this.control, CONTROL.HANDED_OVER, 0);
    if (ranMs > SOUND_AFTER_MS) this.#restartDelayMs = RESTART_DELAY_MS_MIN;
    this.#restart = setTimeout(() => void this.#start(), this.#restartDelayMs);
    this.#restartDelayMs = Math.min(this.#restartDelayMs * 2, RESTART_DELAY_MS_MAX);
  }

  async #answer({ query, address, packetInfo }: HandedOver): Promise<void> {
    Atomics.sub(this.control, CONTROL.HANDED_OVER, 1);
    try {
      const reply = await this.#settings.answerLate(query, new DatagramClient(address));
      // The descriptor of a closed socket may be another's by now.
      if (reply.length === 0 || this.#isClosed) return;
      if (!this.#sender.send(reply, address, packetInfo)) Atomics.add(this.control, CONTROL.SEND_ERRORS, 1);
    } catch (error) {
      this.#settings.onFault(asError(error));
    }
  }
}
