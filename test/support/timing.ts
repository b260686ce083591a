// Bounds on elapsed time and CPU time. A quiet machine keeps them, a busy one does not: `npm run test:timing` checks them,
// one file after the other, and `npm test` runs the same steps and checks results and orders only.
import { expect } from "vitest";

/** Ten times the input may cost so many times as much: linear code costs ten times, quadratic code a hundred. */
const GROWTH_MAX = 30;
/** A shorter time is mostly the clock and the collector. */
const MEASURED_MS_MIN = 1;
const RUNS = 3;

/** Whether this is a run of `npm run test:timing`. */
export const isTimed = process.env["TEST_TIMING"] !== undefined;

/** Expects `tookMs` to be below `boundMs`, both milliseconds, in a timed run. */
export function expectMsBelow(tookMs: number, boundMs: number, what?: string): void {
  if (isTimed) expect(tookMs, what).toBeLessThan(boundMs);
}

/** The CPU time of this thread that the fastest of three runs takes, milliseconds. */
export function cpuTimeMs(run: () => void): number {
  const times = Array.from({ length: RUNS }, () => {
    const before = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** Expects the CPU time of `run` to grow with the size that it is given, not with its square; 0 where nothing is timed. */
export function expectLinear(run: (size: number) => void, size: number): number {
  if (!isTimed) return 0;
  const smallMs = Math.max(
    cpuTimeMs(() => run(size / 10)),
    MEASURED_MS_MIN,
  );
  const largeMs = cpuTimeMs(() => run(size));
  expect(largeMs / smallMs, `${smallMs} ms, ten times the input: ${largeMs} ms`).toBeLessThan(GROWTH_MAX);
  return largeMs;
}
