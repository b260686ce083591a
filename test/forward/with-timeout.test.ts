import { expect, test, vi } from "vitest";
import { withTimeout } from "../../src/forward/with-timeout.ts";

test("in time, too late, and without a timer left", async () => {
  vi.useFakeTimers();
  try {
    const after = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(() => resolve("done"), ms));
    const both = [withTimeout(after(10), 20), withTimeout(after(20), 10)];
    await vi.advanceTimersByTimeAsync(20);
    expect(await Promise.all(both)).toEqual(["done", undefined]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
