// Where everything lies in the cache's shared memory: answers of others, as bytes, with when they were stored. Writer
// and readers agree on this file alone.
//
//   header │ buckets of slots │ ring of positive answers │ ring of negative ones and failures
//
// A ring is written round and round, so the memory never grows; that there are two keeps a flood of names that do not
// exist from pushing out those that do. A name has one bucket, and may stand in any of its slots: a look-up is bounded.
// An entry's SEQUENCE is set to 0, and its slot to free, before its bytes are overwritten: a reader that finds both as
// they were after it has copied an answer has copied a whole one.

export const CACHE_MAGIC = 0x444e5343;

/** Header words; fixed in the memory's life. */
export const CACHE_HEADER = { MAGIC: 0, HASH_KEY_0: 1, HASH_KEY_1: 2, BUCKET_COUNT: 3, WORDS: 4 } as const;

/** Slots of a bucket. */
export const BUCKET_SLOTS = 8;
/** A slot: the key's hash, the entry's word offset (0: free), and how often it was read since it was stored. */
export const CACHE_SLOT = { HASH: 0, PLACE: 1, HITS: 2, WORDS: 4 } as const;
export const BUCKETS_START = CACHE_HEADER.WORDS;

/** An entry: these words, the key, a word for each record, the records' bytes; whole words each. */
export const CACHE_ENTRY = {
  /** Not 0, and another one for each entry. */
  SEQUENCE: 0,
  /** All of it, words. */
  SIZE: 1,
  /** The word offset of its slot. */
  SLOT: 2,
  /** When it was stored, `Clock.upMs`. */
  STORED_MS: 3,
  /** For how long it is fresh, seconds. */
  TTL: 4,
  /** Until when others said that it holds, `Clock.upMs`: long past where it is stale and kept for want of better. */
  VALID_UNTIL_MS: 5,
  /** rcode │ AD << 8 │ extended error (0: none) << 16 */
  META: 6,
  /** answer records │ authority records << 16 */
  COUNTS: 7,
  /** key size, bytes │ records' size, bytes << 16 */
  SIZES: 8,
  /** Where a run of address records of one size begins, which may start anywhere │ how many << 16; 0: none. */
  ROTATION: 9,
  /** The key, as `writeCacheKey` writes it. */
  KEY: 10,
} as const;

/** The word of a record: where its TTL stands │ where it ends << 16, bytes from the first record. */
export const RECORD_END_SHIFT = 16;

export const AD_BIT = 0x100;

/** Whole words for so many bytes. */
export function wordsFor(bytes: number): number {
  return (bytes + 3) >> 2;
}
