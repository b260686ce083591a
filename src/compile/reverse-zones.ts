// Reverse names (RFC 1035 3.5, RFC 3596 2.5) and the reverse zones that are ours: those of the service and pod
// ranges, and the private ones that no question about should leave the site (RFC 6303 4).
import { parseName } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import type { Cidr } from "../std/ip.ts";
import type { ZonePlace } from "./record-set.ts";

const nibbles = (count: number): string => Array.from({ length: count }, () => "0").join(".");

/** RFC 6303 4.1 to 4.6. */
const PRIVATE_ZONES: readonly string[] = [
  "10.in-addr.arpa",
  ...Array.from({ length: 16 }, (_, i) => `${16 + i}.172.in-addr.arpa`),
  "168.192.in-addr.arpa",
  "0.in-addr.arpa",
  "127.in-addr.arpa",
  "254.169.in-addr.arpa",
  "2.0.192.in-addr.arpa",
  "100.51.198.in-addr.arpa",
  "113.0.203.in-addr.arpa",
  "255.255.255.255.in-addr.arpa",
  `${nibbles(32)}.ip6.arpa`,
  `1.${nibbles(31)}.ip6.arpa`,
  "d.f.ip6.arpa",
  "8.e.f.ip6.arpa",
  "9.e.f.ip6.arpa",
  "a.e.f.ip6.arpa",
  "b.e.f.ip6.arpa",
  "8.b.d.0.1.0.0.2.ip6.arpa",
];

/** `4.3.2.1.in-addr.arpa` or the nibbles under `ip6.arpa`, of 4 or 16 bytes. */
export function reverseNameText(address: Uint8Array): string {
  return [...addressLabels(address, address.length * 8).reverse(), root(address)].join(".");
}

/** The leading labels of an address, most significant first: octets or nibbles, as many as `bits` fill. */
function addressLabels(address: Uint8Array, bits: number): string[] {
  if (address.length === 4) return [...address.subarray(0, bits >> 3)].map(String);
  return Array.from({ length: bits >> 2 }, (_, i) => ((address[i >> 1]! >> (i % 2 === 0 ? 4 : 0)) & 15).toString(16));
}

function root(address: Uint8Array): string {
  return address.length === 4 ? "in-addr.arpa" : "ip6.arpa";
}

/** The zones that a range covers, cut at the next octet or nibble: 10.96.0.0/12 is 96.10 to 111.10.in-addr.arpa. */
export function zonesOfCidr(cidr: Cidr): readonly string[] {
  const step = cidr.bytes.length === 4 ? 8 : 4;
  const whole = Math.ceil(cidr.bits / step) * step;
  const zones: string[] = [];
  for (let i = 0; i < 1 << (whole - cidr.bits); i++) {
    const bytes = cidr.bytes.slice();
    // The bits between the prefix and its boundary all lie in the last byte of the boundary.
    if (i > 0) bytes[(whole - 1) >> 3]! |= i << (7 - ((whole - 1) & 7));
    zones.push([...addressLabels(bytes, whole).reverse(), root(bytes)].join("."));
  }
  return zones;
}

/** One reverse zone of ours. */
export interface ReverseZone {
  readonly apex: Uint8Array;
  readonly place: ZonePlace;
}

export class ReverseZones {
  readonly zones: readonly ReverseZone[];
  readonly #zonesByText: ReadonlyMap<string, ReverseZone>;
  /** Apex text → its size in wire form; those that hold known addresses of their own, and all. */
  readonly #owned: ReadonlyMap<string, number>;
  readonly #all: ReadonlyMap<string, number>;

  /** `cidrs`: the ranges whose addresses we know all of. `zone`: whose SOA they share. */
  constructor(cidrs: readonly Cidr[], zone: number) {
    const owned = new Set(cidrs.flatMap(zonesOfCidr));
    const all = new Set([...owned, ...PRIVATE_ZONES]);
    this.#owned = sizes(owned);
    this.#all = sizes(all);
    this.#zonesByText = new Map(
      [...all].map((text) => {
        const apex = wireName(text);
        const above = text.slice(text.indexOf(".") + 1);
        const enclosing = longestSuffix(above, this.#all);
        return [text, { apex, place: { apexSize: apex.length, treeApexSize: enclosing ?? apex.length, zone } }];
      }),
    );
    this.zones = [...this.#zonesByText.values()];
  }

  /**
   * The reverse name of an address and the zone that it is in: an owned one, else a zone of that one name.
   * `isApex`: the name is the apex of one of `zones`.
   */
  locate(address: Uint8Array, zone: number): { name: Uint8Array; place: ZonePlace; isApex: boolean } {
    const text = reverseNameText(address);
    const name = wireName(text);
    const own = this.#zonesByText.get(text);
    if (own !== undefined) return { name, place: own.place, isApex: true };
    const apexSize = longestSuffix(text, this.#owned);
    const place =
      apexSize !== undefined
        ? { apexSize, treeApexSize: apexSize, zone }
        : { apexSize: name.length, treeApexSize: longestSuffix(text, this.#all) ?? name.length, zone };
    return { name, place, isApex: false };
  }
}

function wireName(text: string): Uint8Array {
  const name = parseName(text);
  assert(name !== undefined, `a reverse name that is none: ${text}`);
  return name;
}

function sizes(zones: Iterable<string>): ReadonlyMap<string, number> {
  return new Map([...zones].map((text) => [text, wireName(text).length]));
}

/** The value of the longest key that is the text or a suffix of it at a label's border. */
function longestSuffix(text: string, zones: ReadonlyMap<string, number>): number | undefined {
  for (let suffix = text; ; suffix = suffix.slice(suffix.indexOf(".") + 1)) {
    const found = zones.get(suffix);
    if (found !== undefined || !suffix.includes(".")) return found;
  }
}
