// Mutations of bytes without a meaning, and of text by lines and indents: they set bits, bytes and numbers, and cut, repeat
// or insert pieces.
import type { Random } from "./random.ts";

const NOTHING = new Uint8Array(0);
const NEWLINE = 10;
const EDGES = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff];

/** What a step may use beside its input. */
export interface Material {
  readonly random: Random;
  readonly dictionary: readonly Uint8Array[];
  /** Other inputs, to take pieces from; not empty. */
  readonly others: readonly Uint8Array[];
}

/** Changes the bytes, which are its own, in place or into others. */
export type Step = (bytes: Uint8Array, material: Material) => Uint8Array;

/** `bytes` with `count` of them at `at` replaced by `piece`. */
export function splice(bytes: Uint8Array, at: number, count: number, piece: Uint8Array): Uint8Array {
  const tail = bytes.subarray(Math.min(at + count, bytes.length));
  const spliced = new Uint8Array(at + piece.length + tail.length);
  spliced.set(bytes.subarray(0, at));
  spliced.set(piece, at);
  spliced.set(tail, at + piece.length);
  return spliced;
}

/** A place among the bytes, or behind the last. */
function placeIn(bytes: Uint8Array, random: Random): number {
  return random.below(bytes.length + 1);
}

/** A stretch of at most a few dozen bytes. */
function pieceOf(bytes: Uint8Array, random: Random): Uint8Array {
  const at = placeIn(bytes, random);
  return bytes.slice(at, at + 1 + random.below(random.pick([4, 16, 64])));
}

export const BYTE_STEPS: readonly Step[] = [
  (bytes, { random }) => {
    const at = placeIn(bytes, random);
    if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
    return bytes;
  },
  (bytes, { random }) => {
    const at = placeIn(bytes, random);
    return bytes.fill(random.below(256), at, at + 1 + random.below(16));
  },
  (bytes, { random }) => {
    const at = placeIn(bytes, random);
    if (at < bytes.length) bytes[at] = random.below(2) === 0 ? random.pick(EDGES) : random.below(256);
    return bytes;
  },
  (bytes, { random }) => {
    const at = placeIn(bytes, random);
    if (at < bytes.length) bytes[at]! += random.below(9) - 4;
    return bytes;
  },
  (bytes, { random }) => splice(bytes, placeIn(bytes, random), 1 + random.below(random.pick([2, 8, 64])), NOTHING),
  (bytes, { random }) => splice(bytes, placeIn(bytes, random), 0, pieceOf(bytes, random)),
  (bytes, { random }) => splice(bytes, placeIn(bytes, random), 0, Uint8Array.of(random.below(256))),
  (bytes, { random, others }) => {
    const piece = pieceOf(random.pick(others), random);
    return splice(bytes, placeIn(bytes, random), random.below(2) * piece.length, piece);
  },
  (bytes, { random, others }) => {
    const other = random.pick(others);
    return splice(bytes, placeIn(bytes, random), bytes.length, other.subarray(placeIn(other, random)));
  },
  (bytes, { random, dictionary }) => {
    if (dictionary.length === 0) return bytes;
    const word = random.pick(dictionary);
    return splice(bytes, placeIn(bytes, random), random.below(2) * word.length, word);
  },
];

/** Where a line begins. */
function lineStart(bytes: Uint8Array, random: Random): number {
  return bytes.lastIndexOf(NEWLINE, placeIn(bytes, random)) + 1;
}

function lineAt(bytes: Uint8Array, start: number): Uint8Array {
  const end = bytes.indexOf(NEWLINE, start);
  return bytes.slice(start, end < 0 ? bytes.length : end + 1);
}

export const TEXT_STEPS: readonly Step[] = [
  ...BYTE_STEPS,
  (bytes, { random }) => {
    const at = lineStart(bytes, random);
    return splice(bytes, at, lineAt(bytes, at).length, NOTHING);
  },
  (bytes, { random, others }) => {
    const from = random.below(2) === 0 ? bytes : random.pick(others);
    return splice(bytes, lineStart(bytes, random), 0, lineAt(from, lineStart(from, random)));
  },
  (bytes, { random }) => splice(bytes, lineStart(bytes, random), 0, new Uint8Array(1 + random.below(4)).fill(0x20)),
  (bytes, { random }) => {
    const at = lineStart(bytes, random);
    const isIndented = bytes[at] === 0x20;
    return isIndented ? splice(bytes, at, 1 + random.below(2), NOTHING) : bytes;
  },
  (bytes, { random, dictionary }) => {
    if (dictionary.length === 0) return bytes;
    const at = lineStart(bytes, random);
    const line = lineAt(bytes, at);
    const colon = line.indexOf(0x3a);
    // A value, or the whole line.
    const from = colon < 0 ? 0 : colon + 1;
    const value = Uint8Array.of(0x20, ...random.pick(dictionary), NEWLINE);
    return splice(bytes, at + from, line.length - from, value);
  },
];
