// Records of zone files, and the zones that they make (RFC 1035 5, RFC 1034 4.2). Types only: parse-zone-file.ts and
// check-zone.ts make them.
import type { ResourceRecord } from "../dns/resource-record.ts";

/** A record of class IN and its place in the zone file; `line` counts from 1. */
export interface ZoneRecord extends Omit<ResourceRecord, "class"> {
  readonly file: string;
  readonly line: number;
}

/** A zone: all records at and below `origin`, its apex (wire form). */
export interface Zone {
  readonly origin: Uint8Array;
  readonly records: readonly ZoneRecord[];
}
