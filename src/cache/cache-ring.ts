// A ring buffer in the cache's memory: a new entry takes the place of the oldest ones.
// Knows where entries begin and end, and nothing of their contents.
import { assert } from "../std/assert.ts";

/** Evicts the entry at this word offset; returns its size, words. */
export type Evict = (entry: number) => number;

export class CacheRing {
  readonly #start: number;
  readonly #end: number;
  #head: number;
  #tail: number;
  /** The end of the entries that were written before the head wrapped around. */
  #wrappedAt: number;
  /** The head has wrapped around and is behind the tail. */
  #hasWrapped = false;

  /** The ring takes the words `[start, end)`. */
  constructor(start: number, end: number) {
    this.#start = this.#head = this.#tail = start;
    this.#end = this.#wrappedAt = end;
  }

  /** The largest entry, words. */
  get capacity(): number {
    return this.#end - this.#start;
  }

  /** The offset of `size` words, at most `capacity`; calls `evict` for each entry there. */
  take(size: number, evict: Evict): number {
    assert(size <= this.capacity, "an entry fits in its ring");
    for (;;) {
      if (!this.#hasWrapped && this.#end - this.#head >= size) break;
      if (!this.#hasWrapped) {
        this.#wrappedAt = this.#head;
        this.#head = this.#start;
        this.#hasWrapped = true;
      }
      if (this.#tail - this.#head >= size) break;
      // All entries from before the wrap are evicted: the tail wraps around too.
      if (this.#tail >= this.#wrappedAt) {
        this.#tail = this.#start;
        this.#hasWrapped = false;
        continue;
      }
      this.#tail += evict(this.#tail);
    }
    const place = this.#head;
    this.#head += size;
    return place;
  }
}
