// The records of one owner name, between Kubernetes objects and table entries.
// Types only: compile-*.ts make the records, encode-entry.ts turns them into bytes.
import type { EntryContent } from "../table/entry.ts";

/** The addresses of one family of the target of record `rdataIndex` in a set. */
export interface AddressSet {
  readonly rdataIndex: number;
  readonly type: number;
  readonly rdata: readonly Uint8Array[];
  /** Default: the TTL of the set. */
  readonly ttlSeconds?: number;
}

/** An RRset (RFC 2181 5). `rdata` has no duplicates; answers keep its order unless they rotate it. */
export interface RecordSet {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly rdata: readonly Uint8Array[];
  readonly additional?: readonly AddressSet[];
}

/** An owner name (wire form, lower case) and its RRsets; a name without RRsets exists as an empty non-terminal does. */
export interface OwnerRecords {
  readonly name: Uint8Array;
  readonly sets: readonly RecordSet[];
  /** Bits of `ENTRY_FLAG`. */
  readonly flags?: number;
}

/** The zone of an owner name: the size of its apex name in wire form (bytes), and the index of its SOA. */
export type ZonePlace = Pick<EntryContent, "apexSize" | "zone">;
