// Composition root of a data plane thread: builds the answerer on the shared compiled zones, and runs the batch loop.
// Entry point of the thread; no file imports it.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { buildAnswerer } from "../answer/answerer-data.ts";
import { RecordingAnswerer } from "../query-log/recording-answerer.ts";
import { runBatchWorker } from "../server/batch-worker.ts";
import type { BatchWorkerData } from "../server/batch-worker.ts";
import type { ThreadData } from "./data-plane.ts";

const data = workerData as BatchWorkerData & { readonly answererData: ThreadData };
const { recording, seed } = data.answererData;
const { answerer: own, reader, counters } = buildAnswerer(data.answererData);
const answerer = recording === undefined ? own : new RecordingAnswerer(own, recording, seed);

// This thread allocates nothing while it answers, so no garbage collection would ever free its old tables.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

runBatchWorker(data, answerer, {
  onLatency: (seconds, replies) => counters.countLatency(seconds, replies),
  onPost: (message) => {
    reader.attach(message as SharedArrayBuffer);
    collectGarbage();
  },
  onHandOver: (packed) => parentPort?.postMessage(packed, [packed.buffer as ArrayBuffer]),
});
