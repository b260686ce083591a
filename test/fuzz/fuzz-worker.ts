// The thread that one target is fuzzed in: it can be ended when an input holds it up for ever. Reports to the thread
// that started it (fuzz-thread.ts), and touches no files.
import { parentPort, workerData } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import { RUNNING } from "./fuzz-thread.ts";
import type { FuzzReport, FuzzWorkerData } from "./fuzz-thread.ts";
import { Fuzzer } from "./fuzzer.ts";
import type { Target } from "./target.ts";

const REPORT_MS = 10_000;

const data = workerData as FuzzWorkerData;
const coverage = new Coverage(data.watched);
// After the coverage's start: what is loaded before it is not counted.
const { target } = (await import(data.targetUrl)) as { readonly target: Target };
const words = new Int32Array(data.running, 0, 2);
const bytes = new Uint8Array(data.running, RUNNING.BYTES);
const fuzzer = new Fuzzer(target, coverage, data.seed, (input) => {
  bytes.set(input);
  words[RUNNING.SIZE] = input.length;
  Atomics.add(words, RUNNING.RUNS, 1);
});

function report(isDone: boolean): void {
  const { runs, poolSize, faults, reached } = fuzzer;
  const corpus = isDone ? fuzzer.minimal() : [];
  parentPort?.postMessage({ isDone, runs, poolSize, faults, reached, corpus } satisfies FuzzReport);
}

const endsAtMs = performance.now() + data.ms;
let reportAtMs = performance.now() + REPORT_MS;
fuzzer.begin([...target.seeds, ...data.corpus]);
while (performance.now() < endsAtMs && !(data.untilFault && fuzzer.faults.length > 0)) {
  fuzzer.turn();
  if (performance.now() < reportAtMs) continue;
  reportAtMs = performance.now() + REPORT_MS;
  report(false);
}
report(true);
coverage.stop();
