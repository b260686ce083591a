// The one writer of the compiled zones: puts and removes names in shared memory while any number of readers work.
// It appends an entry, then switches one slot; when space runs out it copies the live entries into a new buffer.
// It keeps the tree complete: the ancestors of a name exist (RFC 4592 2.2.2, RFC 8020).
import { isAtOrBelow, NAME_SIZE_MAX } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import { EntryBuffer } from "./entry-buffer.ts";
import { evenWords, sameEntries } from "./entry.ts";
import type { EntryContent } from "./entry.ts";
import { hashBytes } from "../std/hash.ts";
import {
  ENTRY,
  ENTRY_FLAG,
  HAS_NOTES,
  HEADER,
  LACKS,
  MAGIC,
  SLOTS_START,
  TOMBSTONE,
  ZONE,
  ZONE_KIND,
  ZONES_MAX,
} from "./layout.ts";
import { LabelIndex } from "./label-index.ts";
import { NOTE_PREFIX } from "./reason-texts.ts";
import { tableEntries } from "./table-names.ts";
import type { TableEntry } from "./table-names.ts";
import { formatZoneSoa, zoneSoaWords } from "./zone-soa.ts";
import type { ZoneSoa } from "./zone-soa.ts";

const HEAP_WORDS_MIN = 1 << 15;
const SLOTS_MIN = 1 << 10;
/** What a name of a cluster takes at most, nearly always. Pages that are never written cost nothing. */
const EXPECTED_WORDS = 72;
/** The content of an empty non-terminal. */
const EMPTY: EntryContent = { flags: 0, apexSize: 0, zone: 0, kind: ZONE_KIND.CLUSTER, sets: [] };

export class TableWriter {
  #buffer: SharedArrayBuffer;
  #words: Int32Array;
  #bytes: Uint8Array;
  #slotMask: number;
  #heapEnd: number;
  #liveWords = 0;
  #liveEntries = 0;
  #usedSlots = 0;
  #isDetached = false;
  /** For the content that `put` gets, and for empty non-terminals above other entries. */
  readonly #own = new EntryBuffer();
  readonly #empty = new EntryBuffer();
  /** The slot of the parent that was looked up last; it may have another name by now. */
  #lastParentSlot = 0;
  readonly #labels: LabelIndex;
  readonly #onReplaced: (buffer: SharedArrayBuffer) => void;

