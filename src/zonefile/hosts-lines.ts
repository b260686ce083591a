// The lines of hosts files in flat memory, without an object a line: a file may have a million. Plain data, so that a
// worker thread can post it. Written by parse-hosts-file.ts.

/** A line: an address of 4 or 16 bytes, and its names in wire form and lower case, the canonical name first. */
export interface HostsEntry {
  readonly address: Uint8Array;
  readonly names: readonly Uint8Array[];
  readonly line: number;
}

/** Lines: each is the size of its address, the address, and its names one behind the other. */
export interface HostsLines {
  readonly bytes: Uint8Array;
  /** Where each line begins, and where the last one ends. */
  readonly starts: Uint32Array;
  /** The number of each line in its file. */
  readonly numbers: Uint32Array;
}

export const NO_LINES: HostsLines = {
  bytes: new Uint8Array(0),
  starts: new Uint32Array(1),
  numbers: new Uint32Array(0),
};

const BYTES_MIN = 1 << 12;
const LINES_MIN = 1 << 8;

/** Writes lines one after the other. */
export class HostsLinesWriter {
  bytes = new Uint8Array(BYTES_MIN);
  /** Where the next byte goes. */
  at = 0;
  #starts = new Uint32Array(LINES_MIN);
  #numbers = new Uint32Array(LINES_MIN);
  #count = 0;

  /** Makes room for so many more bytes. */
  reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.at + size));
    bytes.set(this.bytes);
    this.bytes = bytes;
  }

  /** Adds the line whose bytes were written from `start` on; `number`: in its file, from 1. */
  endLine(start: number, number: number): void {
    if (this.#count + 1 >= this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#numbers = grown(this.#numbers);
    }
    this.#starts[this.#count] = start;
    this.#numbers[this.#count] = number;
    this.#count++;
    this.#starts[this.#count] = this.at;
  }

  finish(): HostsLines {
    return {
      bytes: this.bytes.slice(0, this.at),
      starts: this.#starts.slice(0, this.#count + 1),
      numbers: this.#numbers.slice(0, this.#count),
    };
  }
}

function grown(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(words.length * 2);
  more.set(words);
  return more;
}

/** The lines of all files, one file after the other. */
export function joinHostsLines(files: readonly HostsLines[]): HostsLines {
  if (files.length < 2) return files[0] ?? NO_LINES;
  const bytes = new Uint8Array(files.reduce((sum, each) => sum + each.bytes.length, 0));
  const lines = files.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const starts = new Uint32Array(lines + 1);
  const numbers = new Uint32Array(lines);
  let [at, line] = [0, 0];
  for (const file of files) {
    bytes.set(file.bytes, at);
    numbers.set(file.numbers, line);
    for (let i = 0; i < file.numbers.length; i++) starts[line++] = at + file.starts[i]!;
    at += file.bytes.length;
    starts[line] = at;
  }
  return { bytes, starts, numbers };
}

/** Each line as an object, for those who look at lines one by one. */
export function* hostsEntries({ bytes, starts, numbers }: HostsLines): Generator<HostsEntry> {
  for (let i = 0; i < numbers.length; i++) {
    const at = starts[i]! + 1;
    const addressEnd = at + bytes[at - 1]!;
    const names: Uint8Array[] = [];
    for (let start = addressEnd; start < starts[i + 1]!;) {
      const end = start + nameSizeAt(bytes, start);
      names.push(bytes.subarray(start, end));
      start = end;
    }
    yield { address: bytes.subarray(at, addressEnd), names, line: numbers[i]! };
  }
}

/** The number of names in all lines. */
export function countNames({ bytes, starts, numbers }: HostsLines): number {
  let names = 0;
  for (let i = 0; i < numbers.length; i++) {
    const end = starts[i + 1]!;
    for (let at = namesStart(bytes, starts[i]!); at < end; at += nameSizeAt(bytes, at)) names++;
  }
  return names;
}

/** Where the names of the line at `start` begin. */
export function namesStart(bytes: Uint8Array, start: number): number {
  return start + 1 + bytes[start]!;
}

/** The size of the name at `at`, in wire form. */
export function nameSizeAt(bytes: Uint8Array, at: number): number {
  let end = at;
  while (bytes[end] !== 0) end += 1 + bytes[end]!;
  return end + 1 - at;
}
