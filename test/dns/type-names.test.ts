import { TYPE } from "../../src/dns/constants.ts";
import { expect, test } from "vitest";
import { formatType, isMetaType, parseType } from "../../src/dns/type-names.ts";

test.each<[string, number | undefined]>([
  ["MX", 15],
  ["aaaa", 28],
  ["TYPE15", 15],
  ["type65535", 65_535],
  ["TYPE65536", undefined],
  ["TYPE", undefined],
  ["TYPE1x", undefined],
  ["FOO", undefined],
  ["constructor", undefined],
  ["", undefined],
])("the type %j", (text, type) => {
  expect(parseType(text)).toBe(type);
});

test("types are shown as they are written", () => {
  for (const [name, type] of Object.entries(TYPE)) {
    expect(formatType(type)).toBe(name);
    expect(parseType(name)).toBe(type);
  }
});

test.each([0, 300, 65_280, 65_535])("type %i without a name is written as RFC 3597 has it", (type) => {
  expect(formatType(type)).toBe(`TYPE${type}`);
});

test("types of questions and messages are in no zone", () => {
  const meta = [0, 1, 41, 127, 128, 251, 255, 256].filter(isMetaType);
  expect(meta).toEqual([0, 41, 128, 251, 255]);
  const named = Object.entries(TYPE).filter(([, type]) => isMetaType(type));
  expect(named.map(([name]) => name)).toEqual(["OPT", "TSIG", "IXFR", "AXFR", "ANY"]);
});
