// Composition root of a data plane thread: builds the answerer on the shared compiled zones and runs the batch loop.
// Entry point of the thread; no file imports it.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { buildAnswerer } from "../answer/answerer-data.ts";
import type { AnswererData } from "../answer/answerer-data.ts";
import { runBatchWorker } from "../server/batch-worker.ts";
import type { BatchWorkerData } from "../server/batch-worker.ts";

const data = workerData as BatchWorkerData & { readonly answererData: AnswererData };
const { answerer, reader, counters } = buildAnswerer(data.answererData);

// This thread allocates nothing while it answers, so no garbage collection would ever free its old tables.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

runBatchWorker(data, answerer, {
  onLatency: (us, replies) => counters.countLatency(us, replies),
  onPost: (message) => {
    reader.attach(message as SharedArrayBuffer);
    collectGarbage();
  },
  onHandOver: (packed) => parentPort?.postMessage(packed, [packed.buffer as ArrayBuffer]),
});
