import { expect, test } from "vitest";
import { Repetitions } from "../../src/observe/repetitions.ts";

test("the first at once, then the number once an interval, for each kind apart", () => {
  const repetitions = new Repetitions(1_000);
  expect([repetitions.count("a", 0), repetitions.count("b", 0), repetitions.count("a", 10)]).toEqual([1, 1, 0]);
  expect([repetitions.count("a", 999), repetitions.count("a", 1_000), repetitions.count("b", 1_000)]).toEqual([
    0, 3, 1,
  ]);
});

test("beyond its bound, kinds count as one", () => {
  const repetitions = new Repetitions(1_000);
  const told = Array.from({ length: 1_000 }, (_, i) => repetitions.count(`kind ${i}`, 0)).filter((count) => count > 0);
  expect(told.length).toBeLessThan(70);
  expect(repetitions.count("kind 0", 1_000)).toBe(1);
  expect(repetitions.count("kind 999", 1_000)).toBeGreaterThan(900);
});
