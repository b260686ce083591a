// Looks names up in a compiled zone's shared memory; any number of readers, in any thread, beside the one writer.
// Allocates nothing after `attach`. The answer path reads the entries through `words` and `bytes` by layout.ts.
import { assert } from "../std/assert.ts";
import { hashBytes } from "./hash.ts";
import { ENTRY, HEADER, MAGIC, SLOTS_START, ZONE_WORDS } from "./layout.ts";

export class TableReader {
  words: Int32Array = new Int32Array(0);
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the labels of a name begin: at most 127, and the root. */
  readonly #offsets = new Uint8Array(128);
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
   * the longest name above it that is, or 0 when the name lies outside all zones. However many labels a name has, the
   * look-ups are few: mostly the name right above is there; else the way leads down from the zone's apex, below which
   * a name without entry has none below it.
   */
  findEncloser(key: Uint8Array, start: number, end: number): number {
    const offsets = this.#offsets;
    let labels = 0;
    for (let at = start; key[at] !== 0; at += 1 + key[at]!) offsets[labels++] = at - start;
    offsets[labels] = end - 1 - start;
    if (labels === 0) return 0;
    const above = this.find(key, start + offsets[1]!, end);
    if (above !== 0) return above;
    for (let count = 0; count < labels - 1; count++) {
      if ((Atomics.load(this.words, HEADER.APEX_LABELS + (count >> 5)) & (1 << (count & 31))) === 0) continue;
      let entry = this.find(key, start + offsets[labels - count]!, end);
      if (entry === 0) continue;
      for (let deeper = count + 1; deeper < labels - 1; deeper++) {
        const next = this.find(key, start + offsets[labels - deeper]!, end);
        if (next === 0) return entry;
        entry = next;
      }
      return entry;
    }
    return 0;
  }
}
