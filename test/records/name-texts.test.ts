import { describe, expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { formatIp, parseIp } from "../../src/net/ip.ts";
import { reverseName } from "../../src/compile/reverse-zones.ts";
import { addressLabel, addressOfReverseName, formatOwner } from "../../src/records/name-texts.ts";
import { wire } from "../support/core/table.ts";

test.each([
  ["*.a.example.", "*.a.example."],
  ["a.*.example.", "a.\\*.example."],
  ["a\\.b.example.", "a\\.b.example."],
  [".", "."],
])("the owner name %s", (name, text) => {
  expect(formatOwner(wire(name))).toBe(text);
});

test.each([
  ["10.244.1.5", "10-244-1-5"],
  ["fd00::5", "fd00--5"],
  ["::1", "0--1"],
  ["fd00::", "fd00--0"],
])("the label of %s is %s", (address, label) => {
  expect(addressLabel(parseIp(address)!)).toBe(label);
});

describe("the address of a reverse name", () => {
  test.each(["10.0.255.1", "fd00:10:96::1e07"])("%s", (address) => {
    const name = reverseName(parseIp(address)!);
    expect(formatIp(addressOfReverseName(name)!)).toBe(address);
    expect(addressOfReverseName(wire(formatName(name).toUpperCase()))).toEqual(addressOfReverseName(name));
  });

  test.each(["10.in-addr.arpa.", "256.0.0.10.in-addr.arpa.", "x.1.0.0.10.in-addr.arpa.", "d.f.ip6.arpa.", "example."])(
    "%s has none",
    (name) => {
      expect(addressOfReverseName(wire(name))).toBeUndefined();
    },
  );
});
