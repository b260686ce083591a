// Reverse names (RFC 1035 3.5, RFC 3596 2.5) and the cluster's reverse zones: those of the service and pod ranges, for
// which the cluster is authoritative.
import { parseName } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import { cidrContains } from "../net/ip.ts";
import type { Cidr } from "../net/ip.ts";
import { ZONE_KIND } from "../table/layout.ts";
import { NODE } from "./node-kind.ts";
import type { ZonePlace } from "./owner-records.ts";

const HEX = "0123456789abcdef";
const ZERO = 0x30;
const IPV4_ROOT = wireName("in-addr.arpa");
const IPV6_ROOT = wireName("ip6.arpa");

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
  const whole = wholeBits(cidr);
  const zones: string[] = [];
  for (let i = 0; i < 1 << (whole - cidr.bits); i++) {
    const bytes = cidr.bytes.slice();
    // All bits between the prefix and the boundary lie in the last byte before the boundary.
    if (i > 0) bytes[(whole - 1) >> 3]! |= i << (7 - ((whole - 1) & 7));
    zones.push([...addressLabels(bytes, whole).reverse(), root(bytes)].join("."));
  }
  return zones;
}

/** The bits of a label: an octet or a nibble. */
function labelBits(bytes: Uint8Array): number {
  return bytes.length === 4 ? 8 : 4;
}

/** The bits of the range's zones. */
function wholeBits({ bytes, bits }: Cidr): number {
  return Math.ceil(bits / labelBits(bytes)) * labelBits(bytes);
}

/** A reverse zone of the clusters. */
export interface ReverseZone {
  readonly apex: Uint8Array;
  readonly place: ZonePlace;
  /** The cluster whose name server it has, by its place among the clusters. */
  readonly rank: number;
}

/** The ranges of a cluster, and the number of its zone. */
export interface ClusterRanges {
  readonly cidrs: readonly Cidr[];
  readonly zone: number;
}

/** A range, and the zones that cover it, in the order of `zonesOfCidr`. */
interface Range {
  readonly cidr: Cidr;
  readonly zones: readonly ReverseZone[];
}

export class ReverseZones {
  readonly zones: readonly ReverseZone[];
  /** Those with the innermost zones come first. */
  readonly #ranges: readonly Range[];

  /** `sharedZone`: the number of all zones in which several clusters have addresses; the first cluster keeps these. */
  constructor(clusters: readonly ClusterRanges[], sharedZone: number) {
    const holders = new Map<string, Set<number>>();
    for (const [rank, { cidrs }] of clusters.entries())
      for (const text of cidrs.flatMap(zonesOfCidr)) holders.set(text, (holders.get(text) ?? new Set()).add(rank));
    const zones = new Map(
      [...holders.keys()].map((text): [string, ReverseZone] => {
        const apex = wireName(text);
        const ranks = holdersOf(text, holders);
        const rank = ranks.size > 1 ? 0 : [...ranks][0]!;
        const zone = ranks.size > 1 ? sharedZone : clusters[rank]!.zone;
        return [
          text,
          { apex, place: { apexSize: apex.length, zone, kind: ZONE_KIND.REVERSE, node: NODE.REVERSE }, rank },
        ];
      }),
    );
    this.zones = [...zones.values()];
    this.#ranges = clusters
      .flatMap(({ cidrs }) => cidrs)
      .toSorted((a, b) => wholeBits(b) - wholeBits(a))
      .map((cidr) => ({ cidr, zones: zonesOfCidr(cidr).map((text) => zones.get(text)!) }));
  }

  /**
   * The reverse name of an address and its zone: one of `zones`, else a zone of this one name with the number `zone`.
   * `atApexOf`: the one of `zones` whose apex the name is.
   */
  locate(address: Uint8Array, zone: number): { name: Uint8Array; place: ZonePlace; atApexOf: ReverseZone | undefined } {
    const name = reverseName(address);
    const range = this.#ranges.find(({ cidr }) => cidrContains(cidr, address));
    if (range === undefined) {
      const place = { apexSize: name.length, zone, kind: ZONE_KIND.REVERSE, node: NODE.REVERSE };
      return { name, place, atApexOf: undefined };
    }
    const own = range.zones[zoneIndex(range.cidr, address)]!;
    return { name, place: own.place, atApexOf: own.apex.length === name.length ? own : undefined };
  }
}

/** Which of the zones of `cidr` holds the address: the bits between the prefix and the boundary of a label. */
function zoneIndex(cidr: Cidr, address: Uint8Array): number {
  const whole = wholeBits(cidr);
  if (whole === cidr.bits) return 0;
  return (address[(whole - 1) >> 3]! >> (7 - ((whole - 1) & 7))) & ((1 << (whole - cidr.bits)) - 1);
}

/** The clusters that may have addresses in a zone: those with its range, or with a larger one around it. */
function holdersOf(text: string, holders: ReadonlyMap<string, ReadonlySet<number>>): ReadonlySet<number> {
  const above = [...holders].filter(([zone]) => text === zone || text.endsWith(`.${zone}`));
  return new Set(above.flatMap(([, ranks]) => [...ranks]));
}

/** The reverse name in wire form: `4.3.2.1.in-addr.arpa`, or the nibbles below `ip6.arpa`. `address`: 4 or 16 bytes. */
export function reverseName(address: Uint8Array): Uint8Array {
  return address.length === 4 ? reverseNameOfIpv4(address) : reverseNameOfIpv6(address);
}

function reverseNameOfIpv4(address: Uint8Array): Uint8Array {
  let size = IPV4_ROOT.length;
  for (const octet of address) size += 1 + digitsOf(octet);
  const name = new Uint8Array(size);
  let at = 0;
  for (let i = 3; i >= 0; i--) {
    const digits = digitsOf(address[i]!);
    name[at] = digits;
    for (let j = digits, rest = address[i]!; j > 0; j--, rest = Math.trunc(rest / 10))
      name[at + j] = ZERO + (rest % 10);
    at += 1 + digits;
  }
  name.set(IPV4_ROOT, at);
  return name;
}

function digitsOf(octet: number): number {
  return octet < 10 ? 1 : octet < 100 ? 2 : 3;
}

function reverseNameOfIpv6(address: Uint8Array): Uint8Array {
  const name = new Uint8Array(64 + IPV6_ROOT.length);
  for (let i = 0; i < 32; i++) {
    const byte = address[15 - (i >> 1)]!;
    name[i * 2] = 1;
    name[i * 2 + 1] = HEX.charCodeAt(i % 2 === 0 ? byte & 15 : byte >> 4);
  }
  name.set(IPV6_ROOT, 64);
  return name;
}

function wireName(text: string): Uint8Array {
  const name = parseName(text);
  assert(name !== undefined, `not a name: ${text}`);
  return name;
}
