// Where a name lies: in a cluster, in a zone of a file, in a hosts file, among the special names, or outside. Of nested
// places the innermost counts, as in answers (RFC 1034 4.3.2 step 2). Pure.
import { TYPE } from "../dns/constants.ts";
import { foldedKey, formatName, isAtOrBelow, keysUpward, nameKey, parseName } from "../dns/name.ts";
import { reverseName } from "../compile/reverse-zones.ts";
import { specialZones } from "../compile/special-names.ts";
import { hostsEntries } from "../zonefile/hosts-lines.ts";
import type { HostsEntry } from "../zonefile/hosts-lines.ts";
import type { Zone } from "../zonefile/zone-record.ts";
import type { ExplainedCluster, NameView } from "./explain-view.ts";

export type NamePlace =
  | { readonly kind: "cluster"; readonly cluster: ExplainedCluster }
  | { readonly kind: "zone-file"; readonly zone: Zone }
  /** At or below the name `apex` of these lines. */
  | { readonly kind: "hosts"; readonly apex: string; readonly file: string; readonly entries: readonly HostsEntry[] }
  | { readonly kind: "special"; readonly domain: string }
  | { readonly kind: "outside" };

type HostsPlace = Extract<NamePlace, { kind: "hosts" }>;

/**
 * The names of a cluster come before those of files. Reverse names are in no cluster's domain: without a zone of a file
 * they are `special`, or outside.
 */
export function findPlace(name: Uint8Array, view: NameView): NamePlace {
  const cluster = findCluster(name, view);
  if (cluster !== undefined && hasName(cluster, name)) return { kind: "cluster", cluster };
  const keys = keysUpward(foldedKey(name));
  const hosts = findHosts(keys, view);
  const own = hosts.get(keys[0]!);
  if (own !== undefined) return own;
  const zones = servedZones(view, cluster);
  const route = view.routeOf(name);
  const stub = route === undefined || route.domain === "." ? undefined : foldedKey(parseName(route.domain)!);
  const apex = cluster && foldedKey(parseName(cluster.domain)!);
  for (const key of keys) {
    const zone = zones.get(key);
    if (zone !== undefined) return { kind: "zone-file", zone };
    if (cluster !== undefined && key === apex) return { kind: "cluster", cluster };
    if (key === stub) return { kind: "outside" };
    // Unless hosts files are authoritative, a line says nothing of the names below it.
    const above = view.hostsAuthoritative ? hosts.get(key) : undefined;
    if (above !== undefined) return above;
    if (SPECIAL_KEYS.has(key)) return { kind: "special", domain: textOf(key) };
  }
  return { kind: "outside" };
}

/** The cluster with the longest domain that the name is in. */
function findCluster(name: Uint8Array, { clusters }: NameView): ExplainedCluster | undefined {
  const all = clusters.filter(({ domain }) => isAtOrBelow(name, parseName(domain)!));
  return all.toSorted((a, b) => b.domain.length - a.domain.length)[0];
}

/** Whether the cluster has the name: its namespace, or its service. */
function hasName({ domain, registry }: ExplainedCluster, name: Uint8Array): boolean {
  const [service, namespace, group] = [undefined, undefined, ...labelsBelow(name, domain)].slice(-3);
  if (group !== "svc" || namespace === undefined) return group === undefined;
  return service === undefined ? registry.hasNamespace(namespace) : registry.service(namespace, service) !== undefined;
}

/** The zones of files by their apexes, without those that are not served because the cluster has the name. */
function servedZones(view: NameView, cluster: ExplainedCluster | undefined): ReadonlyMap<string, Zone> {
  const zones = new Map<string, Zone>();
  for (const [, { content }] of view.files) {
    if (content.kind !== "zone") continue;
    const { origin } = content.zone;
    const isTaken =
      cluster !== undefined && isAtOrBelow(origin, parseName(cluster.domain)!) && hasName(cluster, origin);
    if (!isTaken && !zones.has(foldedKey(origin))) zones.set(foldedKey(origin), content.zone);
  }
  return zones;
}

/** The apexes of the special zones do not depend on their records. */
const SPECIAL_KEYS: ReadonlySet<string> = new Set(
  specialZones({ type: TYPE.NS, ttlSeconds: 0, rdata: [] }).map(({ apex }) => nameKey(apex)),
);

/** The lines of hosts files that have one of the names, or the address of a reverse name among them, by name. */
function findHosts(keys: readonly string[], view: NameView): ReadonlyMap<string, HostsPlace> {
  const found = new Map<string, { kind: "hosts"; apex: string; file: string; entries: HostsEntry[] }>();
  const isReverse = keys.some((key) => key === ARPA);
  for (const [file, { content }] of view.files) {
    if (content.kind !== "hosts") continue;
    for (const entry of hostsEntries(content.entries)) {
      const own = isReverse ? [nameKey(reverseName(entry.address))] : entry.names.map(foldedKey);
      for (const key of own.filter((each) => keys.includes(each))) {
        const place = found.get(key) ?? { kind: "hosts", apex: textOf(key), file, entries: [] };
        if (place.file === file) place.entries.push(entry);
        found.set(key, place);
      }
    }
  }
  return found;
}

const ARPA = foldedKey(parseName("arpa")!);

/** The name with this key, without the final dot. */
export function textOf(key: string): string {
  const text = formatName(Uint8Array.from(Buffer.from(key, "latin1"))).replaceAll("\\*", "*");
  return text === "." ? text : text.slice(0, -1);
}

/** A name as text without the final dot. */
export function plainName(name: Uint8Array): string {
  return textOf(nameKey(name));
}

/** The labels of a name below the domain of its cluster, as text. */
export function labelsBelow(name: Uint8Array, domain: string): string[] {
  const apexSize = parseName(domain)!.length;
  const labels: string[] = [];
  for (let at = 0; at < name.length - apexSize; at += 1 + name[at]!) {
    const label = Uint8Array.from([...name.subarray(at, at + 1 + name[at]!), 0]);
    labels.push(textOf(nameKey(label)));
  }
  return labels;
}
