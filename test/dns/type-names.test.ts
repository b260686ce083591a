import { expect, test } from "vitest";
import { formatZoneType, isMetaType, parseType, ZONE_TYPE } from "../../src/dns/type-names.ts";

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
  for (const [name, type] of Object.entries(ZONE_TYPE)) {
    expect(formatZoneType(type)).toBe(name);
    expect(parseType(name)).toBe(type);
    expect(isMetaType(type)).toBe(false);
  }
  expect(formatZoneType(65_280)).toBe("TYPE65280");
});

test("types of questions and messages are in no zone", () => {
  const meta = [0, 1, 41, 127, 128, 251, 255, 256].filter(isMetaType);
  expect(meta).toEqual([0, 41, 128, 251, 255]);
});
