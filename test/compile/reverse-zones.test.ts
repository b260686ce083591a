import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reverseName, ReverseZones, zonesOfCidr } from "../../src/compile/reverse-zones.ts";
import { formatName } from "../../src/dns/name.ts";
import { parseCidr } from "../../src/net/ip.ts";
import { NODE } from "../../src/compile/node-kind.ts";
import { ZONE_KIND } from "../../src/table/layout.ts";
import { addressBytes, wire } from "../support/core/table.ts";

/** The reverse name from the address's digits, one by one. */
function modelName(address: Uint8Array): string {
  const hex = Buffer.from(address).toString("hex");
  return address.length === 4
    ? `${address.toReversed().join(".")}.in-addr.arpa`
    : `${[...hex].toReversed().join(".")}.ip6.arpa`;
}

const bitsOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");

describe("reverseName", () => {
  test.each([
    ["10.96.0.1", "1.0.96.10.in-addr.arpa"],
    ["255.255.255.255", "255.255.255.255.in-addr.arpa"],
    ["2001:db8::567:89ab", "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"],
    ["::", `${"0.".repeat(32)}ip6.arpa`],
  ])("%s", (address, name) => {
    expect(formatName(reverseName(addressBytes(address)))).toBe(`${name}.`);
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
  const zones = new ReverseZones([{ cidrs, zone: 5 }], 5);
  const sizeOf = (name: string): number => wire(name).length;

  test.each<[address: string, apex: string | undefined]>([
    ["10.96.0.1", "96.10.in-addr.arpa."],
    ["10.111.255.1", "111.10.in-addr.arpa."],
    ["10.112.0.1", undefined],
    ["10.244.1.5", "1.244.10.in-addr.arpa."],
    ["10.244.2.5", undefined],
    ["203.0.113.7", "7.113.0.203.in-addr.arpa."],
    ["203.0.113.8", undefined],
    ["198.18.0.1", undefined],
    ["255.255.255.255", undefined],
    ["fd00:10::1", `${"0.".repeat(8)}0.1.0.0.0.0.d.f.ip6.arpa.`],
    ["fd00:11::1", undefined],
    ["2600::1", "0.0.6.2.ip6.arpa."],
    ["4000::1", undefined],
  ])("%s is in the zone %s (nothing: of its own name)", (address, apex) => {
    const bytes = addressBytes(address);
    const own = `${modelName(bytes)}.`;
    const { atApexOf, ...located } = zones.locate(bytes, 5);
    expect(atApexOf !== undefined).toBe(address === "203.0.113.7");
    expect(located).toEqual({
      name: wire(own),
      place: { apexSize: sizeOf(apex ?? own), zone: 5, kind: ZONE_KIND.REVERSE, node: NODE.REVERSE },
    });
    expect(reverseName(bytes)).toEqual(wire(own));
  });

  test("holds the ranges' zones, each once", () => {
    const apexes = zones.zones.map(({ apex }) => formatName(apex)).toSorted();
    const ofServices = Array.from({ length: 16 }, (_, i) => `${96 + i}.10.in-addr.arpa.`);
    const others = ["1.244.10.in-addr.arpa.", "7.113.0.203.in-addr.arpa.", "0.0.6.2.ip6.arpa."];
    expect(apexes).toEqual([...ofServices, ...others, `${"0.".repeat(8)}0.1.0.0.0.0.d.f.ip6.arpa.`].toSorted());
  });
});
