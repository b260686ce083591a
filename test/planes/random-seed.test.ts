import { expect, test } from "vitest";
import { randomSeed } from "../../src/planes/random-seed.ts";

test("32-bit integers of both signs, and not always the same", () => {
  const seeds = Array.from({ length: 200 }, randomSeed);
  expect(seeds.every((seed) => seed === (seed | 0))).toBe(true);
  expect([seeds.some((seed) => seed < 0), seeds.some((seed) => seed > 0)]).toEqual([true, true]);
  expect(new Set(seeds).size).toBeGreaterThan(190);
});
