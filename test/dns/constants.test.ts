import { expect, test } from "vitest";
import { formatType, TYPE } from "../../src/dns/constants.ts";
import { TYPES } from "../support/wire.ts";

test.each(Object.entries(TYPE))("%s has the registry's number %i, and its name", (name, number) => {
  // These are no words of the tests' decoder.
  const others: Readonly<Record<string, number>> = { TSIG: 250, DNAME: 39, NSEC3: 50 };
  expect(number).toBe(TYPES[name] ?? others[name]);
  expect(formatType(number)).toBe(name);
});

test.each([0, 65, 255 + 5, 65_280, 65_535])("type %i without a name is written as RFC 3597 has it", (number) => {
  expect(formatType(number)).toBe(`TYPE${number}`);
});
