import { expect, test } from "vitest";
import { assert, AssertionError } from "../../src/std/assert.ts";

test.each([true, 1, "x", {}])("%j holds", (condition) => {
  expect(() => assert(condition, "said")).not.toThrow();
});

test.each([false, 0, "", null, undefined])("%j does not hold", (condition) => {
  expect(() => assert(condition, "said")).toThrow(new AssertionError("said"));
});
