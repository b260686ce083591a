// The ring against a naive model: a list of what lives, oldest first.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AssertionError } from "../../src/std/assert.ts";
import { CacheRing } from "../../src/cache/cache-ring.ts";

interface Living {
  readonly place: number;
  readonly size: number;
}

/** Takes places of these sizes; checks after each that nothing overlaps, and that the oldest went first. */
function takeAll(start: number, end: number, sizes: readonly number[]): { living: Living[]; given: number } {
  const ring = new CacheRing(start, end);
  expect(ring.capacity).toBe(end - start);
  const living: Living[] = [];
  let given = 0;
  for (const size of sizes) {
    const place = ring.take(size, (entry) => {
      const oldest = living.shift();
      if (entry !== oldest?.place) throw new Error(`${entry} was evicted before ${oldest?.place}`);
      given++;
      return oldest!.size;
    });
    const isApart = living.every((other) => place >= other.place + other.size || other.place >= place + size);
    expect([place >= start, place + size <= end, isApart]).toEqual([true, true, true]);
    living.push({ place, size });
  }
  return { living, given };
}

describe("CacheRing", () => {
  test("never gives out words that are in use, and gives up the oldest first", () => {
    const ring = fc.record({ start: fc.integer({ min: 0, max: 50 }), capacity: fc.integer({ min: 1, max: 60 }) });
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 200 });
    fc.assert(
      fc.property(ring, shares, ({ start, capacity }, parts) => {
        const sizes = parts.map((part) => 1 + Math.floor(part * (capacity - 1)));
        takeAll(start, start + capacity, sizes);
      }),
      { numRuns: 200 },
    );
  });

  test("gives up no more than it must: entries that divide the ring fill it", () => {
    const { living, given } = takeAll(
      10,
      110,
      Array.from({ length: 35 }, () => 10),
    );
    expect(living).toHaveLength(10);
    expect(given).toBe(25);
  });

  test("small entries always fill the most of it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 100, maxLength: 150 }), (sizes) => {
        const { living } = takeAll(0, 200, sizes);
        // One gap at the end, one where the next entry did not fit yet.
        expect(living.reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(200 - 2 * 10);
      }),
      { numRuns: 50 },
    );
  });

  test("an entry as large as the ring pushes out everything", () => {
    expect(takeAll(3, 20, [5, 6, 17, 1, 17]).living).toEqual([{ place: 3, size: 17 }]);
  });

  test("an entry larger than the ring is the caller's fault", () => {
    expect(() => new CacheRing(0, 10).take(11, () => 1)).toThrow(AssertionError);
  });
});
