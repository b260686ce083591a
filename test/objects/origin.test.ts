import fc from "fast-check";
import { expect, test } from "vitest";
import { compareOrigins, isSameOrigin } from "../../src/objects/origin.ts";
import type { Origin } from "../../src/objects/origin.ts";

const origins: fc.Arbitrary<Origin> = fc.record({
  source: fc.constantFrom("a", "b"),
  precedence: fc.constantFrom(-1, 0, 1.5, Number.POSITIVE_INFINITY),
  order: fc.nat(2),
  name: fc.constantFrom("", "x", "y"),
  isControlled: fc.boolean(),
});

test("sorts by precedence, then source, order and name", () => {
  const at = (precedence: number, source: string, order: number, name: string): Origin => ({
    source,
    precedence,
    order,
    name,
    isControlled: true,
  });
  const sorted = [at(1, "z", 9, "z"), at(2, "a", 9, "z"), at(2, "b", 0, "z"), at(2, "b", 1, "a"), at(2, "b", 1, "b")];
  expect(sorted.toReversed().toSorted(compareOrigins)).toEqual(sorted);
});

test("the order is total and transitive", () => {
  fc.assert(
    fc.property(origins, origins, origins, (a, b, c) => {
      expect(Math.sign(compareOrigins(a, b))).toBe(-Math.sign(compareOrigins(b, a)) + 0);
      if (compareOrigins(a, b) <= 0 && compareOrigins(b, c) <= 0) expect(compareOrigins(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});

test("two origins with one source and name are the same place, whatever their order and precedence", () => {
  fc.assert(
    fc.property(origins, origins, (a, b) => {
      expect(isSameOrigin(a, b)).toBe(a.source === b.source && a.name === b.name);
      expect(isSameOrigin(a, { ...a, order: a.order + 1, precedence: 3 })).toBe(true);
    }),
  );
});
