// The canonical order of names and of the records of a zone (RFC 4034 6.1 and 6.3), so that one zone has one text.
// Pure.
import { TYPE } from "../dns/constants.ts";
import { lowerByte } from "../dns/name.ts";
import { canonicalRdata } from "../dns/rdata.ts";
import type { ListedRecord } from "./listed-record.ts";

/** A text that sorts as the name (wire form) does: labels from the last to the first, in lower case. */
export function canonicalKey(name: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 0; name[at] !== 0; at += 1 + name[at]!) {
    let label = "";
    // One more than each byte: zero ends a label, so that a name sorts before the names below it.
    for (let i = at + 1; i <= at + name[at]!; i++) label += String.fromCharCode(lowerByte(name[i]!) + 1);
    labels.push(label);
  }
  return labels.reverse().join("\0");
}

/** The records by owner name, type and rdata; an SOA comes first. */
export function sortRecords<R extends ListedRecord>(records: readonly R[]): readonly R[] {
  return records
    .map((record) => ({ record, key: canonicalKey(record.owner) }))
    .toSorted((a, b) => compareTexts(a.key, b.key) || compareData(a.record, b.record))
    .map(({ record }) => record);
}

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareData(a: ListedRecord, b: ListedRecord): number {
  if (a.type !== b.type) return rankOf(a.type) - rankOf(b.type);
  return Buffer.compare(canonicalRdata(a.type, a.rdata), canonicalRdata(b.type, b.rdata));
}

function rankOf(type: number): number {
  return type === TYPE.SOA ? -1 : type;
}
