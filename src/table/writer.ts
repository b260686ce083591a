// The compiled zone's one writer: puts and removes names in shared memory while any number of readers look.
// It appends an entry and then switches one slot; when space runs out it copies what lives into a new buffer.
// It also keeps the tree whole: a name with names below it exists (RFC 4592 2.2.2, RFC 8020).
import { isAtOrBelow } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import { entryWords, evenWords, readEntry, sameEntries, writeEntry } from "./entry.ts";
import type { EntryContent } from "./entry.ts";
import { hashBytes } from "../std/hash.ts";
import { ENTRY, ENTRY_FLAG, HEADER, MAGIC, SLOTS_START, TOMBSTONE, ZONES_MAX, ZONE_WORDS } from "./layout.ts";
import { formatZoneRecord, zoneRecordWords } from "./zone-record.ts";
import type { ZoneRecord } from "./zone-record.ts";

const HEAP_WORDS_MIN = 1 << 15;
const SLOTS_MIN = 1 << 10;
/** What a name holds that is there for those below it alone. */
const EMPTY: EntryContent = { flags: 0, apexSize: 0, zone: 0, sets: [] };

export class TableWriter {
  #buffer: SharedArrayBuffer;
  #words: Int32Array;
  #bytes: Uint8Array;
  #slotMask: number;
  #heapEnd: number;
  #liveWords = 0;
  #liveEntries = 0;
  #usedSlots = 0;
  readonly #onReplaced: (buffer: SharedArrayBuffer) => void;

