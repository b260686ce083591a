import { describe, expect, test } from "vitest";
import { formatTable, median, percentile, spread } from "../../bench/statistics.ts";

describe("one number of many", () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[7], 7],
    [[], Number.NaN],
  ])("the median of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test("percentiles are values that were measured", () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => i + 1);
    expect([0, 0.5, 0.99, 1].map((p) => percentile(values, p))).toEqual([1, 50, 99, 100]);
    expect(percentile(new Float64Array(0), 0.5)).toBeNaN();
  });

  test("the spread leaves outliers out", () => {
    expect(spread([1, 2, 3, 4, 5, 6, 7, 1000])).toBe(2);
  });
});

test("a table has all columns as wide as their widest cell", () => {
  expect(formatTable(["server", "lost"], [["ours", "12,345"]])).toBe(
    ["| server |   lost |", "| ------ | -----: |", "| ours   | 12,345 |", ""].join("\n"),
  );
});
