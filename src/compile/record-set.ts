// Between Kubernetes and bytes: what one owner name holds, as records.
// Only shapes: compile-*.ts make them, encode-entry.ts turns them into bytes.
import type { EntryContent } from "../table/entry.ts";

/** The addresses, of one family, of the name that record `rdataIndex` of a set points to. */
export interface AddressSet {
  readonly rdataIndex: number;
  readonly type: number;
  readonly rdata: readonly Uint8Array[];
  /** That of the set that they stand beside when absent. */
  readonly ttlSeconds?: number;
}

/** An RRset (RFC 2181 5): `rdata` has no duplicates, and its order is the order of an answer that does not rotate. */
export interface RecordSet {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly rdata: readonly Uint8Array[];
  readonly additional?: readonly AddressSet[];
}

/** A name, in wire form and lower case, and all that it holds; without sets it exists and that is all. */
export interface OwnerRecords {
  readonly name: Uint8Array;
  readonly sets: readonly RecordSet[];
  /** Of `ENTRY_FLAG`. */
  readonly flags?: number;
}

/** Which zone an owner name is in: the size of the apex's name in wire form, bytes, and whose SOA. */
export type ZonePlace = Pick<EntryContent, "apexSize" | "zone">;
