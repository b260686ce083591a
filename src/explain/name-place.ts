// Where a name lies: in a cluster, in a zone of a file, in a hosts file, among the special names, or outside. Of nested
// places the innermost counts, as in answers (RFC 1034 4.3.2 step 2). Pure.
import { TYPE } from "../dns/constants.ts";
import { foldedKey, formatName, keysUpward, nameKey, parseName } from "../dns/name.ts";
import { reverseName } from "../compile/reverse-zones.ts";
import { specialZones } from "../compile/special-names.ts";
import type { HostsEntry } from "../zonefile/parse-hosts-file.ts";
import type { Zone } from "../zonefile/zone-record.ts";
import type { ExplainedCluster, NameView } from "./explain-view.ts";

export type NamePlace =
  | { readonly kind: "cluster"; readonly cluster: ExplainedCluster }
  | { readonly kind: "zone-file"; readonly zone: Zone }
  | { readonly kind: "hosts"; readonly file: string; readonly entries: readonly HostsEntry[] }
  | { readonly kind: "special"; readonly domain: string }
  | { readonly kind: "outside" };

/** Reverse names are in none of the clusters' domains: those without a zone of a file are `special`, or outside. */
export function findPlace(name: Uint8Array, view: NameView): NamePlace {
  const hosts = findHosts(name, view);
  if (hosts !== undefined) return hosts;
  const clusters = new Map(view.clusters.map((cluster) => [foldedKey(parseName(cluster.domain)!), cluster] as const));
  const zones = new Map<string, Zone>();
  for (const [, { content }] of view.files)
    if (content.kind === "zone" && !zones.has(foldedKey(content.zone.origin)))
      zones.set(foldedKey(content.zone.origin), content.zone);
  const special = new Set(SPECIAL_APEXES.map(nameKey));
  const route = view.routeOf(name);
  const stub = route === undefined || route.domain === "." ? undefined : foldedKey(parseName(route.domain)!);
  for (const key of keysUpward(foldedKey(name))) {
    const zone = zones.get(key);
    if (zone !== undefined) return { kind: "zone-file", zone };
    const cluster = clusters.get(key);
    if (cluster !== undefined) return { kind: "cluster", cluster };
    if (key === stub) return { kind: "outside" };
    if (special.has(key)) return { kind: "special", domain: textOf(key) };
  }
  return { kind: "outside" };
}

/** The apexes of the special zones do not depend on their records. */
const SPECIAL_APEXES = specialZones({ type: TYPE.NS, ttlSeconds: 0, rdata: [] }).map(({ apex }) => apex);

/** The lines of hosts files that have the name, or the address of the reverse name. */
function findHosts(name: Uint8Array, view: NameView): NamePlace | undefined {
  const key = foldedKey(name);
  const isReverse = key.endsWith(ARPA);
  for (const [file, { content }] of view.files) {
    if (content.kind !== "hosts") continue;
    const entries = content.entries.filter(({ address, names }) =>
      isReverse ? nameKey(reverseName(address)) === key : names.some((each) => foldedKey(each) === key),
    );
    if (entries.length > 0) return { kind: "hosts", file, entries };
  }
  return undefined;
}

const ARPA = foldedKey(parseName("arpa")!);

/** The name with this key, without the final dot. */
export function textOf(key: string): string {
  const text = formatName(Uint8Array.from(Buffer.from(key, "latin1")));
  return text === "." ? text : text.slice(0, -1);
}

/** A name as text without the final dot. */
export function plainName(name: Uint8Array): string {
  return textOf(nameKey(name));
}
