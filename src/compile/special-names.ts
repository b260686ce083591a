// Zones that exist in any configuration, since queries for them should not leave the site: names of this host, names
// outside the public DNS, and reverse zones of private and reserved ranges.
// RFC 6761 6 (localhost, invalid), RFC 6762 22.1 (local), RFC 7686 (onion), RFC 9476 (alt), RFC 8375 (home.arpa),
// RFC 9462 6.4 (resolver.arpa), RFC 6303 4 (reverse zones).
import { TYPE } from "../dns/constants.ts";
import { parseName, prependLabels } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import { ENTRY_FLAG } from "../table/layout.ts";
import type { OwnerRecords, AnswerRRset } from "./owner-records.ts";
import { reverseName } from "./reverse-zones.ts";

const IPV4_LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const IPV6_LOOPBACK = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** Zones without records. */
const DENIED: readonly string[] = ["invalid", "onion", "alt", "local", "home.arpa", "resolver.arpa"];

const nibbles = (count: number): string => Array.from({ length: count }, () => "0").join(".");

/** RFC 6303 4.1 to 4.6. */
const REVERSE: readonly string[] = [
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

/** A special zone with its names, the apex first. */
export interface SpecialZone {
  readonly apex: Uint8Array;
  readonly owners: readonly OwnerRecords[];
  /** Whether the apex gets NXDOMAIN too, unless another name exists below it. */
  readonly isDenied: boolean;
}

/** All special zones. Those with records have the NS set `nameserver`. */
export function specialZones(nameserver: AnswerRRset): readonly SpecialZone[] {
  const { ttlSeconds } = nameserver;
  const localhost = wireName("localhost");
  const addresses = [
    { type: TYPE.A, ttlSeconds, rdata: [IPV4_LOOPBACK] },
    { type: TYPE.AAAA, ttlSeconds, rdata: [IPV6_LOOPBACK] },
  ];
  const names: readonly OwnerRecords[] = [
    { name: localhost, sets: [nameserver, ...addresses], flags: ENTRY_FLAG.WILDCARD },
    { name: prependLabels(["*"], localhost), sets: addresses },
  ];
  const pointer = { type: TYPE.PTR, ttlSeconds, rdata: [localhost] };
  const ofIpv6 = reverseName(IPV6_LOOPBACK);
  const reverse = REVERSE.map((text): SpecialZone => {
    const apex = wireName(text);
    const isIpv6 = Buffer.compare(apex, ofIpv6) === 0;
    const owners: OwnerRecords[] = [{ name: apex, sets: isIpv6 ? [nameserver, pointer] : [nameserver] }];
    if (text === "127.in-addr.arpa") owners.push({ name: reverseName(IPV4_LOOPBACK), sets: [pointer] });
    return { apex, owners, isDenied: false };
  });
  const denied = DENIED.map((text): SpecialZone => {
    const apex = wireName(text);
    return { apex, owners: [{ name: apex, sets: [] }], isDenied: true };
  });
  return [{ apex: localhost, owners: names, isDenied: false }, ...reverse, ...denied];
}

function wireName(text: string): Uint8Array {
  const name = parseName(text);
  assert(name !== undefined, `not a name: ${text}`);
  return name;
}
