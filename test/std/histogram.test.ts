import fc from "fast-check";
import { expect, test } from "vitest";
import { exponentialBounds, Histogram } from "../../src/std/histogram.ts";

test("a value at a bound belongs to its class, one beyond all bounds to the last", () => {
  const histogram = new Histogram([1, 2, 4]);
  for (const value of [0, 1, 1.5, 2, 3, 4, 4.1, 1e9]) histogram.record(value);
  expect(histogram.copy().counts).toEqual([2, 2, 2, 2]);
});

test("law: classes hold each value once, and the sum is that of the values", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.nat(9))), (records) => {
      const bounds = [10, 100, 1000];
      const histogram = new Histogram(bounds);
      for (const [value, times] of records) histogram.record(value, times);
      const { counts, sum } = histogram.copy();
      const values = records.flatMap(([value, times]) => Array<number>(times).fill(value));
      expect(sum).toBe(values.reduce((total, value) => total + value, 0));
      let below = 0;
      [...bounds, Number.POSITIVE_INFINITY].forEach((bound, i) => {
        below += counts[i]!;
        expect(below).toBe(values.filter((value) => value <= bound).length);
      });
    }),
  );
});

test("numbers in shared memory are those of both sides; a copy does not change", () => {
  const values = new Float64Array(new SharedArrayBuffer(Histogram.sizeOf([5]) * 8));
  const [writer, reader] = [new Histogram([5], values), new Histogram([5], values)];
  writer.record(3);
  const copy = reader.copy();
  writer.record(7, 2);
  expect([copy, reader.copy()]).toEqual([
    { bounds: [5], counts: [1, 0], sum: 3 },
    { bounds: [5], counts: [1, 2], sum: 17 },
  ]);
});

test("exponential bounds", () => {
  expect(exponentialBounds(0.5, 2, 4)).toEqual([0.5, 1, 2, 4]);
});
