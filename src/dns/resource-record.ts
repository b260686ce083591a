// Resource records and RRsets as values, apart from any message: names are in wire form without compression, in the
// letter case they were written in. RFC 1035 3.2.1, RFC 2181 5.

export interface ResourceRecord {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly class: number;
  /** Seconds, below 2^31 (RFC 2181 8). */
  readonly ttl: number;
  readonly rdata: Uint8Array;
}

/** All records of one owner name and type, class IN; `rdata` has no duplicates, and its order is that of an answer. */
export interface RRset {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly rdata: readonly Uint8Array[];
}