  /** `key`: two random 32-bit integers. `onReplaced` gets each new buffer, the first included, with all in it. */
  constructor(key: readonly [number, number], onReplaced: (buffer: SharedArrayBuffer) => void) {
    this.#onReplaced = onReplaced;
    this.#buffer = newBuffer(SLOTS_MIN, HEAP_WORDS_MIN);
    this.#words = new Int32Array(this.#buffer);
    this.#bytes = new Uint8Array(this.#buffer);
    this.#slotMask = SLOTS_MIN - 1;
    this.#heapEnd = SLOTS_START + SLOTS_MIN;
    this.#words[HEADER.MAGIC] = MAGIC;
    this.#words[HEADER.SLOT_COUNT] = SLOTS_MIN;
    this.#words[HEADER.HASH_KEY_0] = key[0];
    this.#words[HEADER.HASH_KEY_1] = key[1];
    onReplaced(this.#buffer);
  }

  get buffer(): SharedArrayBuffer {
    return this.#buffer;
  }

  /** Names in the table, empty non-terminals included. */
  get size(): number {
    return this.#liveEntries;
  }

  /** Bytes of the heap in use, and of those the ones that live entries hold. */
  get heapBytes(): { readonly used: number; readonly live: number } {
    return { used: (this.#heapEnd - SLOTS_START - this.#slotMask - 1) * 4, live: this.#liveWords * 4 };
  }

  /** What the zone's SOA says from now on. */
  setZone(index: number, zone: ZoneRecord): void {
    assert(index >= 0 && index < ZONES_MAX, "zone index out of range");
    const bytes = formatZoneRecord(zone);
    this.#reserve(bytes.length / 4);
    const old = this.#words[HEADER.ZONES + index * ZONE_WORDS]!;
    if (old !== 0) this.#liveWords -= zoneRecordWords(this.#words, old);
    const at = this.#heapEnd;
    this.#bytes.set(bytes, at * 4);
    this.#heapEnd += bytes.length / 4;
    this.#liveWords += bytes.length / 4;
    Atomics.store(this.#words, HEADER.ZONES + index * ZONE_WORDS, at);
  }

  setSerial(index: number, serial: number): void {
    Atomics.store(this.#words, HEADER.ZONES + index * ZONE_WORDS + 1, serial | 0);
  }

  setReady(ready: boolean): void {
    Atomics.store(this.#words, HEADER.READY, ready ? 1 : 0);
  }

  /** Puts `name` (wire form, lower case) in place of what it held; false when it held just that already. */
  put(name: Uint8Array, content: EntryContent): boolean {
    return this.#write(name, { ...content, flags: content.flags | ENTRY_FLAG.EXPLICIT });
  }

  /** Whether `name` was put, and is more than an empty non-terminal. */
  holds(name: Uint8Array): boolean {
    const slot = this.#findSlot(name);
    return slot >= 0 && (this.#flags(this.#words[slot]! * 2) & ENTRY_FLAG.EXPLICIT) !== 0;
  }

  /** The names at or below `name` that were put, in no order. */
  *namesBelow(name: Uint8Array): Generator<Uint8Array> {
    for (let slot = SLOTS_START; slot <= SLOTS_START + this.#slotMask; slot++) {
      const entry = this.#words[slot]! * 2;
      if (entry <= 0 || (this.#flags(entry) & ENTRY_FLAG.EXPLICIT) === 0) continue;
      const start = (entry + ENTRY.NAME) * 4;
      const held = this.#bytes.subarray(start, start + (this.#words[entry + ENTRY.META]! & 0xff));
      if (isAtOrBelow(held, name)) yield held.slice();
    }
  }

  /** Takes `name` out; it stays as an empty non-terminal while names below it exist. False when it was not put. */
  remove(name: Uint8Array): boolean {
    const slot = this.#findSlot(name);
    if (slot < 0) return false;
    const entry = this.#words[slot]! * 2;
    if ((this.#flags(entry) & ENTRY_FLAG.EXPLICIT) === 0) return false;
    if (this.#words[entry + ENTRY.CHILDREN]! > 0) this.#write(name, EMPTY);
    else this.#erase(name, slot);
    return true;
  }

  /** Every name with its content, in no order: for tests and tools. */
  *entries(): Generator<{ name: Uint8Array; content: EntryContent }> {
    for (let slot = SLOTS_START; slot <= SLOTS_START + this.#slotMask; slot++) {
      if (this.#words[slot]! > 0) yield readEntry(this.#words, this.#bytes, this.#words[slot]! * 2);
    }
  }

  #write(name: Uint8Array, content: EntryContent): boolean {
    assert(name.length > 0 && name.length <= 255 && content.sets.length <= 255, "a name's size or set count");
    const parent = parentOf(name);
    const isNew = this.#findSlot(name) < 0;
    if (isNew && parent !== undefined && this.#findSlot(parent) < 0) this.#write(parent, EMPTY);
    const size = entryWords(name, content);
    this.#reserve(size);
    const entry = this.#heapEnd;
    writeEntry(this.#words, this.#bytes, entry, { size, hash: this.#hash(name), name, content });
    if (isNew) {
      if (parent !== undefined) this.#words[this.#entryOf(parent) + ENTRY.CHILDREN]!++;
      this.#liveEntries++;
      this.#insert(entry);
    } else {
      const slot = this.#findSlot(name);
      const old = this.#words[slot]! * 2;
      if (sameEntries(this.#words, old, entry)) return false;
      this.#words[entry + ENTRY.CHILDREN] = this.#words[old + ENTRY.CHILDREN]!;
      this.#liveWords -= this.#words[old + ENTRY.SIZE]!;
      Atomics.store(this.#words, slot, entry / 2);
    }
    this.#heapEnd += size;
    this.#liveWords += size;
    return true;
  }

  /** Takes the entry in `slot` out, and each ancestor that existed only because of it. */
  #erase(name: Uint8Array, slot: number): void {
    const words = this.#words;
    const entry = words[slot]! * 2;
    // Where nothing follows, no probe passes through: the slot can be free again, and tombstones before it too.
    const next = SLOTS_START + ((slot - SLOTS_START + 1) & this.#slotMask);
    if (words[next] === 0) {
      for (let at = slot; ; at = SLOTS_START + ((at - SLOTS_START - 1) & this.#slotMask)) {
        if (at !== slot && words[at] !== TOMBSTONE) break;
        Atomics.store(words, at, 0);
        this.#usedSlots--;
      }
    } else {
      Atomics.store(words, slot, TOMBSTONE);
    }
    this.#liveEntries--;
    this.#liveWords -= words[entry + ENTRY.SIZE]!;
    const parent = parentOf(name);
    if (parent === undefined) return;
    const parentEntry = this.#entryOf(parent);
    words[parentEntry + ENTRY.CHILDREN]!--;
    if (words[parentEntry + ENTRY.CHILDREN] === 0 && (this.#flags(parentEntry) & ENTRY_FLAG.EXPLICIT) === 0) {
      this.#erase(parent, this.#findSlot(parent));
    }
  }

  /** The entry of a name that must be there, as every parent must. */
  #entryOf(name: Uint8Array): number {
    const slot = this.#findSlot(name);
    assert(slot >= 0, "a name's parent is always there");
    return this.#words[slot]! * 2;
  }

  #flags(entry: number): number {
    return (this.#words[entry + ENTRY.META]! >>> 16) & 0xff;
  }

  #hash(name: Uint8Array): number {
    return hashBytes(name, 0, name.length, this.#words[HEADER.HASH_KEY_0]!, this.#words[HEADER.HASH_KEY_1]!);
  }

  /** The slot (as a word index) that shows `name`, or -1. */
  #findSlot(name: Uint8Array): number {
    const words = this.#words;
    const hash = this.#hash(name);
    for (let i = hash & this.#slotMask; ; i = (i + 1) & this.#slotMask) {
      const value = words[SLOTS_START + i]!;
      if (value === 0) return -1;
      if (value === TOMBSTONE) continue;
      const entry = value * 2;
      if (words[entry + ENTRY.HASH] !== hash || (words[entry + ENTRY.META]! & 0xff) !== name.length) continue;
      const at = (entry + ENTRY.NAME) * 4;
      let same = 0;
      while (same < name.length && this.#bytes[at + same] === name[same]) same++;
      if (same === name.length) return SLOTS_START + i;
    }
  }

  #insert(entry: number): void {
    const words = this.#words;
    let i = words[entry + ENTRY.HASH]! & this.#slotMask;
    while (words[SLOTS_START + i]! > 0) i = (i + 1) & this.#slotMask;
    if (words[SLOTS_START + i] === 0) this.#usedSlots++;
    Atomics.store(words, SLOTS_START + i, entry / 2);
  }

  /** Sees to room for `size` more words and one more slot; copies into a new buffer when there is none. */
  #reserve(size: number): void {
    const roomy = this.#heapEnd + size <= this.#words.length;
    // Two thirds full is where linear probing begins to hurt readers.
    if (roomy && (this.#usedSlots + 1) * 3 <= (this.#slotMask + 1) * 2) return;
    this.#replaceBuffer(size);
  }

  #replaceBuffer(extraWords: number): void {
    const old = this.#words;
    const oldMask = this.#slotMask;
    let slots = SLOTS_MIN;
    while (slots < (this.#liveEntries + 1) * 3) slots *= 2;
    // Pages that are never written to cost nothing: a table that grows may have plenty ahead. One that is full of
    // what was replaced is to be copied again before it has taken much more than what lives in it.
    const isGrowing = this.#liveWords * 4 > (this.#heapEnd - SLOTS_START - oldMask - 1) * 3;
    const room = Math.ceil(this.#liveWords * (isGrowing ? 2 : 1.5)) + extraWords;
    const heap = Math.max(HEAP_WORDS_MIN, evenWords(room));
    const buffer = newBuffer(slots, heap);
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#slotMask = slots - 1;
    this.#usedSlots = 0;
    this.#words.set(old.subarray(0, SLOTS_START));
    this.#words[HEADER.SLOT_COUNT] = slots;
    this.#heapEnd = SLOTS_START + slots;
    this.#liveWords = 0;
    for (let index = 0; index < ZONES_MAX; index++) {
      const at = old[HEADER.ZONES + index * ZONE_WORDS]!;
      if (at === 0) continue;
      this.#words[HEADER.ZONES + index * ZONE_WORDS] = this.#append(old, at, zoneRecordWords(old, at));
    }
    // In the order of their places, which is the order in which they came: the slots' order is random.
    const live = old.slice(SLOTS_START, SLOTS_START + oldMask + 1).filter((slot) => slot > 0);
    for (const slot of live.sort()) this.#insert(this.#append(old, slot * 2, old[slot * 2 + ENTRY.SIZE]!));
    this.#onReplaced(buffer);
  }

  #append(from: Int32Array, at: number, size: number): number {
    const to = this.#heapEnd;
    this.#words.set(from.subarray(at, at + size), to);
    this.#heapEnd += size;
    this.#liveWords += size;
    return to;
  }
}

function newBuffer(slots: number, heapWords: number): SharedArrayBuffer {
  return new SharedArrayBuffer((SLOTS_START + slots + heapWords) * 4);
}

/** The name above; the root is nobody's, as it need not be there. */
function parentOf(name: Uint8Array): Uint8Array | undefined {
  const size = 1 + name[0]!;
  return name.length > size + 1 ? name.subarray(size) : undefined;
}
