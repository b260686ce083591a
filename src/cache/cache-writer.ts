// Stores encoded entries in shared memory of a fixed size: one writer, any number of readers. The oldest entries are
// evicted first; those that were read get a second chance. Negative entries never evict positive ones, neither from
// memory nor from a bucket. Knows neither time nor names.
import { assert } from "../std/assert.ts";
import { BUCKET_SLOTS, BUCKETS_START, CACHE_ENTRY, CACHE_HEADER, CACHE_MAGIC, CACHE_SLOT } from "./cache-layout.ts";
import { CacheRing } from "./cache-ring.ts";
import { hashBytes } from "../std/hash.ts";

/** Share of the memory for negative answers and failures. */
const NEGATIVE_SHARE = 0.25;
/** One slot for so many bytes: entries are larger, so buckets are seldom full. */
const BYTES_PER_SLOT = 96;
/** The smallest cache, bytes. */
export const CACHE_BYTES_MIN = 1 << 20;
/** Entries that get a second chance when one entry is stored. */
const SECOND_CHANCES_MAX = 4;
/** An entry's share of its ring: a larger one is not worth those that it would evict. */
const ENTRY_SHARE_MAX = 1 / 8;

/** `negative`: the name or type does not exist, or the upstreams fail. */
export type CacheKind = "positive" | "negative";

/** What the cache has of one kind. */
export interface CacheKindCounts {
  entries: number;
  /** Bytes of these entries. */
  bytes: number;
  /** Entries that had to go for others before they expired. */
  evictions: number;
}

export class CacheWriter {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #bucketMask: number;
  readonly #rings: Readonly<Record<CacheKind, CacheRing>>;
  /** The first word of the negative ring. */
  readonly #negativeStart: number;
  readonly #seed: readonly [number, number];
  #sequence = 0;
  /** Counts by kind. */
  readonly counts: Readonly<Record<CacheKind, CacheKindCounts>> = {
    positive: { entries: 0, bytes: 0, evictions: 0 },
    negative: { entries: 0, bytes: 0, evictions: 0 },
  };

  /** `size`: bytes, at least `CACHE_BYTES_MIN`; `seed`: two random 32-bit integers. */
  constructor(size: number, seed: readonly [number, number]) {
    assert(size >= CACHE_BYTES_MIN, "a cache is at least a megabyte");
    const words = Math.floor(size / 4);
    let buckets = 1;
    while (buckets * 2 * BUCKET_SLOTS * BYTES_PER_SLOT <= size) buckets *= 2;
    this.memory = new SharedArrayBuffer(words * 4);
    this.#words = new Int32Array(this.memory);
    this.#bytes = new Uint8Array(this.memory);
    this.#bucketMask = buckets - 1;
    this.#seed = seed;
    const start = BUCKETS_START + buckets * BUCKET_SLOTS * CACHE_SLOT.WORDS;
    const negativeStart = words - Math.floor((words - start) * NEGATIVE_SHARE);
    this.#negativeStart = negativeStart;
    this.#rings = { positive: new CacheRing(start, negativeStart), negative: new CacheRing(negativeStart, words) };
    this.#words[CACHE_HEADER.HASH_KEY_0] = seed[0];
    this.#words[CACHE_HEADER.HASH_KEY_1] = seed[1];
    this.#words[CACHE_HEADER.BUCKET_COUNT] = buckets;
    this.#words[CACHE_HEADER.MAGIC] = CACHE_MAGIC;
  }

  /** Entries that readers can find. */
  get count(): number {
    return this.counts.positive.entries + this.counts.negative.entries;
  }

