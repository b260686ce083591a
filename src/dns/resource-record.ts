// A resource record as a value, apart from any message: names written out, no compression. RFC 1035 3.2.1.
// Messages are read into these (read-sections.ts) and caches written from them.

/** One record; `owner` and names in `rdata` are in wire form without compression, letter case as it came. */
export interface ResourceRecord {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly class: number;
  /** Seconds, below 2^31 (RFC 2181 8). */
  readonly ttl: number;
  readonly rdata: Uint8Array;
}
