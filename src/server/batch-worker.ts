// The worker's side of a batched UDP socket: what its thread is given, and the running of its loop. The thread's
// entry, src/planes/worker.ts, adds the answerer; this file knows no zones.
import { receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { Answerer } from "../answer/answerer.ts";
import { BATCH_SIZE, runBatchLoop } from "./batch-loop.ts";
import type { BatchContext } from "./batch-loop.ts";
import { DatagramBatch } from "./datagram-batch.ts";
import { HandOverPack } from "./handed-over.ts";
import { loadLibc } from "./libc.ts";
import { DatagramClient } from "./socket-address.ts";

/** What the main thread starts a worker with. */
export interface BatchWorkerData {
  readonly fd: number;
  readonly hasPacketInfo: boolean;
  readonly replySizeMax: number;
  readonly control: Int32Array;
  /** Messages of the main thread to the worker's answerer come here. */
  readonly posts: MessagePort;
  /** What the worker's answerer is built from; passed through as it is. */
  readonly answererData: unknown;
}

/** What a worker's thread does beside answering. */
export interface BatchWorkerEvents {
  readonly onLatency: BatchContext["onLatency"];
  /** Gets each message for the answerer. */
  onPost(message: unknown): void;
  /** Gets what the answerer leaves to the main thread, for `unpackHandedOver`. */
  onHandOver(packed: Uint8Array): void;
}

/** Runs the loop in this thread until the main thread stops it. */
export function runBatchWorker(data: BatchWorkerData, answerer: Answerer, events: BatchWorkerEvents): void {
  const loaded = loadLibc();
  if (!("libc" in loaded)) throw new Error(loaded.reason);
  // A query is not to wait for the end of somebody's turn, nor others for ours.
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
    client: new DatagramClient(batch.addresses),
    control: data.control,
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
