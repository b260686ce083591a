// Looks up answers in the cache's shared memory: any number of readers, in any thread, beside the one writer.
// Only `copy` allocates. A caller that copies from an entry must check `isUnchanged` afterwards.
import { assert } from "../std/assert.ts";
import { CACHE_KEY_SIZE_MAX, writeCacheKey } from "./cache-key.ts";
import { BUCKET_SLOTS, BUCKETS_START, CACHE_ENTRY, CACHE_HEADER, CACHE_MAGIC, CACHE_SLOT } from "./cache-layout.ts";
import { hashBytes } from "../std/hash.ts";

export class CacheReader {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  /** Sequence and slot of the entry found last. */
  #sequence = 0;
  #slot = 0;
  readonly #bucketMask: number;
  readonly #key0: number;
  readonly #key1: number;
  readonly #key = new Uint8Array(CACHE_KEY_SIZE_MAX);

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.bytes = new Uint8Array(memory);
    assert(this.words[CACHE_HEADER.MAGIC] === CACHE_MAGIC, "a cache begins with its magic number");
    this.#bucketMask = this.words[CACHE_HEADER.BUCKET_COUNT]! - 1;
    this.#key0 = this.words[CACHE_HEADER.HASH_KEY_0]!;
    this.#key1 = this.words[CACHE_HEADER.HASH_KEY_1]!;
  }

  /**
   * The word offset of the entry for the question, which may have expired; 0: there is none. `name[0, nameSize)` is in
   * wire form, lower case.
   */
  find(name: Uint8Array, nameSize: number, type: number, dnssecOk: boolean, checkingDisabled: boolean): number {
    const words = this.words;
    const key = this.#key;
    const size = writeCacheKey(key, name, nameSize, type, dnssecOk, checkingDisabled);
    const hash = hashBytes(key, 0, size, this.#key0, this.#key1);
    const bucket = BUCKETS_START + (hash & this.#bucketMask) * BUCKET_SLOTS * CACHE_SLOT.WORDS;
    for (let slot = bucket; slot < bucket + BUCKET_SLOTS * CACHE_SLOT.WORDS; slot += CACHE_SLOT.WORDS) {
      if (words[slot + CACHE_SLOT.HASH] !== hash) continue;
      const entry = Atomics.load(words, slot + CACHE_SLOT.PLACE);
      if (entry === 0) continue;
      const sequence = Atomics.load(words, entry + CACHE_ENTRY.SEQUENCE);
      if (sequence === 0 || words[entry + CACHE_ENTRY.SLOT] !== slot || !this.#hasKey(entry, size)) continue;
      this.#sequence = sequence;
      this.#slot = slot;
      return entry;
    }
    return 0;
  }

  #hasKey(entry: number, size: number): boolean {
    if ((this.words[entry + CACHE_ENTRY.SIZES]! & 0xffff) !== size) return false;
    const at = (entry + CACHE_ENTRY.KEY) * 4;
    for (let i = 0; i < size; i++) if (this.bytes[at + i] !== this.#key[i]) return false;
    return true;
  }

  /** Counts a hit of the entry found last; returns whether it is still the same, so that a copy of it is whole. */
  isUnchanged(entry: number): boolean {
    // Hits are in the slot, not in the entry: a late one may count for another entry, but must not change its bytes.
    Atomics.add(this.words, this.#slot + CACHE_SLOT.HITS, 1);
    if (Atomics.load(this.words, this.#slot + CACHE_SLOT.PLACE) !== entry) return false;
    return Atomics.load(this.words, entry + CACHE_ENTRY.SEQUENCE) === this.#sequence;
  }

  /** A copy of the entry found last; undefined when it was overwritten meanwhile. Allocates: for the main thread. */
  copy(entry: number): Int32Array<ArrayBuffer> | undefined {
    const copy = this.words.slice(entry, entry + this.words[entry + CACHE_ENTRY.SIZE]!);
    return this.isUnchanged(entry) ? copy : undefined;
  }
}
