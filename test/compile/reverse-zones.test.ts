import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reverseNameText, ReverseZones, zonesOfCidr } from "../../src/compile/reverse-zones.ts";
import { parseCidr } from "../../src/std/ip.ts";
import { addressBytes, wire } from "../support/core/table.ts";

/** The reverse name from the address's digits, one by one. */
function modelName(address: Uint8Array): string {
  const hex = Buffer.from(address).toString("hex");
  return address.length === 4
    ? `${address.toReversed().join(".")}.in-addr.arpa`
    : `${[...hex].toReversed().join(".")}.ip6.arpa`;
}

const bitsOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");

describe("reverseNameText", () => {
  test.each([
    ["10.96.0.1", "1.0.96.10.in-addr.arpa"],
    ["255.255.255.255", "255.255.255.255.in-addr.arpa"],
    ["2001:db8::567:89ab", "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"],
    ["::", `${"0.".repeat(32)}ip6.arpa`],
  ])("%s", (address, name) => {
    expect(reverseNameText(addressBytes(address))).toBe(name);
  });
});

describe("zonesOfCidr", () => {
  test.each<[cidr: string, zones: readonly string[]]>([
    ["0.0.0.0/0", ["in-addr.arpa"]],
    ["10.0.0.0/8", ["10.in-addr.arpa"]],
    ["10.96.0.0/12", Array.from({ length: 16 }, (_, i) => `${96 + i}.10.in-addr.arpa`)],
    ["10.244.0.0/16", ["244.10.in-addr.arpa"]],
    ["10.244.0.0/17", Array.from({ length: 128 }, (_, i) => `${i}.244.10.in-addr.arpa`)],
    ["10.244.1.0/24", ["1.244.10.in-addr.arpa"]],
    ["10.244.1.4/31", ["4.1.244.10.in-addr.arpa", "5.1.244.10.in-addr.arpa"]],
    ["10.244.1.4/32", ["4.1.244.10.in-addr.arpa"]],
    ["128.0.0.0/1", Array.from({ length: 128 }, (_, i) => `${128 + i}.in-addr.arpa`)],
    ["::/0", ["ip6.arpa"]],
    ["fc00::/7", ["c.f.ip6.arpa", "d.f.ip6.arpa"]],
    ["fd00:10:96::/48", ["6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa"]],
    ["fd00::/5", []],
  ])("%s", (text, zones) => {
    const cidr = parseCidr(text);
    // The last row is no prefix: the parser says so, not the zones.
    expect(cidr === undefined ? [] : zonesOfCidr(cidr)).toEqual(zones);
  });

  test.each([
    ...Array.from({ length: 33 }, (_, bits) => [4, bits] as const),
    ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 47, 48, 49, 50, 56, 62, 63, 64, 107, 108, 109, 112, 125, 126, 127, 128].map(
      (bits) => [16, bits] as const,
    ),
  ])("of %i bytes and /%i: each address of the range is in one zone, no other in any", (size, bits) => {
    const step = size === 4 ? 8 : 4;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: size, maxLength: size }),
        fc.uint8Array({ minLength: size, maxLength: size }),
        (seed, other) => {
          const mask = (i: number): number => 0xff00 >> Math.min(8, Math.max(0, bits - i * 8));
          const network = seed.map((byte, i) => byte & mask(i));
          const zones = zonesOfCidr({ bytes: network, bits });
          expect(zones).toHaveLength(2 ** ((step - (bits % step)) % step));
          for (const zone of zones) expect(zone.split(".")).toHaveLength(Math.ceil(bits / step) + 2);
          const inside = other.map((byte, i) => network[i]! | (byte & ~mask(i)));
          for (const address of [seed, inside, other]) {
            const isInside = bitsOf(address).slice(0, bits) === bitsOf(network).slice(0, bits);
            const name = `.${modelName(address)}`;
            expect(zones.filter((zone) => name.endsWith(`.${zone}`))).toHaveLength(isInside ? 1 : 0);
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("ReverseZones", () => {
  const cidrs = ["10.96.0.0/12", "10.244.1.0/24", "203.0.113.7/32", "fd00:10::/64", "2600::/16"].map((text) =>
    parseCidr(text)!,
  );
  const zones = new ReverseZones(cidrs, 5);
  const sizeOf = (name: string): number => wire(name).length;

  const SELF = undefined;
  test.each<[address: string, apex: string | undefined, treeApex: string | undefined]>([
    ["10.96.0.1", "96.10.in-addr.arpa.", "96.10.in-addr.arpa."],
    ["10.111.255.1", "111.10.in-addr.arpa.", "111.10.in-addr.arpa."],
    ["10.112.0.1", SELF, "10.in-addr.arpa."],
    ["10.244.1.5", "1.244.10.in-addr.arpa.", "1.244.10.in-addr.arpa."],
    ["10.244.2.5", SELF, "10.in-addr.arpa."],
    ["203.0.113.7", SELF, "113.0.203.in-addr.arpa."],
    ["203.0.113.8", SELF, "113.0.203.in-addr.arpa."],
    ["198.18.0.1", SELF, SELF],
    ["255.255.255.255", SELF, SELF],
    ["fd00:10::1", `${"0.".repeat(8)}0.1.0.0.0.0.d.f.ip6.arpa.`, `${"0.".repeat(8)}0.1.0.0.0.0.d.f.ip6.arpa.`],
    ["fd00:11::1", SELF, "d.f.ip6.arpa."],
    ["2600::1", "0.0.6.2.ip6.arpa.", "0.0.6.2.ip6.arpa."],
    ["::1", SELF, SELF],
    ["4000::1", SELF, SELF],
  ])("%s is in the zone %s, its tree in %s (nothing: the address's own name)", (address, apex, treeApex) => {
    const bytes = addressBytes(address);
    const own = `${modelName(bytes)}.`;
    expect(zones.locate(bytes, 5)).toEqual({
      isApex: ["203.0.113.7", "255.255.255.255", "::1"].includes(address),
      name: wire(own),
      place: { apexSize: sizeOf(apex ?? own), treeApexSize: sizeOf(treeApex ?? own), zone: 5 },
    });
  });

  test("holds the private zones of RFC 6303 and the ranges' own, each once", () => {
    const apexes = zones.zones.map(({ apex }) => Buffer.from(apex).toString("hex"));
    expect(new Set(apexes).size).toBe(apexes.length);
    const expected = [
      "10.in-addr.arpa.",
      "16.172.in-addr.arpa.",
      "31.172.in-addr.arpa.",
      "168.192.in-addr.arpa.",
      "0.in-addr.arpa.",
      "127.in-addr.arpa.",
      "254.169.in-addr.arpa.",
      "2.0.192.in-addr.arpa.",
      "100.51.198.in-addr.arpa.",
      "113.0.203.in-addr.arpa.",
      "255.255.255.255.in-addr.arpa.",
      `${"0.".repeat(32)}ip6.arpa.`,
      `1.${"0.".repeat(31)}ip6.arpa.`,
      "d.f.ip6.arpa.",
      "8.e.f.ip6.arpa.",
      "9.e.f.ip6.arpa.",
      "a.e.f.ip6.arpa.",
      "b.e.f.ip6.arpa.",
      "8.b.d.0.1.0.0.2.ip6.arpa.",
      "96.10.in-addr.arpa.",
      "111.10.in-addr.arpa.",
      "1.244.10.in-addr.arpa.",
      "7.113.0.203.in-addr.arpa.",
      "0.0.6.2.ip6.arpa.",
    ];
    for (const name of expected) expect(apexes, name).toContain(Buffer.from(wire(name)).toString("hex"));
    for (const name of [
      "15.172.in-addr.arpa.",
      "32.172.in-addr.arpa.",
      "95.10.in-addr.arpa.",
      "112.10.in-addr.arpa.",
      "in-addr.arpa.",
    ]) {
      expect(apexes, name).not.toContain(Buffer.from(wire(name)).toString("hex"));
    }
  });

  test("a zone inside another one keeps the names up to it", () => {
    const treeOf = (name: string): number | undefined =>
      zones.zones.find(({ apex }) => Buffer.from(apex).equals(wire(name)))?.place.treeApexSize;
    expect(treeOf("96.10.in-addr.arpa.")).toBe(sizeOf("10.in-addr.arpa."));
    expect(treeOf("1.244.10.in-addr.arpa.")).toBe(sizeOf("10.in-addr.arpa."));
    expect(treeOf("7.113.0.203.in-addr.arpa.")).toBe(sizeOf("113.0.203.in-addr.arpa."));
    expect(treeOf("10.in-addr.arpa.")).toBe(sizeOf("10.in-addr.arpa."));
    expect(treeOf("0.0.6.2.ip6.arpa.")).toBe(sizeOf("0.0.6.2.ip6.arpa."));
  });
});
