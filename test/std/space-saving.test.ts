import fc from "fast-check";
import { expect, test } from "vitest";
import { SpaceSaving } from "../../src/std/space-saving.ts";

type Step = readonly [key: string, weight: number];

/** The true weight of each key. */
function weights(steps: readonly Step[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [key, weight] of steps) sums.set(key, (sums.get(key) ?? 0) + weight);
  return sums;
}

function sketchOf(steps: readonly Step[], capacity: number): SpaceSaving {
  const sketch = new SpaceSaving(capacity);
  for (const [key, weight] of steps) sketch.add(key, weight);
  return sketch;
}

/** Streams with a few frequent keys among many rare ones, mostly of weight 1. */
const key = fc.oneof(
  fc.constantFrom("a", "b", "c"),
  fc.nat(60).map((n) => `rare-${n}`),
);
const weight = fc.oneof(
  { weight: 4, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 64 }) },
);
const stream = fc.array(fc.tuple(key, weight), { maxLength: 400 });
const capacity = fc.integer({ min: 1, max: 20 });

test("holds the guarantees of the paper on any stream", () => {
  fc.assert(
    fc.property(stream, capacity, (steps, counters) => {
      const sketch = sketchOf(steps, counters);
      const top = sketch.top(Infinity);
      const truth = weights(steps);
      const total = steps.reduce((sum, [, each]) => sum + each, 0);
      const bound = total / counters;
      expect(sketch.total).toBe(total);
      expect(top.length).toBe(Math.min(counters, truth.size));
      for (const { key: held, count, error } of top) {
        expect(count).toBeGreaterThanOrEqual(truth.get(held)!);
        expect(count - error).toBeLessThanOrEqual(truth.get(held)!);
        expect(error).toBeLessThanOrEqual(bound);
      }
      // Each key was counted once, for itself or for the key whose counter it took over.
      expect(top.reduce((sum, { count }) => sum + count, 0)).toBe(total);
      const held = new Set(top.map((each) => each.key));
      for (const [each, frequency] of truth) if (frequency > bound) expect(held).toContain(each);
    }),
    { numRuns: 300 },
  );
});

test("is exact while there are no more keys than counters", () => {
  fc.assert(
    fc.property(stream, (steps) => {
      const top = sketchOf(steps, 64).top(Infinity);
      expect(new Map(top.map(({ key: held, count }) => [held, count]))).toEqual(weights(steps));
      expect(top.every(({ error }) => error === 0)).toBe(true);
    }),
  );
});

test("lists the most frequent first, and no more than asked for", () => {
  const sketch = new SpaceSaving(8);
  for (const each of ["b", "a", "b", "c", "c", "c"]) sketch.add(each);
  expect(sketch.top(2)).toEqual([
    { key: "c", count: 3, error: 0 },
    { key: "b", count: 2, error: 0 },
  ]);
});

test("finds frequent names in a flood of random ones, in a few counters", () => {
  const sketch = new SpaceSaving(64);
  for (let i = 0; i < 100_000; i++) sketch.add(i % 20 === 0 ? "web.default.svc.cluster.local." : `random-${i}.`);
  const [first] = sketch.top(1);
  expect(first).toMatchObject({ key: "web.default.svc.cluster.local." });
  expect(first!.count).toBeGreaterThanOrEqual(5_000);
  expect(sketch.top(Infinity)).toHaveLength(64);
});
