import { expect, test, vi } from "vitest";
import { within } from "../../src/forward/within.ts";

test("in time, too late, and without a timer left", async () => {
  vi.useFakeTimers();
  try {
    const after = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(() => resolve("told"), ms));
    const both = [within(after(10), 20), within(after(20), 10)];
    await vi.advanceTimersByTimeAsync(20);
    expect(await Promise.all(both)).toEqual(["told", undefined]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
