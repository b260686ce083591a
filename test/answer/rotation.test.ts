import { expect, test } from "vitest";
import { Rotation } from "../../src/answer/rotation.ts";

test.each([1, 2, 3, 7, 100, 65_535])("of %i places each is chosen about as often, and no other", (count) => {
  const rotation = new Rotation(7);
  const seen = new Map<number, number>();
  const rounds = 200 * Math.min(count, 100);
  for (let i = 0; i < rounds; i++) {
    const place = rotation.next(count);
    seen.set(place, (seen.get(place) ?? 0) + 1);
  }
  for (const place of seen.keys()) expect(Number.isInteger(place) && place >= 0 && place < count).toBe(true);
  if (count > 100) return;
  expect(seen.size).toBe(count);
  for (const times of seen.values()) expect((times > 120 && times < 300) || count === 1).toBe(true);
});

test("other seeds, other rounds; no seed stands still", () => {
  const round = (seed: number): string => {
    const rotation = new Rotation(seed);
    return Array.from({ length: 32 }, () => rotation.next(100)).join();
  };
  expect(new Set([0, 2, 4, 6].map(round)).size).toBe(4);
  expect(new Set(round(0).split(",")).size).toBeGreaterThan(10);
});