  /**
   * `key`: two random 32-bit integers. `onReplaced` gets each new buffer, complete; the first one, too. `levels`: the
   * `LEVEL` of names in the index of labels, by the kind of node; undefined: there is no index.
   */
  constructor(
    key: readonly [number, number],
    onReplaced: (buffer: SharedArrayBuffer) => void,
    levels: Uint8Array | undefined = undefined,
  ) {
    this.#onReplaced = onReplaced;
    this.#labels = new LabelIndex(levels, key);
    this.#buffer = newBuffer(SLOTS_MIN, HEAP_WORDS_MIN, this.#labels.slots);
    this.#words = new Int32Array(this.#buffer);
    this.#bytes = new Uint8Array(this.#buffer);
    this.#slotMask = SLOTS_MIN - 1;
    this.#heapEnd = SLOTS_START + SLOTS_MIN;
    this.#words[HEADER.MAGIC] = MAGIC;
    this.#words[HEADER.SLOT_COUNT] = SLOTS_MIN;
    this.#labels.attach(this.#words, this.#bytes);
    this.#words[HEADER.HASH_KEY_0] = key[0];
    this.#words[HEADER.HASH_KEY_1] = key[1];
    this.#words[HEADER.NOT_READY] = 1;
    onReplaced(this.#buffer);
  }

  get buffer(): SharedArrayBuffer {
    return this.#buffer;
  }

  /** Names in the table, empty non-terminals included. */
  get size(): number {
    return this.#liveEntries;
  }

  /** Bytes of the heap in use, and how many of these belong to live entries. */
  get heapBytes(): { readonly used: number; readonly live: number } {
    return { used: (this.#heapEnd - SLOTS_START - this.#slotMask - 1) * 4, live: this.#liveWords * 4 };
  }

  /** Replaces the SOA of a zone; the serial is apart. */
  setZoneSoa(index: number, zone: ZoneSoa): void {
    assert(index >= 0 && index < ZONES_MAX, "zone index out of range");
    const bytes = formatZoneSoa(zone);
    this.#reserve(bytes.length / 4);
    const old = this.#words[HEADER.ZONES + index * ZONE.WORDS + ZONE.SOA]!;
    if (old !== 0) this.#liveWords -= zoneSoaWords(this.#words, old);
    const at = this.#heapEnd;
    this.#bytes.set(bytes, at * 4);
    this.#heapEnd += bytes.length / 4;
    this.#liveWords += bytes.length / 4;
    Atomics.store(this.#words, HEADER.ZONES + index * ZONE.WORDS + ZONE.SOA, at);
  }

  setSerial(index: number, serial: number): void {
    Atomics.store(this.#words, HEADER.ZONES + index * ZONE.WORDS + ZONE.SERIAL, serial | 0);
  }

  /**
   * Names of a zone that is not ready get SERVFAIL; of one that is ready in part, those that the table has not. A zone
   * is ready unless its names are not all in the table yet.
   */
  setZoneReady(index: number, ready: boolean | "in part"): void {
    const at = HEADER.ZONES + index * ZONE.WORDS + ZONE.NOT_READY;
    const lacks = ready === "in part" ? LACKS.SOME : ready ? LACKS.NOTHING : LACKS.ALL;
    const before = Atomics.exchange(this.#words, at, lacks);
    this.#countUnready(Number(lacks !== LACKS.NOTHING) - Number(before !== LACKS.NOTHING));
  }

  /** Names outside the zones get SERVFAIL until all zones are known. */
  setZonesKnown(known: boolean): void {
    this.#countUnready(Atomics.exchange(this.#words, HEADER.ZONES_KNOWN, Number(known)) - Number(known));
  }

  #countUnready(more: number): void {
    if (more !== 0) Atomics.add(this.#words, HEADER.NOT_READY, more);
  }

  /** Makes room for so many more names at once, and so many members of groups: growing in steps would copy often. */
  expect(names: number, members = 0): void {
    const slots = this.#liveEntries + names;
    if (this.#heapEnd + names * EXPECTED_WORDS > this.#heapLimit || slots * 3 > (this.#slotMask + 1) * 2)
      this.#replaceBuffer(names * EXPECTED_WORDS, names, members);
  }

  /** Until `publish`, readers see nothing of what is written: a copy of the table takes it. */
  detach(): void {
    if (this.#isDetached) return;
    this.#isDetached = true;
    this.#replaceBuffer(0);
  }

  /** Lets readers see what was written since `detach`, all at once; without a `detach` they have seen it already. */
  publish(): void {
    if (!this.#isDetached) return;
    this.#isDetached = false;
    this.#onReplaced(this.#buffer);
  }

  /** Makes `name` (wire form, lower case) an owner name with that content; false: nothing changed. */
  put(name: Uint8Array, content: EntryContent): boolean {
    this.#own.fill(name, content);
    return this.putEntry(this.#own);
  }

  /** The same for an entry whose name and content are in `entry`. */
  putEntry(entry: EntryBuffer): boolean {
    entry.words[ENTRY.META]! |= ENTRY_FLAG.OWNER << 16;
    return this.#write(entry);
  }

  /** The `ZONE_KIND` of an owner name; undefined: it is none, be it an empty non-terminal. */
  kindOf(name: Uint8Array): number | undefined {
    const slot = this.#slotOf(name, 0, name.length);
    if (slot < 0 || (this.#flags(this.#words[slot]! * 2) & ENTRY_FLAG.OWNER) === 0) return undefined;
    return (this.#words[this.#words[slot]! * 2 + ENTRY.ZONE]! >>> 16) & 0xff;
  }

  /** The table's hash of `bytes[start, end)`, which nobody outside can predict. */
  hashOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#hash(bytes, start, end - start);
  }

  /** The owner names at or below `name`, in no order. */
  *namesBelow(name: Uint8Array): Generator<Uint8Array> {
    for (let slot = SLOTS_START; slot <= SLOTS_START + this.#slotMask; slot++) {
      const entry = this.#words[slot]! * 2;
      if (entry <= 0 || (this.#flags(entry) & ENTRY_FLAG.OWNER) === 0) continue;
      const start = (entry + ENTRY.NAME) * 4;
      const owner = this.#bytes.subarray(start, start + (this.#words[entry + ENTRY.META]! & 0xff));
      if (isAtOrBelow(owner, name)) yield owner.slice();
    }
  }

  /** Removes an owner name; with names below, it stays as an empty non-terminal. False: it was no owner name. */
  remove(name: Uint8Array): boolean {
    const slot = this.#slotOf(name, 0, name.length);
    if (slot < 0) return false;
    const entry = this.#words[slot]! * 2;
    if ((this.#flags(entry) & ENTRY_FLAG.OWNER) === 0) return false;
    if ((this.#words[entry + ENTRY.CHILDREN]! & ~HAS_NOTES) > 0) {
      this.#empty.fill(name, EMPTY);
      this.#write(this.#empty);
    } else this.#erase(name, 0, slot);
    return true;
  }

  /** Every name with its content, in no order; for tests and tools. */
  entries(): Generator<TableEntry> {
    return tableEntries(this.#words, this.#bytes);
  }

  #write(entry: EntryBuffer): boolean {
    const { bytes, nameAt, nameSize, size } = entry;
    assert(nameSize > 0 && nameSize <= NAME_SIZE_MAX, "a name's size");
    const hash = this.#hash(bytes, nameAt, nameSize);
    const isNew = this.#findSlot(bytes, nameAt, nameSize, hash) < 0;
    const parentAt = parentOf(bytes, nameAt, nameSize);
    if (isNew && parentAt !== 0) this.#addEmpty(bytes, parentAt, nameAt + nameSize);
    this.#reserve(size);
    const at = this.#heapEnd;
    entry.words[ENTRY.HASH] = hash;
    this.#words.set(entry.words.subarray(0, size), at);
    if (isNew) {
      if (parentAt !== 0) this.#addChild(this.#entryOf(bytes, parentAt, nameAt + nameSize), at);
      this.#liveEntries++;
      this.#insert(at);
      this.#labels.change(0, at);
    } else {
      const slot = this.#findSlot(bytes, nameAt, nameSize, hash);
      const old = this.#words[slot]! * 2;
      if (sameEntries(this.#words, old, at)) return false;
      this.#words[at + ENTRY.CHILDREN] = this.#words[old + ENTRY.CHILDREN]!;
      this.#liveWords -= this.#words[old + ENTRY.SIZE]!;
      Atomics.store(this.#words, slot, at / 2);
      this.#labels.change(old, at);
    }
    this.#heapEnd += size;
    this.#liveWords += size;
    return true;
  }

  #addChild(parent: number, entry: number): void {
    const isNote =
      (this.#flags(entry) & ENTRY_FLAG.HIDDEN) !== 0 && this.#bytes[(entry + ENTRY.NAME) * 4 + 1] === NOTE_PREFIX;
    this.#words[parent + ENTRY.CHILDREN]! += 1;
    if (isNote) this.#words[parent + ENTRY.CHILDREN]! |= HAS_NOTES;
  }

  /** Adds the name in `bytes[start, end)` as an empty non-terminal, after those above it, unless it is there. */
  #addEmpty(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isLastParent(bytes, start, end) || this.#slotOf(bytes, start, end) >= 0) return;
    const parentAt = parentOf(bytes, start, end - start);
    if (parentAt !== 0) this.#addEmpty(bytes, parentAt, end);
    this.#empty.fill(bytes.slice(start, end), EMPTY);
    this.#write(this.#empty);
  }

  /** Removes the entry in `slot`, and each ancestor that existed only because of it. */
  #erase(name: Uint8Array, start: number, slot: number): void {
    const words = this.#words;
    const entry = words[slot]! * 2;
    // No probe passes a slot before a free one: this slot becomes free again, and so do the tombstones before it.
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
    this.#labels.change(entry, 0);
    this.#liveEntries--;
    this.#liveWords -= words[entry + ENTRY.SIZE]!;
    const parentAt = parentOf(name, start, name.length - start);
    if (parentAt === 0) return;
    const parentEntry = this.#entryOf(name, parentAt, name.length);
    const children = --words[parentEntry + ENTRY.CHILDREN]! & ~HAS_NOTES;
    if (children === 0 && (this.#flags(parentEntry) & ENTRY_FLAG.OWNER) === 0) {
      this.#erase(name, parentAt, this.#slotOf(name, parentAt, name.length));
    }
  }

  /** The entry of the name in `bytes[start, end)`, which exists, as every parent does. */
  #entryOf(bytes: Uint8Array, start: number, end: number): number {
    if (!this.#isLastParent(bytes, start, end)) this.#lastParentSlot = this.#slotOf(bytes, start, end);
    assert(this.#lastParentSlot >= 0, "a name's parent is always there");
    return this.#words[this.#lastParentSlot]! * 2;
  }

  /** Whether the last parent that was looked up is that name: most names are written beside others of one parent. */
  #isLastParent(bytes: Uint8Array, start: number, end: number): boolean {
    const value = this.#words[this.#lastParentSlot]!;
    return this.#lastParentSlot >= SLOTS_START && value > 0 && this.#hasName(value * 2, bytes, start, end - start);
  }

  get #heapLimit(): number {
    return this.#words.length - this.#labels.slots;
  }

  #flags(entry: number): number {
    return (this.#words[entry + ENTRY.META]! >>> 16) & 0xff;
  }

  #hash(bytes: Uint8Array, start: number, size: number): number {
    return hashBytes(bytes, start, start + size, this.#words[HEADER.HASH_KEY_0]!, this.#words[HEADER.HASH_KEY_1]!);
  }

  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#findSlot(bytes, start, end - start, this.#hash(bytes, start, end - start));
  }

  /** The slot of the name of that size at `start`, as a word offset, or -1. */
  #findSlot(bytes: Uint8Array, start: number, size: number, hash: number): number {
    const words = this.#words;
    for (let i = hash & this.#slotMask; ; i = (i + 1) & this.#slotMask) {
      const value = words[SLOTS_START + i]!;
      if (value === 0) return -1;
      if (value === TOMBSTONE || words[value * 2 + ENTRY.HASH] !== hash) continue;
      if (this.#hasName(value * 2, bytes, start, size)) return SLOTS_START + i;
    }
  }

  #hasName(entry: number, bytes: Uint8Array, start: number, size: number): boolean {
    if ((this.#words[entry + ENTRY.META]! & 0xff) !== size) return false;
    const own = this.#bytes;
    const at = (entry + ENTRY.NAME) * 4;
    let same = 0;
    while (same < size && own[at + same] === bytes[start + same]) same++;
    return same === size;
  }

  #insert(entry: number): void {
    const words = this.#words;
    let i = words[entry + ENTRY.HASH]! & this.#slotMask;
    while (words[SLOTS_START + i]! > 0) i = (i + 1) & this.#slotMask;
    if (words[SLOTS_START + i] === 0) this.#usedSlots++;
    Atomics.store(words, SLOTS_START + i, entry / 2);
  }

  /** Makes sure that `size` more words and one more slot are free; copies into a new buffer where they are not. */
  #reserve(size: number): void {
    const fits = this.#heapEnd + size <= this.#heapLimit && this.#labels.hasRoom;
    // Beyond two thirds, linear probing costs readers too much.
    if (fits && (this.#usedSlots + 1) * 3 <= (this.#slotMask + 1) * 2) return;
    this.#replaceBuffer(size);
  }

  #replaceBuffer(extraWords: number, extraNames = 0, extraMembers = 0): void {
    const old = this.#words;
    const oldMask = this.#slotMask;
    let slots = SLOTS_MIN;
    while (slots < (this.#liveEntries + 1) * 3 || slots * 2 < (this.#liveEntries + extraNames) * 3) slots *= 2;
    // Pages that are never written cost nothing, so a growing table gets plenty. One full of replaced entries is copied
    // again before it takes much more memory than its live entries.
    const isGrowing = this.#liveWords * 4 > (this.#heapEnd - SLOTS_START - oldMask - 1) * 3;
    const heapWords = Math.ceil(this.#liveWords * (isGrowing ? 2 : 1.5)) + extraWords;
    const heap = Math.max(HEAP_WORDS_MIN, evenWords(heapWords));
    this.#labels.resize(extraMembers);
    const buffer = newBuffer(slots, heap, this.#labels.slots);
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#slotMask = slots - 1;
    this.#usedSlots = 0;
    this.#words.set(old.subarray(0, SLOTS_START));
    this.#words[HEADER.SLOT_COUNT] = slots;
    this.#labels.attach(this.#words, this.#bytes);
    this.#heapEnd = SLOTS_START + slots;
    this.#liveWords = 0;
    for (let index = 0; index < ZONES_MAX; index++) {
      const at = old[HEADER.ZONES + index * ZONE.WORDS + ZONE.SOA]!;
      if (at === 0) continue;
      this.#words[HEADER.ZONES + index * ZONE.WORDS + ZONE.SOA] = this.#append(old, at, zoneSoaWords(old, at));
    }
    // In order of their places, which is the order of writing; the order of slots is random.
    const live = old.slice(SLOTS_START, SLOTS_START + oldMask + 1).filter((slot) => slot > 0);
    for (const slot of live.sort()) {
      const entry = this.#append(old, slot * 2, old[slot * 2 + ENTRY.SIZE]!);
      this.#insert(entry);
      this.#labels.change(0, entry);
    }
    if (!this.#isDetached) this.#onReplaced(buffer);
  }

  #append(from: Int32Array, at: number, size: number): number {
    const to = this.#heapEnd;
    this.#words.set(from.subarray(at, at + size), to);
    this.#heapEnd += size;
    this.#liveWords += size;
    return to;
  }
}

function newBuffer(slots: number, heapWords: number, indexSlots: number): SharedArrayBuffer {
  return new SharedArrayBuffer((SLOTS_START + slots + heapWords + indexSlots) * 4);
}

/** Where the parent of the name at `at` begins; 0 for a top-level name, since the root need not exist. */
function parentOf(bytes: Uint8Array, at: number, size: number): number {
  const labelSize = 1 + bytes[at]!;
  return size > labelSize + 1 ? at + labelSize : 0;
}
