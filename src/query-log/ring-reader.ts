// Reads the records of one ring in the order in which they were written. Runs in the main thread.
// Layout in record-layout.ts.
import { RING, WRAP } from "./record-layout.ts";
import type { QueryRecord } from "./query-record.ts";

const HEADER_BYTES = RING.WORDS * 4;

export class RingReader {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Buffer<ArrayBufferLike>;
  readonly #size: number;

  /** No one else reads from `ring`. */
  constructor(ring: SharedArrayBuffer) {
    this.#words = new Int32Array(ring);
    this.#doubles = new Float64Array(ring);
    this.#bytes = Buffer.from(ring);
    this.#size = ring.byteLength - HEADER_BYTES;
  }

  /** Records that found the ring full. */
  get dropped(): number {
    return Atomics.load(this.#words, RING.DROPPED) >>> 0;
  }

  /** Calls `take` with at most `max` records, and frees their places; returns how many there were. */
  read(record: QueryRecord, max: number, take: (record: QueryRecord) => void): number {
    const words = this.#words;
    const head = Atomics.load(words, RING.HEAD);
    let tail = words[RING.TAIL]!;
    let count = 0;
    while (count < max && tail !== head) {
      const place = tail & (this.#size - 1);
      const at = HEADER_BYTES + place;
      if (words[at >> 2] === WRAP) {
        tail = (tail + this.#size - place) | 0;
        continue;
      }
      record.attach(words, this.#doubles, this.#bytes, at);
      tail = (tail + record.size) | 0;
      count++;
      take(record);
    }
    Atomics.store(words, RING.TAIL, tail);
    return count;
  }
}
