import { expect, test } from "vitest";
import { formatType, TYPE } from "../../src/dns/constants.ts";
import { TYPES } from "../support/wire.ts";

test.each(Object.entries(TYPE))("%s has the registry's number %i, and its name", (name, number) => {
  // TSIG is in no message that the tests' decoder reads.
  expect(number).toBe(TYPES[name] ?? 250);
  expect(formatType(number)).toBe(name);
});

test.each([0, 65, 255 + 5, 65_280, 65_535])("type %i without a name is written as RFC 3597 has it", (number) => {
  expect(formatType(number)).toBe(`TYPE${number}`);
});
