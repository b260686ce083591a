import { describe, expect, test } from "vitest";
import { formatName, parseName } from "../../src/dns/name.ts";
import { parseDuration, parseTextBytes, parseZoneName } from "../../src/zonefile/parse-text.ts";

test.each<[string, number | undefined]>([
  ["0", 0],
  ["3600", 3600],
  ["1h30m", 5400],
  ["1W2D3H4M5S", 788_645],
  ["30m1h", 5400],
  ["4294967295", 4_294_967_295],
  ["4294967296", undefined],
  ["7102w", undefined],
  ["", undefined],
  ["h", undefined],
  ["1h30", undefined],
  ["1y", undefined],
  ["-1", undefined],
  ["1.5h", undefined],
])("a time of %j", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

describe("a name", () => {
  const origin = parseName("example.org")!;
  const long = `${"a".repeat(63)}.`.repeat(3);

  test.each<[string, string | undefined]>([
    ["@", "example.org."],
    [".", "."],
    ["a", "a.example.org."],
    ["A.b", "A.b.example.org."],
    ["a.", "a."],
    ["*", "\\*.example.org."],
    ["a\\.", "a\\..example.org."],
    ["a\\\\.", "a\\\\."],
    ["a\\046", "a\\..example.org."],
    ["\\@", "\\@.example.org."],
    [`${long}${"a".repeat(61)}.`, `${long}${"a".repeat(61)}.`],
    [`${long}${"a".repeat(62)}.`, undefined],
    [`${long}${"a".repeat(49)}`, `${long}${"a".repeat(49)}.example.org.`],
    [`${long}${"a".repeat(50)}`, undefined],
    ["a".repeat(64), undefined],
    ["a..b", undefined],
    [".a", undefined],
    ["a\\256", undefined],
    ["a\\1", undefined],
    ["a\\", undefined],
    ["", undefined],
    ["\\097".repeat(63), `${"a".repeat(63)}.example.org.`],
    ["\\097".repeat(1_000), undefined],
  ])("%j", (text, name) => {
    const wire = parseZoneName(text, origin);
    expect(wire === undefined ? undefined : formatName(wire)).toBe(name);
  });
});

test.each<[string, string | undefined]>([
  ["", ""],
  ["a b", "612062"],
  ["é", "c3a9"],
  ["\\000\\255\\065", "00ff41"],
  ['\\"\\\\\\a\\é', "225c61c3a9"],
  ["\\0655", "4135"],
  ["\\256", undefined],
  ["\\12", undefined],
  ["\\12a", undefined],
  ["a\\", undefined],
])("the bytes of %j", (text, hex) => {
  const bytes = parseTextBytes(text);
  expect(bytes === undefined ? undefined : Buffer.from(bytes).toString("hex")).toBe(hex);
});
