// Resource records and RRsets as values, independent of a message (RFC 1035 3.2.1, RFC 2181 5). Types only. Names are
// in wire form without compression, and keep their letter case.

export interface ResourceRecord {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly class: number;
  /** Seconds, below 2^31 (RFC 2181 8). */
  readonly ttl: number;
  readonly rdata: Uint8Array;
}

/** The records of one owner name and type, class IN. `rdata` has no duplicates, and is in the order of an answer. */
export interface RRset {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly rdata: readonly Uint8Array[];
}
