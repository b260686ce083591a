// What a parsed file holds in numbers (objects, records, lines) apart from the rest of it, so that it can be handed
// from thread to thread in pieces. Looks into none of it.
import type { KubeObject } from "../../objects/kube-object.ts";
import type { HostsEntry } from "../../zonefile/parse-hosts-file.ts";
import type { ZoneRecord } from "../../zonefile/zone-record.ts";
import type { ParsedManifest } from "./parse-manifest.ts";

/** One of what there may be many of. */
export type ParsedItem = KubeObject | ZoneRecord | HostsEntry;

/** So many of them are taken in within a few milliseconds. */
export const PIECE_ITEMS = 250;

/** What the file holds: records of a zone file, lines of a hosts file, objects of any other. */
export function itemsOf({ objects, zone }: ParsedManifest): readonly ParsedItem[] {
  if (zone === undefined) return objects;
  return zone.kind === "zone" ? zone.zone.records : zone.entries;
}

/** `parsed` with other items, which must be of the kind that `itemsOf` gives of it. */
export function withItems(parsed: ParsedManifest, items: readonly ParsedItem[]): ParsedManifest {
  const { zone } = parsed;
  if (zone === undefined) return { ...parsed, objects: items as readonly KubeObject[] };
  if (zone.kind === "hosts") return { ...parsed, zone: { ...zone, entries: items as readonly HostsEntry[] } };
  return { ...parsed, zone: { ...zone, zone: { ...zone.zone, records: items as readonly ZoneRecord[] } } };
}
