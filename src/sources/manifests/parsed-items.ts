// The items of a parsed file (objects, records, lines), which may be many, apart from the rest of it, so that they can
// be posted between threads in pieces. Does not interpret them.
import type { KubeObject } from "../../objects/kube-object.ts";
import type { ZoneRecord } from "../../zonefile/zone-record.ts";
import type { ParsedManifest } from "./parse-manifest.ts";

/** An object, or a record of a zone file. */
export type ParsedItem = KubeObject | ZoneRecord;

/** A message of this many items is received within a few milliseconds. */
export const PIECE_ITEMS = 250;

/** The records of a zone file, or the objects of any other; none of a hosts file, whose lines are one block. */
export function itemsOf({ objects, zone }: ParsedManifest): readonly ParsedItem[] {
  if (zone === undefined) return objects;
  return zone.kind === "zone" ? zone.zone.records : [];
}

/** `parsed` with other items, of the type that `itemsOf` gives for it. */
export function withItems(parsed: ParsedManifest, items: readonly ParsedItem[]): ParsedManifest {
  const { zone } = parsed;
  if (zone === undefined) return { ...parsed, objects: items as readonly KubeObject[] };
  if (zone.kind === "hosts") return parsed;
  return { ...parsed, zone: { ...zone, zone: { ...zone.zone, records: items as readonly ZoneRecord[] } } };
}
