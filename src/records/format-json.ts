// Listed records as JSON for programs: names end in a dot, rdata is the text of zone files.
// Fields are added, and not renamed.
import { formatName } from "../dns/name.ts";
import { formatType } from "../dns/type-names.ts";
import { formatRdata } from "../zonefile/rdata-text.ts";
import { formatOwner } from "./name-texts.ts";
import type { ListedRecord, RecordList } from "./listed-record.ts";

/** A record as a program reads it. */
interface JsonRecord {
  readonly name: string;
  readonly ttl: number;
  readonly type: string;
  readonly data: string;
}

export function toJsonRecord({ owner, ttl, type, rdata }: ListedRecord): JsonRecord {
  return { name: formatOwner(owner), ttl, type: formatType(type), data: formatRdata(type, rdata) };
}

/** The text of a JSON document with all zones, and the records of hosts files. */
export function formatJson({ zones, hosts }: RecordList): string {
  const all = {
    zones: zones.map(({ apex, origin, records, notes }) => {
      return { zone: formatName(apex), origin, records: records.map(toJsonRecord), notes };
    }),
    hosts: hosts.map(toJsonRecord),
  };
  return `${JSON.stringify(all, undefined, 2)}\n`;
}
