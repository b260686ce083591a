// The RRsets of an owner name, between Kubernetes objects and bytes. Types only: compile-*.ts make them,
// encode-entry.ts turns them into bytes.
import type { RRset } from "../dns/resource-record.ts";
import type { EntryHead } from "../table/entry.ts";

/** The addresses, of one family, of the name that record `rdataIndex` of an RRset points to. */
export interface AddressSet extends Omit<RRset, "ttlSeconds"> {
  readonly rdataIndex: number;
  /** Default: that of the RRset beside it. */
  readonly ttlSeconds?: number;
}

/** An RRset, and the addresses that go in the additional section of its answers, in order of `rdataIndex`. */
export interface AnswerRRset extends RRset {
  readonly additional?: readonly AddressSet[];
}

/** A name, in wire form and lower case, and its RRsets; without any it is an empty non-terminal. */
export interface OwnerRecords {
  readonly name: Uint8Array;
  readonly sets: readonly AnswerRRset[];
  /** Of `ENTRY_FLAG`. */
  readonly flags?: number;
  /** Of `NODE`; by default that of the place. */
  readonly node?: number;
}

/** The zone of an owner name: the size of the apex's name in wire form, bytes, the number of its SOA, and its kind. */
export type ZonePlace = Omit<EntryHead, "flags">;
