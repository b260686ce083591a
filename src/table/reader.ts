// Looks names up in a compiled zone's shared memory; any number of readers, in any thread, beside the one writer.
// Allocates nothing after `attach`. The answer path reads the entries through `words` and `bytes` by layout.ts.
import { assert } from "../std/assert.ts";
import { hashBytes } from "./hash.ts";
import { ENTRY, HEADER, MAGIC, SLOTS_START, ZONE_WORDS } from "./layout.ts";

export class TableReader {
  words: Int32Array = new Int32Array(0);
  bytes: Uint8Array = new Uint8Array(0);
  #slotMask = 0;
  #key0 = 0;
  #key1 = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.attach(buffer);
  }

  /** Reads from `buffer` from now on: the writer moved there. */
  attach(buffer: SharedArrayBuffer): void {
    this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    assert(this.words[HEADER.MAGIC] === MAGIC, "a compiled zone begins with its magic number");
    this.#slotMask = this.words[HEADER.SLOT_COUNT]! - 1;
    this.#key0 = this.words[HEADER.HASH_KEY_0]!;
    this.#key1 = this.words[HEADER.HASH_KEY_1]!;
  }

  /** Whether the first full load has been published. */
  get ready(): boolean {
    return Atomics.load(this.words, HEADER.READY) !== 0;
  }

  /** No name in the table has more labels. */
  get labelsMax(): number {
    return Atomics.load(this.words, HEADER.LABELS_MAX);
  }

  /** The word offset of the zone's record. */
  zoneRecord(zone: number): number {
    return Atomics.load(this.words, HEADER.ZONES + zone * ZONE_WORDS);
  }

  serial(zone: number): number {
    return Atomics.load(this.words, HEADER.ZONES + zone * ZONE_WORDS + 1);
  }

  /** The word offset of the entry of the lower-case wire name in `key[start, end)`, or 0. */
  find(key: Uint8Array, start: number, end: number): number {
    const words = this.words;
    const bytes = this.bytes;
    const size = end - start;
    const hash = hashBytes(key, start, end, this.#key0, this.#key1);
    for (let i = hash & this.#slotMask; ; i = (i + 1) & this.#slotMask) {
      const value = Atomics.load(words, SLOTS_START + i);
      if (value === 0) return 0;
      if (value < 0) continue;
      const entry = value * 2;
      if (words[entry + ENTRY.HASH] !== hash || (words[entry + ENTRY.META]! & 0xff) !== size) continue;
      const at = (entry + ENTRY.NAME) << 2;
      let same = 0;
      while (same < size && bytes[at + same] === key[start + same]) same++;
      if (same === size) return entry;
    }
  }

  /**
   * The closest encloser (RFC 4592 3.3.1) of the name in `key[start, end)`, which is not in the table: the entry of
   * the longest name above it that is, or 0 when the name lies outside all zones.
   */
  findEncloser(key: Uint8Array, start: number, end: number): number {
    let labels = 0;
    for (let at = start; key[at] !== 0; at += 1 + key[at]!) labels++;
    const labelsMax = this.labelsMax;
    for (let at = start; labels > 0; labels--) {
      at += 1 + key[at]!;
      // Names with more labels than any key need no look.
      if (labels - 1 > labelsMax) continue;
      const entry = this.find(key, at, end);
      if (entry !== 0) return entry;
    }
    return 0;
  }
}
