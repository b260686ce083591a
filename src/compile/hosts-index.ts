// Finds the lines of hosts files by name and by address: chains of records in flat memory, in the order of the lines.
// Knows no types and no answers.
import { countNames, namesStart, nameSizeAt } from "../zonefile/hosts-lines.ts";
import type { HostsLines } from "../zonefile/hosts-lines.ts";
import type { Sliced } from "../std/sliced.ts";

/** How many records are indexed between two pauses. */
const SLICE = 2_000;
const SLOTS_MIN = 16;

/** The keyed hash of `bytes[start, end)`. */
export type HashOf = (bytes: Uint8Array, start: number, end: number) => number;

/** The size of the key at a place. */
type SizeAt = (bytes: Uint8Array, at: number) => number;

/** Records with equal keys, in a chain; a record is a place in the bytes of the lines where its key begins. */
export class HostsIndex {
  readonly lines: HostsLines;
  /** Where each record's key begins, and where its line begins. */
  readonly keyAt: Uint32Array;
  readonly lineAt: Uint32Array;
  /** The next record of each with the same key, plus one; 0: none. */
  readonly #next: Uint32Array;
  /** The first record of a chain, plus one; 0: a free slot. */
  readonly #slots: Uint32Array;
  readonly #sizeAt: SizeAt;
  readonly #hashOf: HashOf;

  private constructor(
    lines: HostsLines,
    records: { readonly keyAt: Uint32Array; readonly lineAt: Uint32Array },
    sizeAt: SizeAt,
    hashOf: HashOf,
  ) {
    this.lines = lines;
    this.keyAt = records.keyAt;
    this.lineAt = records.lineAt;
    this.#next = new Uint32Array(this.count);
    let slots = SLOTS_MIN;
    while (slots * 2 < this.count * 3) slots *= 2;
    this.#slots = new Uint32Array(slots);
    this.#sizeAt = sizeAt;
    this.#hashOf = hashOf;
  }

  /** By name: a record for each name of each line. */
  static *byName(lines: HostsLines, hashOf: HashOf): Sliced<HostsIndex> {
    const index = new HostsIndex(lines, yield* nameRecords(lines), nameSizeAt, hashOf);
    yield* index.#fill();
    return index;
  }

  /** By address, with its size before it: a record for each line, unless the address is the unspecified one. */
  static *byAddress(lines: HostsLines, hashOf: HashOf): Sliced<HostsIndex> {
    const index = new HostsIndex(lines, addressRecords(lines), addressSizeAt, hashOf);
    yield* index.#fill();
    return index;
  }

  get count(): number {
    return this.keyAt.length;
  }

  /** The size of the key at a place of the lines. */
  sizeAt(at: number): number {
    return this.#sizeAt(this.lines.bytes, at);
  }

  /** The first record with the key in `bytes[start, end)`; -1: none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = this.#hashOf(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
      const first = this.#slots[slot]! - 1;
      if (first < 0 || this.#hasKey(first, bytes, start, end)) return first;
    }
  }

  /** The record after this one with the same key; -1: none. */
  next(record: number): number {
    return this.#next[record]! - 1;
  }

  // From the last record to the first, so that chains are in the order of the lines.
  *#fill(): Sliced<void> {
    const { bytes } = this.lines;
    const mask = this.#slots.length - 1;
    for (let record = this.count - 1; record >= 0; record--) {
      const start = this.keyAt[record]!;
      const end = start + this.sizeAt(start);
      let slot = this.#hashOf(bytes, start, end) & mask;
      while (this.#slots[slot] !== 0 && !this.#hasKey(this.#slots[slot]! - 1, bytes, start, end))
        slot = (slot + 1) & mask;
      this.#next[record] = this.#slots[slot]!;
      this.#slots[slot] = record + 1;
      if (record % SLICE === 0) yield;
    }
  }

  #hasKey(record: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.lines.bytes;
    const at = this.keyAt[record]!;
    // A key ends where its content says, so that none is the beginning of another.
    let same = 0;
    while (same < end - start && own[at + same] === bytes[start + same]) same++;
    return same === end - start;
  }
}

function addressSizeAt(bytes: Uint8Array, at: number): number {
  return 1 + bytes[at]!;
}

function* nameRecords(lines: HostsLines): Sliced<{ keyAt: Uint32Array; lineAt: Uint32Array }> {
  const { bytes, starts, numbers } = lines;
  const count = countNames(lines);
  yield;
  const [keyAt, lineAt] = [new Uint32Array(count), new Uint32Array(count)];
  let record = 0;
  for (let i = 0; i < numbers.length; i++) {
    const end = starts[i + 1]!;
    for (let at = namesStart(bytes, starts[i]!); at < end; at += nameSizeAt(bytes, at)) {
      keyAt[record] = at;
      lineAt[record++] = starts[i]!;
    }
  }
  yield;
  return { keyAt, lineAt };
}

function addressRecords({ bytes, starts, numbers }: HostsLines): { keyAt: Uint32Array; lineAt: Uint32Array } {
  const keyAt = starts.slice(0, numbers.length).filter((at) => {
    for (let i = at + 1; i <= at + bytes[at]!; i++) if (bytes[i] !== 0) return true;
    return false;
  });
  return { keyAt, lineAt: keyAt };
}
