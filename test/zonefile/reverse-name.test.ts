import { describe, expect, test } from "vitest";
import { reverseName } from "../../src/compile/reverse-zones.ts";
import { formatName } from "../../src/dns/name.ts";
import { formatIp, parseIp } from "../../src/net/ip.ts";
import { addressOfReverseName, isReverseName } from "../../src/zonefile/reverse-name.ts";
import { wire } from "../support/core/table.ts";

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

test.each([
  ["1.0.0.10.in-addr.arpa.", true],
  ["IP6.ARPA.", true],
  ["home.arpa.", false],
  ["in-addr.example.", false],
])("%s is a reverse name: %s", (name, is) => {
  expect(isReverseName(wire(name))).toBe(is);
});
