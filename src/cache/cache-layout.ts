// The layout of the cache's shared memory: upstreams' answers as bytes, and the table that finds them.
// All that writer and readers agree on.
//
//   header │ buckets of slots │ ring of positive answers │ ring of negative answers and failures
//
// Rings wrap around, so the memory never grows; negative answers have their own, so that a flood of names that do not
// exist evicts no positive answer. A key has one bucket, and may take any slot of it: a look-up is bounded. Before an
// entry is overwritten, its SEQUENCE and its slot are set to 0: a reader that finds both unchanged after it has copied
// an answer has a whole one.

export const CACHE_MAGIC = 0x444e5343;

/** Words of the header; they never change. */
export const CACHE_HEADER = { MAGIC: 0, HASH_KEY_0: 1, HASH_KEY_1: 2, BUCKET_COUNT: 3, WORDS: 4 } as const;

/** Slots of a bucket. */
export const BUCKET_SLOTS = 8;
/** A slot: the key's hash, the entry's word offset (0: free), and its hits since it was stored. */
export const CACHE_SLOT = { HASH: 0, PLACE: 1, HITS: 2, WORDS: 4 } as const;
export const BUCKETS_START = CACHE_HEADER.WORDS;

/**
 * An entry: these words, the key, a word for each record, the records' bytes, and the text with further errors behind
 * it; each part padded to whole words.
 */
export const CACHE_ENTRY = {
  /** Not 0, and different for each entry; 0: the entry is being overwritten. */
  SEQUENCE: 0,
  /** The size of the whole entry, words. */
  SIZE: 1,
  /** The word offset of the entry's slot. */
  SLOT: 2,
  /** Time of storage, `Clock.upMs`. */
  STORED_MS: 3,
  /** How long the entry is fresh, seconds. */
  TTL: 4,
  /** The end of the TTL that the upstream gave, `Clock.upMs`; a stale answer is stored anew with this one unchanged. */
  VALID_UNTIL_MS: 5,
  /** rcode │ AD << 8 │ extended error (0: none) << 16 */
  META: 6,
  /** answer records │ authority records << 16 */
  COUNTS: 7,
  /** key size, bytes │ size of the records, bytes << 16 */
  SIZES: 8,
  /** The run of addresses that may be rotated: its first record │ its length << 16; 0: none. */
  ROTATION: 9,
  /** Size of the extended error's text, bytes │ size of further extended errors, bytes << 16. */
  ERROR_SIZES: 10,
  /** The key, as `writeCacheKey` writes it. */
  KEY: 11,
} as const;

/** The word of a record: the offset of its TTL │ its end << 16, bytes from the first record. */
export const RECORD_END_SHIFT = 16;

export const AD_BIT = 0x100;

/** The largest text of an entry, bytes. */
export const TEXT_SIZE_MAX = 255;
/** The largest text and further errors of an entry, bytes together. */
export const ERRORS_SIZE_MAX = 512;

/** Where the text of the entry at word `entry` begins, bytes. */
export function textStart(words: Int32Array, entry: number): number {
  const sizes = words[entry + CACHE_ENTRY.SIZES]!;
  const counts = words[entry + CACHE_ENTRY.COUNTS]!;
  const records = (counts & 0xffff) + (counts >>> 16);
  return (entry + CACHE_ENTRY.KEY + wordsFor(sizes & 0xffff) + records + wordsFor(sizes >>> 16)) * 4;
}

/** The words that so many bytes take. */
export function wordsFor(bytes: number): number {
  return (bytes + 3) >> 2;
}
