import { expect, test } from "vitest";
import { HostsIndex } from "../../src/compile/hosts-index.ts";
import type { HashOf } from "../../src/compile/hosts-index.ts";
import { runAtOnce } from "../../src/std/sliced.ts";
import { hostsOf } from "../support/core/static-zone.ts";
import { wire } from "../support/core/table.ts";

const LINES = hostsOf("10.0.0.1 a b", "0.0.0.0 b c", "10.0.0.1 c aa", "2001:db8::1 b");
const HASHES: readonly (readonly [what: string, hash: HashOf])[] = [
  ["all collide", () => 7],
  ["of the sum", (bytes, start, end) => bytes.subarray(start, end).reduce((sum, byte) => sum + byte, 0)],
];

/** The lines of the records with a key, by their place. */
function linesOf(index: HostsIndex, key: Uint8Array): readonly number[] {
  const found: number[] = [];
  for (let record = index.find(key, 0, key.length); record >= 0; record = index.next(record))
    found.push(LINES.starts.indexOf(index.lineAt[record]!));
  return found;
}

test.each(HASHES)("finds names in the order of the lines (%s)", (_, hashOf) => {
  const index = runAtOnce(HostsIndex.byName(LINES, hashOf));
  expect(["a.", "b.", "c.", "aa.", "d.", "a.a."].map((name) => linesOf(index, wire(name)))).toEqual([
    ...[[0], [0, 1, 3], [1, 2], [2], [], []],
  ]);
  expect(index.count).toBe(7);
});

test.each(HASHES)("finds addresses, but for the unspecified one (%s)", (_, hashOf) => {
  const index = runAtOnce(HostsIndex.byAddress(LINES, hashOf));
  const key = (...address: readonly number[]): Uint8Array => Uint8Array.from([address.length, ...address]);
  expect(linesOf(index, key(10, 0, 0, 1))).toEqual([0, 2]);
  expect(linesOf(index, key(0, 0, 0, 0))).toEqual([]);
  expect(linesOf(index, key(0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 1))).toEqual([3]);
  expect(linesOf(index, key(10, 0, 0, 2))).toEqual([]);
});
