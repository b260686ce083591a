// Composition root and entry point of a data plane thread: builds the answerer on the shared compiled zone and runs the
// batch loop with it. Nothing imports it.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { buildAnswerer } from "../answer/answerer-data.ts";
import type { AnswererData } from "../answer/answerer-data.ts";
import { runBatchWorker } from "../server/batch-worker.ts";
import type { BatchWorkerData } from "../server/batch-worker.ts";

const data = workerData as BatchWorkerData & { readonly answererData: AnswererData };
const { answerer, reader, counters } = buildAnswerer(data.answererData);

// The loop allocates nothing, so V8 would never collect the reference to an old table buffer.
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
