import fc from "fast-check";
import { expect, test } from "vitest";
import { isQuantity, isTime, quantityOf } from "../../../src/objects/schema/scalar-text.ts";

test.each<[text: unknown, value: number]>([
  ["1", 1],
  ["500m", 0.5],
  ["1Gi", 1024 ** 3],
  ["1G", 1e9],
  ["2k", 2000],
  ["2Ki", 2048],
  ["1e3", 1000],
  ["1E3", 1000],
  ["1E", 1e18],
  [".5", 0.5],
  ["1.", 1],
  ["-1", -1],
  ["100u", 1e-4],
  [3, 3],
])("the quantity %j is %d", (text, value) => {
  expect(quantityOf(text)).toBeCloseTo(value, 10);
});

test.each(["", " 1", "1 ", "Gi", "1gi", "1Mb", "K", "1K", "1,5", "1e", "--1", "1".repeat(101), true])(
  "%j is no quantity",
  (text) => {
    expect(isQuantity(text)).toBe(false);
  },
);

test.each<[text: unknown, valid: boolean]>([
  ["2026-01-31T12:00:00Z", true],
  ["2026-01-31T12:00:00.123456Z", true],
  ["2026-01-31T12:00:00+01:00", true],
  ["2026-01-31", false],
  ["2026-13-01T00:00:00Z", false],
  ["2026-01-31T25:00:00Z", false],
  ["2026-01-31 12:00:00Z", false],
  ["", false],
  [0, false],
])("%j is a time: %j", (text, valid) => {
  expect(isTime(text)).toBe(valid);
});

test("any text has an answer", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect([isQuantity(text), isTime(text)].every((answer) => typeof answer === "boolean")).toBe(true);
      expect(isQuantity(text) === !Number.isNaN(quantityOf(text))).toBe(true);
    }),
  );
});
