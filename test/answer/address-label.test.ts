import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readAddressLabel } from "../../src/answer/address-label.ts";
import { addressBytes } from "../support/core/table.ts";

/** The label's address by way of text: slow, and nothing of the reader's in it. */
function model(label: string): Uint8Array | undefined {
  if (/[.:%]/.test(label)) return undefined;
  const v4 = label.replaceAll("-", ".");
  const v6 = label.replaceAll("-", ":");
  return isIPv4(v4) ? addressBytes(v4) : isIPv6(v6) ? addressBytes(v6) : undefined;
}

/** Reads the label out of the middle of other bytes, over an address that was read before. */
function read(label: string): Uint8Array | undefined {
  const bytes = Buffer.from(`-1${label}2-`, "latin1");
  const address = new Uint8Array(16).fill(0xee);
  const size = readAddressLabel(bytes, 2, bytes.length - 4, address);
  return size === 0 ? undefined : address.slice(0, size);
}

test.each<[label: string, address: string | undefined]>([
  ["10-244-1-5", "10.244.1.5"],
  ["0-0-0-0", "0.0.0.0"],
  ["255-255-255-255", "255.255.255.255"],
  ["256-1-1-1", undefined],
  ["01-2-3-4", undefined],
  ["1-2-3-04", undefined],
  ["1-2-3-00", undefined],
  ["0010-1-1-1", undefined],
  ["1-2-3", undefined],
  ["1-2-3-4-5", undefined],
  ["1-2-3-4-", undefined],
  ["-1-2-3-4", undefined],
  ["1--2-3-4", "1::2:3:4"],
  ["1-2-3-4--", "1:2:3:4::"],
  ["a-2-3-4", undefined],
  ["1-2-3-x", undefined],
  ["+1-2-3-4", undefined],
  ["1.2.3.4", undefined],
  ["fd00--5", "fd00::5"],
  ["fd00--", "fd00::"],
  ["--1", "::1"],
  ["0--1", "::1"],
  ["fd00--0", "fd00::"],
  ["--", "::"],
  ["-", undefined],
  ["---", undefined],
  ["---1", undefined],
  ["1---", undefined],
  ["-1", undefined],
  ["1-", undefined],
  ["1--2--3", undefined],
  ["1-2-3-4-5-6-7-8", "1:2:3:4:5:6:7:8"],
  ["1-2-3-4-5-6-7--", "1:2:3:4:5:6:7:0"],
  ["--2-3-4-5-6-7-8", "0:2:3:4:5:6:7:8"],
  ["1-2-3-4--5-6-7", "1:2:3:4:0:5:6:7"],
  ["1-2-3-4-5-6-7-8--", undefined],
  ["--1-2-3-4-5-6-7-8", undefined],
  ["1-2-3-4--5-6-7-8", undefined],
  ["1-2-3-4-5-6-7", undefined],
  ["1-2-3-4-5-6-7-8-9", undefined],
  ["1-2-3-4-5-6-7-8-", undefined],
  ["12345--1", undefined],
  ["fd00--g", undefined],
  ["FD00--AbCd", "fd00::abcd"],
  ["fd00-10-244-0-1-2-3-4", "fd00:10:244:0:1:2:3:4"],
  ["web", undefined],
  ["a", undefined],
  ["1", undefined],
  ["", undefined],
  ["fd00:-5", undefined],
])("%s", (label, address) => {
  const expected = address === undefined ? undefined : addressBytes(address);
  expect(read(label)).toEqual(expected);
  expect(model(label)).toEqual(expected);
});

test("any label equals the model", () => {
  const piece = fc.constantFrom(
    "0",
    "1",
    "00",
    "01",
    "10",
    "255",
    "256",
    "fd00",
    "abcd",
    "F",
    "12345",
    "g",
    "-",
    "-",
    "-",
    "--",
    ".",
    ":",
    "\xff",
  );
  const labels = fc.oneof(
    fc.array(piece, { maxLength: 18 }).map((pieces) => pieces.join("")),
    fc
      .array(fc.constantFrom("0", "7", "255", "256", "a", "fd00", ""), { minLength: 3, maxLength: 9 })
      .map((parts) => parts.join("-")),
    fc.ipV4().map((text) => text.replaceAll(".", "-")),
    fc.ipV6().map((text) => text.replaceAll(":", "-")),
  );
  fc.assert(
    fc.property(labels, (label) => {
      fc.pre(label.length <= 63);
      expect(read(label)).toEqual(model(label));
    }),
    { numRuns: 3000 },
  );
});
