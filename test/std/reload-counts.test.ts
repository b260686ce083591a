import { expect, test } from "vitest";
import { ReloadCounts } from "../../src/std/reload-counts.ts";

test("counts by result, and keeps the time of the last success", () => {
  const counts = new ReloadCounts();
  expect(counts).toEqual({ succeeded: 0, failed: 0, succeededAtMs: undefined });
  counts.record(true, 1_000);
  counts.record(false, 2_000);
  expect(counts).toEqual({ succeeded: 1, failed: 1, succeededAtMs: 1_000 });
});
