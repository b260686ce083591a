import { expect, test } from "vitest";
import { AddressRange } from "../../../src/cluster/controllers/address-range.ts";
import { parseCidr } from "../../../src/net/ip.ts";

const rangeOf = (text: string): AddressRange => new AddressRange(parseCidr(text)!);

// Kubernetes, "Service ClusterIP allocation", works out /24, /20 and /16 in the same way.
test.each<[cidr: string, size: number, firstUpper: string, last: string]>([
  ["10.96.0.0/12", 2 ** 20 - 2, "10.96.1.1", "10.111.255.254"],
  ["10.96.0.0/16", 65_534, "10.96.1.1", "10.96.255.254"],
  ["10.96.0.0/20", 4094, "10.96.1.1", "10.96.15.254"],
  ["10.96.0.0/24", 254, "10.96.0.17", "10.96.0.254"],
  ["10.96.0.0/27", 30, "10.96.0.17", "10.96.0.30"],
  ["10.96.0.16/28", 14, "10.96.0.17", "10.96.0.30"],
  ["10.96.0.0/30", 2, "10.96.0.1", "10.96.0.2"],
  ["0.0.0.0/0", 2 ** 32 - 2, "0.0.1.1", "255.255.255.254"],
  ["fd00::/124", 15, "fd00::1", "fd00::f"],
  ["fd00::/108", 2 ** 20 - 1, "fd00::101", "fd00::f:ffff"],
  ["fd00::/64", 2 ** 32 - 1, "fd00::101", "fd00::ffff:ffff"],
])("%s", (cidr, size, firstUpper, last) => {
  const range = rangeOf(cidr);
  expect(range.size).toBe(size);
  expect(range.addressAt(range.lowerSize)).toBe(firstUpper);
  expect(range.addressAt(size - 1)).toBe(last);
  for (const number of [0, range.lowerSize, size >> 1, size - 1].filter((each) => each >= 0)) {
    expect(range.numberOf(range.addressAt(number))).toBe(number);
    expect(range.contains(range.addressAt(number))).toBe(true);
  }
});

test.each([["10.0.0.0/32"], ["10.0.0.0/31"], ["fd00::/128"]])("%s has no address to give", (cidr) => {
  expect(rangeOf(cidr)).toMatchObject({ size: 0, lowerSize: 0 });
});

test.each<[cidr: string, address: string, contained: boolean]>([
  ["10.96.0.0/24", "10.96.0.0", false],
  ["10.96.0.0/24", "10.96.0.255", false],
  ["10.96.0.0/24", "10.96.1.1", false],
  ["10.96.0.0/24", "::ffff:a60:1", false],
  ["10.96.0.0/24", "fd00::1", false],
  ["fd00::/112", "fd00::", false],
  ["fd00::/112", "fd00::1:0", false],
  ["fd00::/112", "10.96.0.1", false],
  // Chosen by people, never given out.
  ["fd00::/64", "fd00::1:0:0:1", true],
  ["fd00::/64", "fd00::ffff:ffff:ffff:ffff", true],
])("%s and %s", (cidr, address, contained) => {
  expect(rangeOf(cidr).contains(address)).toBe(contained);
  expect(rangeOf(cidr).numberOf(address)).toBeUndefined();
});
