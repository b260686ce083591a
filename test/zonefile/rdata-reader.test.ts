import { describe, expect, test } from "vitest";
import { parseName } from "../../src/dns/name.ts";
import { RDATA_SIZE_MAX } from "../../src/dns/rdata.ts";
import { RdataReader } from "../../src/zonefile/rdata-reader.ts";
import { readEntries } from "../../src/zonefile/zone-entries.ts";

function readerOf(text: string): RdataReader {
  const [entry] = readEntries(text);
  return new RdataReader(entry!.tokens, 0, entry!.end, parseName("example.org")!);
}

test("words in turn", () => {
  const reader = readerOf('7 1h www 192.0.2.1 2001:db8::1 "a b" x y');
  reader.putUint(reader.takeUint(255, "a number"), 1);
  reader.putUint(reader.takeDuration("a time"), 4);
  reader.put(reader.takeName("a name"));
  reader.put(reader.takeAddress("IPv4"));
  reader.put(reader.takeAddress("IPv6").subarray(14));
  reader.put(reader.takeText("a text", 255));
  expect(reader.isAtEnd).toBe(false);
  expect(reader.takeRest("the rest")).toBe("xy");
  expect(reader.isAtEnd).toBe(true);
  expect(reader.fault).toBeUndefined();
  const expected = "0700000e1003777777076578616d706c65036f726700c00002010001612062";
  expect(Buffer.from(reader.bytes()).toString("hex")).toBe(expected);
});

describe("what does not fit is a fault in its column", () => {
  test.each<[string, string, (reader: RdataReader) => unknown]>([
    ["256", "1:1 expected a number, got `256`", (reader) => reader.takeUint(255, "a number")],
    ["0x1", "1:1 expected a number, got `0x1`", (reader) => reader.takeUint(255, "a number")],
    [
      "1 ",
      "1:3 expected a number, and the record ends",
      (reader) => [reader.takeWord("x"), reader.takeUint(9, "a number")],
    ],
    ['"1"', "1:1 expected a number, got a text in quotes", (reader) => reader.takeUint(255, "a number")],
    ["1y", "1:1 expected a time, got `1y`", (reader) => reader.takeDuration("a time")],
    ["a..b", "1:1 expected a name, got `a..b`", (reader) => reader.takeName("a name")],
    ["1.2.3", "1:1 expected an IPv4 address, got `1.2.3`", (reader) => reader.takeAddress("IPv4")],
    ["1.2.3.4", "1:1 expected an IPv6 address, got `1.2.3.4`", (reader) => reader.takeAddress("IPv6")],
    ["abcd", "1:1 expected at most 3 bytes, got 4", (reader) => reader.takeText("a text", 3)],
    ["\\999", "1:1 a backslash is followed by no", (reader) => reader.takeText("a text", 3)],
    ['a "b"', "1:3 expected digits, got a text in quotes", (reader) => reader.takeRest("digits")],
    ["a", "1:1 first", (reader) => [reader.takeWord("x"), reader.fail("first", ""), reader.fail("second", "")]],
  ])("%j", (text, fault, read) => {
    const reader = readerOf(text);
    read(reader);
    expect(`${reader.fault?.line}:${reader.fault?.column} ${reader.fault?.message}`).toContain(fault);
  });

  test("data that is too long", () => {
    const reader = readerOf("a");
    reader.put(new Uint8Array(RDATA_SIZE_MAX));
    expect(reader.fault).toBeUndefined();
    reader.put([0]);
    expect(reader.fault?.message).toBe("expected at most 65535 bytes of data");
  });
});
