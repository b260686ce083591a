// As src/planes/worker.ts, but nothing is counted: the other side of the comparison that tells what counting costs.
import { parentPort, workerData } from "node:worker_threads";
import { Counters } from "../src/answer/counters.ts";
import type { AnswererData } from "../src/answer/answerer-data.ts";
import { QueryAnswerer } from "../src/answer/query-answerer.ts";
import { runBatchWorker } from "../src/server/batch-worker.ts";
import type { BatchWorkerData } from "../src/server/batch-worker.ts";
import { TableReader } from "../src/table/reader.ts";

class NoCounters extends Counters {
  override count(): void {}
  override countTruncated(): void {}
  override countDnssecOk(): void {}
  override countLatency(): void {}
}

const data = workerData as BatchWorkerData & { readonly answererData: AnswererData };
const { table, settings, seed } = data.answererData;
const counters = new NoCounters();
const reader = new TableReader(table);
const answerer = new QueryAnswerer(reader, settings, seed, [{ udp: counters, stream: counters }]);

runBatchWorker(data, answerer, {
  onLatency: () => {},
  onPost: (message) => reader.attach(message as SharedArrayBuffer),
  onHandOver: (packed) => parentPort?.postMessage(packed),
});
