import { expect, test } from "vitest";
import { isPrefix } from "../../../src/objects/validation/prefix.ts";

test.each<[text: string, valid: boolean]>([
  ["10.0.0.0/8", true],
  ["10.0.0.1/8", true],
  ["010.0.0.0/8", true],
  ["2001:db8::/32", true],
  ["0.0.0.0/0", true],
  ["10.0.0.0/33", false],
  ["2001:db8::/129", false],
  ["10.0.0.0", false],
  ["10.0.0.0/", false],
  ["10.0.0.0/8/8", false],
  ["host/8", false],
  ["", false],
])("%j: %j", (text, valid) => {
  expect(isPrefix(text)).toBe(valid);
});
