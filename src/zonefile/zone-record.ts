// A record as a zone file holds it, and the zone that records make together (RFC 1035 5, RFC 1034 4.2). Types only:
// nothing here says how they came about.

/** One record of class IN; all names in wire form, uncompressed, letter case as written. */
export interface ZoneRecord {
  readonly owner: Uint8Array;
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  readonly rdata: Uint8Array;
  /** Where it is written; `line` counts from 1. */
  readonly file: string;
  readonly line: number;
}

/** All records of the zone at `origin`, a name in wire form. */
export interface Zone {
  readonly origin: Uint8Array;
  readonly records: readonly ZoneRecord[];
}
