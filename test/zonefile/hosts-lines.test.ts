import { expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import {
  countNames,
  hostsEntries,
  HostsLinesWriter,
  joinHostsLines,
  NO_LINES,
} from "../../src/zonefile/hosts-lines.ts";
import type { HostsLines } from "../../src/zonefile/hosts-lines.ts";
import { hostsOf } from "../support/core/static-zone.ts";

const shown = (lines: HostsLines): readonly string[] =>
  [...hostsEntries(lines)].map(
    ({ address, names, line }) => `${line} ${address.join(".")} ${names.map((name) => formatName(name)).join(" ")}`,
  );

const ONE = hostsOf("10.0.0.1 a b.c", "", "10.0.0.2 d");
const OTHER = hostsOf("# e", "10.0.0.3 e");

test("lines of several files follow each other, with the numbers that they have in their files", () => {
  const joined = joinHostsLines([ONE, NO_LINES, OTHER]);
  expect(shown(joined)).toEqual(["1 10.0.0.1 a. b.c.", "3 10.0.0.2 d.", "2 10.0.0.3 e."]);
  expect(joined.starts.at(-1)).toBe(joined.bytes.length);
  expect(countNames(joined)).toBe(4);
});

test("one file is not copied; none gives no lines", () => {
  expect(joinHostsLines([ONE])).toBe(ONE);
  expect(shown(joinHostsLines([]))).toEqual([]);
});

test("any number of lines can be written", () => {
  const writer = new HostsLinesWriter();
  for (let i = 1; i <= 5_000; i++) {
    const start = writer.at;
    writer.reserve(8);
    writer.bytes.set([4, 10, 0, i >> 8, i & 255, 1, 0x61, 0], start);
    writer.at += 8;
    writer.endLine(start, i);
  }
  const lines = writer.finish();
  expect([lines.numbers.length, lines.bytes.length, countNames(lines)]).toEqual([5_000, 40_000, 5_000]);
  expect(shown(lines)[4_095]).toBe("4096 10.0.16.0 a.");
});
