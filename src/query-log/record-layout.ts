// The layout of records of answered queries in shared memory: all that the threads that write them and the main thread
// agree on.
//
//   header │ records, one behind the other, each of whole 8 bytes │ … from the end on at the start again
//
// A ring has one writer, the thread that answers, and one reader, the main thread. HEAD and TAIL count bytes since the
// start, modulo 2^32; only their writer changes them, after the bytes that they stand for.

/** Words of a ring's header: HEAD and TAIL lie in cache lines of their own. */
export const RING = {
  /** Bytes written so far. */
  HEAD: 0,
  /** Records that found the ring full. */
  DROPPED: 1,
  /** Bytes read so far. */
  TAIL: 16,
  WORDS: 32,
} as const;

/** In place of a record's size: the next record is at the start of the ring. */
export const WRAP = -1;

/** Words of a record. Behind them: the name, then the query's bytes and the reply's, if they were asked for. */
export const RECORD = {
  /** Bytes of the whole record. */
  SIZE: 0,
  /** The random number by which the query was sampled, 0 to 2^31 - 1. */
  DRAW: 1,
  /** When the query came: a double, milliseconds since 1970. */
  TIME: 2,
  /** From the query to the answer: a double, milliseconds. */
  DURATION: 4,
  /** The query's id │ the client's port << 16 */
  ID: 6,
  /** type │ class << 16 */
  TYPE: 7,
  /** Bytes 2 and 3 of the query's header, then of the reply's. */
  FLAGS: 8,
  /** The query's size │ the size that its OPT offers << 16 */
  QUERY_SIZE: 9,
  /** The reply's size │ records in its answer section << 16 */
  REPLY_SIZE: 10,
  /** rcode │ extended error + 1 (0: none) << 16 */
  RCODE: 11,
  /** Bits of `RECORD_BIT` │ cause << 8 │ transport << 16 │ reply class << 24 */
  KIND: 12,
  /** Size of the name │ size of the address << 8 */
  SIZES: 13,
  /** 16 bytes. */
  ADDRESS: 14,
  NAME: 18,
} as const;

export const RECORD_BIT = {
  HAS_OPT: 1,
  DNSSEC_OK: 2,
  /** The query has a question that can be read. */
  HAS_QUESTION: 4,
  /** The bytes of both messages follow. */
  HAS_MESSAGES: 8,
} as const;

/**
 * Where a writer's caller puts times, in a `Float64Array`: numbers with fractions that are passed to a function are
 * allocated. When the query came (ms since 1970), and how long its answer took (ms).
 */
export const TIMES = { AT: 0, DURATION: 1, COUNT: 2 } as const;

/** By their numbers in a record. */
export const TRANSPORTS = ["udp", "tcp", "tls", "https"] as const;

/** Classes of replies, as CoreDNS's `log` has them. */
export const REPLY_CLASS = {
  SUCCESS: 0,
  /** No such name, or nothing of that type. */
  DENIAL: 1,
  /** Every other rcode. */
  ERROR: 2,
} as const;
export type ReplyClass = (typeof REPLY_CLASS)[keyof typeof REPLY_CLASS];

/** Rounds up to whole 8 bytes. */
export function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}
