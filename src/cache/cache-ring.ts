// A stretch of the cache's memory that is written round and round: room for a new entry is made by giving up the
// oldest ones. Knows where entries begin and end, and nothing of what they hold.
import { assert } from "../std/assert.ts";

/** Gives up the entry at this word offset; returns its size, words. */
export type GiveUp = (entry: number) => number;

export class CacheRing {
  readonly #start: number;
  readonly #end: number;
  #head: number;
  #tail: number;
  /** Where what was written before the last turn ends. */
  #turnedAt: number;
  /** The head is behind the tail: it has turned, the tail has not yet. */
  #turned = false;

  /** Of the words `[start, end)`. */
  constructor(start: number, end: number) {
    this.#start = this.#head = this.#tail = start;
    this.#end = this.#turnedAt = end;
  }

  /** Largest entry, words. */
  get capacity(): number {
    return this.#end - this.#start;
  }

  /** The offset of `size` free words, not more than `capacity`; calls `giveUp` for each entry that stood there. */
  take(size: number, giveUp: GiveUp): number {
    assert(size <= this.capacity, "an entry larger than its ring");
    for (;;) {
      if (!this.#turned && this.#end - this.#head >= size) break;
      if (!this.#turned) {
        this.#turnedAt = this.#head;
        this.#head = this.#start;
        this.#turned = true;
      }
      if (this.#tail - this.#head >= size) break;
      // All that was written before the turn is gone: what the head follows now is its own tail.
      if (this.#tail >= this.#turnedAt) {
        this.#tail = this.#start;
        this.#turned = false;
        continue;
      }
      this.#tail += giveUp(this.#tail);
    }
    const place = this.#head;
    this.#head += size;
    return place;
  }
}
