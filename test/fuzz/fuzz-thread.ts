// Fuzzes one target in a thread of its own and watches it: an input that takes too long is a fault, and ends the run.
// The input that is running stands in memory that both threads share.
import { Worker } from "node:worker_threads";
import type { Reached } from "./coverage.ts";
import type { Fault } from "./fuzzer.ts";

/** What a run takes. */
export interface FuzzSettings {
  /** The module that exports the target as `target`, a file: URL. */
  readonly targetUrl: string;
  /** Scripts whose URL begins with it are to be reached. */
  readonly watched: string;
  readonly corpus: readonly Uint8Array[];
  readonly ms: number;
  /** An input that takes longer is a fault. */
  readonly hangMs: number;
  readonly seed: number;
  /** Stops at the first fault. */
  readonly untilFault: boolean;
}

/** What the thread is started with. */
export interface FuzzWorkerData extends FuzzSettings {
  /** Words as in `RUNNING`, then the bytes of the running input. */
  readonly running: SharedArrayBuffer;
}

/** Posted now and then, and once more with `isDone` at the end. */
export interface FuzzReport {
  readonly isDone: boolean;
  readonly runs: number;
  readonly poolSize: number;
  readonly faults: readonly Fault[];
  readonly reached: Reached;
  /** With `isDone`: the inputs worth keeping. */
  readonly corpus: readonly Uint8Array[];
}

/** Words of the shared memory, and where its bytes begin. */
export const RUNNING = { RUNS: 0, SIZE: 1, BYTES: 8 } as const;
/** Larger than any target's inputs. */
const INPUT_SIZE_MAX = 1 << 20;
const WATCH_MS = 100;
const NOTHING: FuzzReport = { isDone: true, runs: 0, poolSize: 0, faults: [], reached: new Map(), corpus: [] };

/** Fuzzes; resolves with the last report, and rejects on a fault of the runner's own. */
export function fuzz(settings: FuzzSettings, onReport: (report: FuzzReport) => void): Promise<FuzzReport> {
  const running = new SharedArrayBuffer(RUNNING.BYTES + INPUT_SIZE_MAX);
  const workerData: FuzzWorkerData = { ...settings, running };
  const worker = new Worker(new URL("fuzz-worker.ts", import.meta.url), { workerData });
  const words = new Int32Array(running, 0, 2);
  let last = NOTHING;
  return new Promise((resolve, reject) => {
    let runs = -1;
    let sinceMs = performance.now();
    const watch = setInterval(() => {
      const now = Atomics.load(words, RUNNING.RUNS);
      if (now !== runs) sinceMs = performance.now();
      runs = now;
      if (runs === 0 || performance.now() - sinceMs < settings.hangMs) return;
      const input = new Uint8Array(running).slice(RUNNING.BYTES, RUNNING.BYTES + words[RUNNING.SIZE]!);
      const message = `it took more than ${settings.hangMs / 1000} s`;
      end({ ...last, runs, isDone: true, faults: [...last.faults, { input, message, stack: "" }] });
    }, WATCH_MS);
    const end = (report: FuzzReport): void => {
      clearInterval(watch);
      void worker.terminate().then(() => resolve(report));
    };
    worker.on("message", (report: FuzzReport) => {
      last = report;
      if (report.isDone) end(report);
      else onReport(report);
    });
    worker.on("error", (error) => {
      clearInterval(watch);
      reject(error as Error);
    });
  });
}
