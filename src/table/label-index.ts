// An index of labels for questions with a typing mistake: which names beside the missing one differ in one edit. Each
// label has a key for itself, and one for it without each of its bytes; two labels of one edit share a key. Open
// addressing; a slot has no place of an entry: it says what to put back where, and whoever finds it looks the name up.
// Allocates nothing.
// (T. Bocek, E. Hunt, B. Stiller: "Fast similarity search in large dictionaries", 2007.)
import { isWordByte, LABEL_SIZE_MAX } from "../dns/name.ts";
import { hashBytes } from "../std/hash.ts";
import { ENTRY, HEADER } from "./layout.ts";
import { LEVEL, NOTE_PREFIX } from "./reason-texts.ts";

/** How far a key may be from its first slot. Where no slot is free so far, keys may be missing. */
export const PROBES_MAX = 64;
/** A slot: 0: free; REMOVED; else tag << PAYLOAD_BITS │ payload. */
export const PAYLOAD_BITS = 13;
const PAYLOAD_MASK = (1 << PAYLOAD_BITS) - 1;
const REMOVED = 1;
/** The payload of a label without a byte: position << BYTE_BITS │ byte. Of a whole label: 0. */
export const BYTE_BITS = 7;

const SLOTS_MIN = 1 << 10;
/** Keys that a name takes: at most, and mostly. */
const KEYS_MAX = LABEL_SIZE_MAX + 2;
const EXPECTED_KEYS = 14;
const BASE = 0x01000193;
const POWERS = new Int32Array(LABEL_SIZE_MAX + 1);
POWERS[0] = 1;
for (let i = 1; i < POWERS.length; i++) POWERS[i] = Math.imul(POWERS[i - 1]!, BASE);

/** The keys of one label. */
export class LabelKeys {
  /** By the byte that is left out; the last one of the whole label. */
  readonly keys = new Int32Array(LABEL_SIZE_MAX + 1);

  /**
   * Computes the keys of `bytes[start, end)` in the group of that hash; false: not a label of letters, digits and
   * hyphens. A polynomial hash: leaving out one byte or the next differs in one term.
   */
  fill(bytes: Uint8Array, start: number, end: number, group: number): boolean {
    const size = end - start;
    if (size === 0 || size > LABEL_SIZE_MAX) return false;
    let whole = 0;
    let without = 0;
    for (let i = 0; i < size; i++) {
      const byte = bytes[start + i]!;
      if (!isWordByte(byte)) return false;
      whole = (Math.imul(whole, BASE) + byte) | 0;
      if (i > 0) without = (Math.imul(without, BASE) + byte) | 0;
    }
    for (let i = 0; i < size; i++) {
      this.keys[i] = mix(without ^ group, size - 1);
      if (i + 1 < size) {
        const change = bytes[start + i]! - bytes[start + i + 1]!;
        without = (without + Math.imul(change, POWERS[size - 2 - i]!)) | 0;
      }
    }
    this.keys[size] = mix(whole ^ group, size);
    return true;
  }
}

