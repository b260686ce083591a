// The worker thread's side of a batched UDP socket: the data it starts with, and its loop.
// Knows no zones: the thread's entry point, src/planes/worker.ts, brings the answerer.
import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { Answerer } from "../answer/answerer.ts";
import { BATCH_SIZE, runBatchLoop } from "./batch-loop.ts";
import type { BatchContext } from "./batch-loop.ts";
import { DatagramBatch } from "./datagram-batch.ts";
import { HandOverPack } from "./handed-over.ts";
import { loadLibc } from "./libc.ts";
import { DatagramClient } from "./socket-address.ts";

/** What the main thread starts a worker with: the `workerData` of its thread. */
export interface BatchWorkerData {
  readonly fd: number;
  readonly hasPacketInfo: boolean;
  readonly replySizeMax: number;
  readonly control: Int32Array;
  /** The number of the listener, which the clients carry. */
  readonly listener: number;
  /** Receives the main thread's messages for the answerer. */
  readonly posts: MessagePort;
  /** What the thread's entry point builds its answerer from. */
  readonly answererData: unknown;
}

/** What a worker's thread says to the main thread when it answers queries; all other messages are its entry point's. */
export const STARTED = "started";

/** Callbacks of a worker's loop, run in the worker's thread. */
export interface BatchWorkerEvents {
  readonly onLatency: BatchContext["onLatency"];
  /** Gets each message that the main thread posted. */
  onPost(message: unknown): void;
  /** Gets the queries that the answerer handed over, packed for `unpackHandedOver`. */
  onHandOver(packed: Uint8Array): void;
}

/** Runs the loop in this thread until the main thread stops it; throws as `runBatchLoop` does, and without libc. */
export function runBatchWorker(data: BatchWorkerData, answerer: Answerer, events: BatchWorkerEvents): void {
  const loaded = loadLibc();
  if (!("libc" in loaded)) throw new Error(loaded.reason);
  // A query must not wait for another thread's time slice to end, nor other threads for this one's.
  loaded.libc.requestShortTimeSlice();
  const batch = new DatagramBatch(loaded.libc, BATCH_SIZE, data.replySizeMax, data.hasPacketInfo);
  const handedOver = new HandOverPack();
  const takePosts = (): void => {
    for (let post; (post = receiveMessageOnPort(data.posts)) !== undefined;) events.onPost(post.message);
  };
  runBatchLoop({
    libc: loaded.libc,
    fd: data.fd,
    batch,
    answerer,
    client: new DatagramClient(batch.addresses, data.listener),
    control: data.control,
    onStarted: () => parentPort?.postMessage(STARTED),
    onLatency: events.onLatency,
    onPosted: takePosts,
    handOver: (i, size) => {
      const start = i * batch.queryStride;
      handedOver.add({ query: batch.queries.subarray(start, start + size), ...batch.copyAddress(i) });
    },
    onAnswered: () => {
      if (!handedOver.isEmpty) events.onHandOver(handedOver.take());
    },
  });
}
