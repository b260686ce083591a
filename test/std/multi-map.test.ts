import fc from "fast-check";
import { expect, test } from "vitest";
import { MultiMap } from "../../src/std/multi-map.ts";

const VALUES = [{ id: 0 }, { id: 1 }, { id: 2 }];

test("holds what a map of sets holds, in its order, after any sequence of changes", () => {
  const step = fc.tuple(fc.constantFrom("add", "delete"), fc.constantFrom("a", "b"), fc.constantFrom(...VALUES));
  fc.assert(
    fc.property(
      fc.array(step as fc.Arbitrary<["add" | "delete", string, { id: number }]>, { maxLength: 30 }),
      (steps) => {
        const map = new MultiMap<{ id: number }>();
        const model = new Map<string, Set<{ id: number }>>([
          ["a", new Set()],
          ["b", new Set()],
        ]);
        for (const [method, key, value] of steps) {
          map[method](key, value);
          model.get(key)![method](value);
          for (const [held, values] of model) {
            expect([...map.get(held)]).toEqual([...values]);
            expect(map.count(held)).toBe(values.size);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("values are told apart by identity", () => {
  const map = new MultiMap<{ id: number }>();
  map.add("a", { id: 0 });
  map.delete("a", { id: 0 });
  map.add("a", { id: 0 });
  expect(map.count("a")).toBe(2);
});
