// Reverse names (RFC 1035 3.5, RFC 3596 2.5) and the cluster's reverse zones: those of the service and pod ranges, for
// which the cluster is authoritative.
import { parseName } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import type { Cidr } from "../net/ip.ts";
import type { ZonePlace } from "./owner-records.ts";

/** `4.3.2.1.in-addr.arpa`, or the nibbles below `ip6.arpa`. `address`: 4 or 16 bytes. */
export function reverseNameText(address: Uint8Array): string {
  return [...addressLabels(address, address.length * 8).reverse(), root(address)].join(".");
}

/** The labels of the first `bits` bits of an address, most significant first: octets or nibbles. */
function addressLabels(address: Uint8Array, bits: number): string[] {
  if (address.length === 4) return [...address.subarray(0, bits >> 3)].map(String);
  return Array.from({ length: bits >> 2 }, (_, i) => ((address[i >> 1]! >> (i % 2 === 0 ? 4 : 0)) & 15).toString(16));
}

function root(address: Uint8Array): string {
  return address.length === 4 ? "in-addr.arpa" : "ip6.arpa";
}

/** The zones that cover a range, at the next octet or nibble: 10.96.0.0/12 is 96.10 to 111.10.in-addr.arpa. */
export function zonesOfCidr(cidr: Cidr): readonly string[] {
  const step = cidr.bytes.length === 4 ? 8 : 4;
  const whole = Math.ceil(cidr.bits / step) * step;
  const zones: string[] = [];
  for (let i = 0; i < 1 << (whole - cidr.bits); i++) {
    const bytes = cidr.bytes.slice();
    // All bits between the prefix and the boundary lie in the last byte before the boundary.
    if (i > 0) bytes[(whole - 1) >> 3]! |= i << (7 - ((whole - 1) & 7));
    zones.push([...addressLabels(bytes, whole).reverse(), root(bytes)].join("."));
  }
  return zones;
}

/** A reverse zone of the cluster. */
export interface ReverseZone {
  readonly apex: Uint8Array;
  readonly place: ZonePlace;
}

export class ReverseZones {
  readonly zones: readonly ReverseZone[];
  readonly #zonesByText: ReadonlyMap<string, ReverseZone>;

  /** `cidrs`: the ranges. `zone`: the index of the SOA that the zones share. */
  constructor(cidrs: readonly Cidr[], zone: number) {
    this.#zonesByText = new Map(
      cidrs.flatMap(zonesOfCidr).map((text) => {
        const apex = wireName(text);
        return [text, { apex, place: { apexSize: apex.length, zone } }];
      }),
    );
    this.zones = [...this.#zonesByText.values()];
  }

  /**
   * The reverse name of an address and its zone: one of `zones`, else a zone of this one name. `isApex`: whether the
   * name is the apex of one of `zones`.
   */
  locate(address: Uint8Array, zone: number): { name: Uint8Array; place: ZonePlace; isApex: boolean } {
    const text = reverseNameText(address);
    const name = wireName(text);
    const own = longestSuffix(text, this.#zonesByText);
    const place = own?.place ?? { apexSize: name.length, zone };
    return { name, place, isApex: place.apexSize === name.length && own !== undefined };
  }
}

/** The reverse name in wire form. */
export function reverseName(address: Uint8Array): Uint8Array {
  return wireName(reverseNameText(address));
}

function wireName(text: string): Uint8Array {
  const name = parseName(text);
  assert(name !== undefined, `not a name: ${text}`);
  return name;
}

/** The value of the longest key that equals the text or a suffix of it at a label boundary. */
function longestSuffix<V>(text: string, values: ReadonlyMap<string, V>): V | undefined {
  for (let suffix = text; ; suffix = suffix.slice(suffix.indexOf(".") + 1)) {
    const found = values.get(suffix);
    if (found !== undefined || !suffix.includes(".")) return found;
  }
}
