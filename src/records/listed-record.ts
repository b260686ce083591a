// The records that a server answers, as values: those of zones, and those of hosts files. Types only: list-records.ts
// reads them from the compiled table.
import type { ResourceRecord } from "../dns/resource-record.ts";

/** A record of class IN. */
export type ListedRecord = Omit<ResourceRecord, "class">;

/** What a zone comes from; `special`: it is there in any configuration, such as `10.in-addr.arpa`. */
export type ZoneOrigin = "cluster" | "reverse" | "file" | "special";

/** A zone as a zone file can say it. */
export interface ListedZone {
  readonly apex: Uint8Array;
  readonly origin: ZoneOrigin;
  /** In canonical order, the SOA first. */
  readonly records: readonly ListedRecord[];
  /** Those of the cluster's own names: `10.in-addr.arpa`, which is special, may have some of its reverse names. */
  readonly ofCluster: readonly ListedRecord[];
  /** Names that exist without records of their own; those above names with records are not among them. */
  readonly empty: readonly Uint8Array[];
  /** What no record can say, a sentence each. */
  readonly notes: readonly string[];
  /** Has no names but those that any server has: only SOA and NS, or special names. */
  readonly isBare: boolean;
}

/** All that a server answers. */
export interface RecordList {
  /** The zones of clusters first, then reverse zones, those of files and special ones; each in canonical order. */
  readonly zones: readonly ListedZone[];
  /** Names of hosts files, and their reverse names: each is a zone of its own. */
  readonly hosts: readonly ListedRecord[];
}
