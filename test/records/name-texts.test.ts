import { expect, test } from "vitest";
import { formatOwner } from "../../src/records/name-texts.ts";
import { wire } from "../support/core/table.ts";

test.each([
  ["*.a.example.", "*.a.example."],
  ["a.*.example.", "a.\\*.example."],
  ["a\\.b.example.", "a\\.b.example."],
  [".", "."],
])("the owner name %s", (name, text) => {
  expect(formatOwner(wire(name))).toBe(text);
});