  /** The largest number of entries. */
  get slotCount(): number {
    return (this.#bucketMask + 1) * BUCKET_SLOTS;
  }

  /** Whether the entry at word `entry` was stored as a negative one. */
  isNegative(entry: number): boolean {
    return entry >= this.#negativeStart;
  }

  /**
   * Stores an entry of `encodeCacheEntry` in place of the one with its key; sets its words SEQUENCE and SLOT. False: it
   * is too large, or it is negative and its bucket is full of positive ones.
   */
  put(entry: Int32Array, kind: CacheKind): boolean {
    const ring = this.#rings[kind];
    if (entry.length > ring.capacity * ENTRY_SHARE_MAX) return false;
    const reprieved: Int32Array[] = [];
    const isStored = this.#store(entry, ring, reprieved);
    for (const each of reprieved) if (!hasSameKey(each, entry)) this.#store(each, ring);
    return isStored;
  }

  /**
   * Calls `keep` with the word offset and the hits of each entry in part `part` of `parts` of the slots; drops the
   * entries for which it returns false.
   */
  sweep(part: number, parts: number, keep: (words: Int32Array, entry: number, hits: number) => boolean): void {
    const slots = this.slotCount;
    const [from, to] = [Math.floor((slots * part) / parts), Math.floor((slots * (part + 1)) / parts)];
    for (let i = from; i < to; i++) {
      const slot = BUCKETS_START + i * CACHE_SLOT.WORDS;
      const entry = this.#words[slot + CACHE_SLOT.PLACE]!;
      if (entry === 0) continue;
      if (!keep(this.#words, entry, Atomics.load(this.#words, slot + CACHE_SLOT.HITS))) this.#free(slot);
    }
  }

  #store(entry: Int32Array, ring: CacheRing, reprieved?: Int32Array[]): boolean {
    const words = this.#words;
    const size = entry.length;
    const place = ring.take(size, (old) => this.#evict(old, reprieved));
    const keySize = entry[CACHE_ENTRY.SIZES]! & 0xffff;
    words.set(entry, place);
    words[place + CACHE_ENTRY.SEQUENCE] = 0;
    words[place + CACHE_ENTRY.SIZE] = size;
    const slot = this.#slotFor(place, keySize);
    if (slot === 0) return false;
    this.#sequence = (this.#sequence + 1) & 0x7fff_ffff || 1;
    words[place + CACHE_ENTRY.SLOT] = slot;
    words[slot + CACHE_SLOT.HITS] = 0;
    Atomics.store(words, place + CACHE_ENTRY.SEQUENCE, this.#sequence);
    Atomics.store(words, slot + CACHE_SLOT.PLACE, place);
    const counts = this.#countsOf(place);
    counts.entries++;
    counts.bytes += size * 4;
    return true;
  }

  /**
   * Frees a slot for the key of the entry at `place`: the one it has, an empty one, or that of the oldest entry that it
   * may evict; 0: there is none. The slot then has the key's hash.
   */
  #slotFor(place: number, keySize: number): number {
    const words = this.#words;
    const at = (place + CACHE_ENTRY.KEY) * 4;
    const hash = hashBytes(this.#bytes, at, at + keySize, this.#seed[0], this.#seed[1]);
    const bucket = BUCKETS_START + (hash & this.#bucketMask) * BUCKET_SLOTS * CACHE_SLOT.WORDS;
    let chosen = 0;
    let isOwn = false;
    let oldest = Infinity;
    for (let slot = bucket; slot < bucket + BUCKET_SLOTS * CACHE_SLOT.WORDS; slot += CACHE_SLOT.WORDS) {
      const other = words[slot + CACHE_SLOT.PLACE]!;
      if (other !== 0 && words[slot + CACHE_SLOT.HASH] === hash && this.#sameKey(other, at, keySize)) {
        chosen = slot;
        isOwn = true;
        break;
      }
      const isProtected = other !== 0 && other < this.#negativeStart && place >= this.#negativeStart;
      const age = other === 0 ? -1 : words[other + CACHE_ENTRY.SEQUENCE]!;
      if (!isProtected && age < oldest) {
        oldest = age;
        chosen = slot;
      }
    }
    if (chosen === 0) return 0;
    const evicted = isOwn ? 0 : words[chosen + CACHE_SLOT.PLACE]!;
    if (evicted !== 0) this.#countsOf(evicted).evictions++;
    this.#free(chosen);
    words[chosen + CACHE_SLOT.HASH] = hash;
    return chosen;
  }

  #sameKey(entry: number, at: number, size: number): boolean {
    if ((this.#words[entry + CACHE_ENTRY.SIZES]! & 0xffff) !== size) return false;
    const own = (entry + CACHE_ENTRY.KEY) * 4;
    for (let i = 0; i < size; i++) if (this.#bytes[own + i] !== this.#bytes[at + i]) return false;
    return true;
  }

  /** Hides the slot's entry from readers; its bytes stay until the ring wraps around. */
  #free(slot: number): void {
    const entry = this.#words[slot + CACHE_SLOT.PLACE]!;
    if (entry === 0) return;
    Atomics.store(this.#words, slot + CACHE_SLOT.PLACE, 0);
    Atomics.store(this.#words, entry + CACHE_ENTRY.SEQUENCE, 0);
    const counts = this.#countsOf(entry);
    counts.entries--;
    counts.bytes -= this.#words[entry + CACHE_ENTRY.SIZE]! * 4;
  }

  #countsOf(entry: number): CacheKindCounts {
    return this.counts[entry < this.#negativeStart ? "positive" : "negative"];
  }

  /** Frees the entry's slot if it still has one; copies an entry that was read to `reprieved`. Returns its size. */
  #evict(entry: number, reprieved: Int32Array[] | undefined): number {
    const words = this.#words;
    const size = words[entry + CACHE_ENTRY.SIZE]!;
    if (words[entry + CACHE_ENTRY.SEQUENCE] === 0) return size;
    const slot = words[entry + CACHE_ENTRY.SLOT]!;
    const wasRead = Atomics.load(words, slot + CACHE_SLOT.HITS) > 0;
    if (wasRead && reprieved !== undefined && reprieved.length < SECOND_CHANCES_MAX)
      reprieved.push(words.slice(entry, entry + size));
    else this.#countsOf(entry).evictions++;
    this.#free(slot);
    return size;
  }
}

function hasSameKey(a: Int32Array, b: Int32Array): boolean {
  const size = a[CACHE_ENTRY.SIZES]! & 0xffff;
  if (size !== (b[CACHE_ENTRY.SIZES]! & 0xffff)) return false;
  const key = (entry: Int32Array): Uint8Array =>
    new Uint8Array(entry.buffer, entry.byteOffset + CACHE_ENTRY.KEY * 4, size);
  return Buffer.compare(key(a), key(b)) === 0;
}