function mix(hash: number, size: number): number {
  hash = Math.imul(hash ^ (hash >>> 16) ^ size, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The key of a whole label in a group; undefined as `fill` false. */
export function wholeKey(bytes: Uint8Array, start: number, end: number, group: number): number | undefined {
  let whole = 0;
  for (let at = start; at < end; at++) {
    if (!isWordByte(bytes[at]!)) return undefined;
    whole = (Math.imul(whole, BASE) + bytes[at]!) | 0;
  }
  return mix(whole ^ group, end - start);
}

/** The tag of a key, in its place in a slot. */
export function tagOf(key: number): number {
  return (key | (1 << PAYLOAD_BITS)) & ~PAYLOAD_MASK;
}

/** The group of labels that are anywhere below a name of that hash, two labels up. */
export function groupAnywhere(hash: number): number {
  return hash ^ 0x5bd1e995;
}

/** The last words of a table's memory, as its writer changes them. */
export class LabelIndex {
  /** How many slots there are; 0: there is no index. */
  slots: number;
  readonly #levels: Uint8Array | undefined;
  readonly #key: readonly [number, number];
  readonly #keys = new LabelKeys();
  #words: Int32Array = new Int32Array(0);
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #mask = 0;
  /** Slots that are not free, and those of them that are not removed. */
  #used = 0;
  #live = 0;

  /** `levels`: the `LEVEL` of names by the kind of node; undefined: no index. `key`: of the table's hash. */
  constructor(levels: Uint8Array | undefined, key: readonly [number, number]) {
    this.#levels = levels;
    this.#key = key;
    this.slots = levels === undefined ? 0 : SLOTS_MIN;
  }

  /** Whether any name can be added. */
  get hasRoom(): boolean {
    return this.slots === 0 || (this.#used + KEYS_MAX) * 4 <= this.slots * 3;
  }

  /** Chooses how many slots the next memory has: enough for what there is, and for so many more members. */
  resize(members: number): void {
    if (this.slots === 0) return;
    const keys = this.#live + KEYS_MAX + members * EXPECTED_KEYS;
    this.slots = SLOTS_MIN;
    while (this.slots * 3 < keys * 5) this.slots *= 2;
  }

  /** Begins an empty index in the last words of that memory, which are zero. */
  attach(words: Int32Array, bytes: Uint8Array): void {
    words[HEADER.INDEX_SLOTS] = this.slots;
    this.#words = words;
    this.#bytes = bytes;
    this.#start = words.length - this.slots;
    this.#mask = this.slots - 1;
    this.#used = this.#live = 0;
  }

  /** Follows the change of a name's entry; 0: none. */
  change(before: number, after: number): void {
    const levels = this.#levels;
    if (levels === undefined) return;
    const words = this.#words;
    const old = before === 0 ? LEVEL.NONE : levels[words[before + ENTRY.ZONE]! >>> 24]!;
    const own = after === 0 ? LEVEL.NONE : levels[words[after + ENTRY.ZONE]! >>> 24]!;
    if (old === own) return;
    if (old !== LEVEL.NONE) this.#changeName(before, old, false);
    if (own !== LEVEL.NONE) this.#changeName(after, own, true);
  }

  #changeName(entry: number, level: number, isAdded: boolean): void {
    const bytes = this.#bytes;
    const name = (entry + ENTRY.NAME) * 4;
    const end = name + (this.#words[entry + ENTRY.META]! & 0xff);
    const labelEnd = name + 1 + bytes[name]!;
    const start = bytes[name + 1] === NOTE_PREFIX ? name + 2 : name + 1;
    this.#changeLabel(start, labelEnd, this.#hash(labelEnd, end), isAdded);
    if (level !== LEVEL.MEMBER) return;
    const above = labelEnd + 1 + bytes[labelEnd]!;
    this.#count(start, labelEnd, groupAnywhere(this.#hash(above, end)), isAdded);
  }

  #hash(start: number, end: number): number {
    return hashBytes(this.#bytes, start, end, this.#key[0], this.#key[1]);
  }

  /** Adds the label in `bytes[start, end)` to a group, or removes it. */
  #changeLabel(start: number, end: number, group: number, isAdded: boolean): void {
    const bytes = this.#bytes;
    const { keys } = this.#keys;
    if (!this.#keys.fill(bytes, start, end, group)) return;
    const size = end - start;
    for (let i = 0; i <= size; i++) {
      const byte = i === size ? 0 : bytes[start + i]!;
      // To leave out either of two equal neighbours gives the same.
      if (i > 0 && i < size && byte === bytes[start + i - 1]) continue;
      const slot = tagOf(keys[i]!) | (i === size ? 0 : (i << BYTE_BITS) | byte);
      if (isAdded) this.#put(keys[i]!, slot);
      else this.#remove(keys[i]!, slot);
    }
  }

  /** Counts the label in `bytes[start, end)` in a group, once more or less; the payload of its slot is the count. */
  #count(start: number, end: number, group: number, isAdded: boolean): void {
    const key = wholeKey(this.#bytes, start, end, group);
    if (key === undefined) return;
    const words = this.#words;
    const at = findTag(words, this.#start, this.#mask, key);
    if (at < 0) {
      if (isAdded) this.#put(key, tagOf(key) | 1);
      return;
    }
    const count = words[at]! & PAYLOAD_MASK;
    // A count that has reached the limit stays there.
    if (count === PAYLOAD_MASK) return;
    if (isAdded) Atomics.store(words, at, words[at]! + 1);
    else if (count > 1) Atomics.store(words, at, words[at]! - 1);
    else this.#erase(at);
  }

  #put(key: number, slot: number): void {
    const words = this.#words;
    for (let i = 0; i < PROBES_MAX; i++) {
      const at = this.#start + ((key + i) & this.#mask);
      const before = words[at]!;
      if (before !== 0 && before !== REMOVED) continue;
      if (before === 0) this.#used++;
      this.#live++;
      Atomics.store(words, at, slot);
      return;
    }
  }

  #remove(key: number, slot: number): void {
    for (let i = 0; i < PROBES_MAX; i++) {
      const at = this.#start + ((key + i) & this.#mask);
      if (this.#words[at] === 0) return;
      if (this.#words[at] === slot) return this.#erase(at);
    }
  }

  #erase(at: number): void {
    Atomics.store(this.#words, at, REMOVED);
    this.#live--;
  }
}

/** The place of the first slot with the key's tag; -1: there is none; -2: there may be one that had no room. */
export function findTag(words: Int32Array, start: number, mask: number, key: number): number {
  const tag = tagOf(key);
  for (let i = 0; i < PROBES_MAX; i++) {
    const at = start + ((key + i) & mask);
    const slot = Atomics.load(words, at);
    if (slot === 0) return -1;
    if ((slot & ~PAYLOAD_MASK) === tag) return at;
  }
  return -2;
}
