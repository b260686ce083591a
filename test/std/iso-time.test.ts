import fc from "fast-check";
import { expect, test } from "vitest";
import { IsoTime } from "../../src/std/iso-time.ts";

test("is what Date has, whatever time came before", () => {
  const time = fc.oneof(
    fc.integer({ min: 0, max: 4e12 }),
    fc.integer({ min: 1_764_547_200_000, max: 1_764_547_203_000 }),
  );
  fc.assert(
    fc.property(fc.array(time, { minLength: 1 }), (times) => {
      const format = new IsoTime();
      for (const ms of times) expect(format.format(ms)).toBe(new Date(ms).toISOString());
    }),
  );
});

test("cuts fractions", () => {
  expect(new IsoTime().format(999.99)).toBe("1970-01-01T00:00:00.999Z");
});
