// Entry point of a batch worker that runs one of the tests' answerers instead of a zone.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import type { Answerer } from "../../../src/answer/answerer.ts";
import { runBatchWorker } from "../../../src/server/batch-worker.ts";
import type { BatchWorkerData } from "../../../src/server/batch-worker.ts";
import { ANSWERERS } from "./answerers.ts";
import type { AnswererName } from "./answerers.ts";

/** What the tests start a worker with. */
export interface AnswererWorkerData {
  readonly name: AnswererName;
  /** All garbage is collected after each so many queries; 0: when V8 likes. */
  readonly collectEvery: number;
  /** Word 0: the last message that was posted, a number. Word 1: how often garbage was collected. */
  readonly seen: Int32Array;
}

const data = workerData as BatchWorkerData & { readonly answererData: AnswererWorkerData };
const { name, collectEvery, seen } = data.answererData;
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

let answered = 0;
const collecting: Answerer = {
  answer(...query) {
    if (++answered % collectEvery === 0) {
      collectGarbage();
      Atomics.add(seen, 1, 1);
    }
    return ANSWERERS[name].answer(...query);
  },
};

runBatchWorker(data, collectEvery === 0 ? ANSWERERS[name] : collecting, {
  onLatency: () => undefined,
  onPost: (message) => void Atomics.store(seen, 0, message as number),
  onHandOver: (packed) => parentPort?.postMessage(packed),
});
