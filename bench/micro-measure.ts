// Times one small operation and counts what it allocates: for the micro benches, all in one thread.
// Needs `node --expose-gc`: garbage made before must not be collected while it is counted.
import { median } from "./statistics.ts";

/** One line of a micro bench. */
export interface MicroRow {
  readonly name: string;
  /** Nanoseconds an operation, the median of the runs. */
  readonly ns: number;
  /** Bytes of the JavaScript heap an operation; NaN when not counted. */
  readonly bytes: number;
}

const RUNS = 7;
/** Of each run, milliseconds. */
const RUN_MS = 60;
/** Operations while allocation is counted. */
const COUNTED = 200_000;

/**
 * Measures `operation`, which gets the numbers 0, 1, 2, …; what it returns is kept, so that it can't be left out.
 * An operation that allocates gets a small `counted`: nothing may be collected before it has run so many times.
 */
export function measureMicro(name: string, operation: (i: number) => number, counted = COUNTED): MicroRow {
  let kept = 0;
  let next = 0;
  const runFor = (ms: number): number => {
    const startedAtMs = performance.now();
    let count = 0;
    let tookMs = 0;
    while (tookMs < ms) {
      for (let i = 0; i < 256; i++) kept ^= operation(next++);
      count += 256;
      tookMs = performance.now() - startedAtMs;
    }
    return (tookMs * 1e6) / count;
  };
  for (let warm = 0; warm < 3; warm++) runFor(RUN_MS);
  const ns = median(Array.from({ length: RUNS }, () => runFor(RUN_MS)));
  const bytes = countBytes(() => {
    for (let i = 0; i < counted; i++) kept ^= operation(next++);
  });
  // Never true, and the engine can't know.
  if (kept === 0.5) throw new Error("unreachable");
  return { name, ns, bytes: bytes / counted };
}

/** Measures one long operation, run a few times after `prepare`, which is not timed. */
export function measureLong<T>(name: string, prepare: () => T, operation: (prepared: T) => void): MicroRow {
  const times = Array.from({ length: 3 }, () => {
    const prepared = prepare();
    collectGarbage();
    const startedAtMs = performance.now();
    operation(prepared);
    return (performance.now() - startedAtMs) * 1e6;
  });
  return { name, ns: median(times), bytes: Number.NaN };
}

function countBytes(run: () => void): number {
  // The least of a few: now and then the engine allocates on its own account, for optimized code and the like.
  const counts = Array.from({ length: 3 }, () => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    run();
    return process.memoryUsage().heapUsed - before;
  });
  return Math.max(0, Math.min(...counts));
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error("run with node --expose-gc");
  globalThis.gc();
}
