// Domain names: wire form (RFC 1035 3.1: length-prefixed labels, ended by a zero byte) and text (RFC 1035 5.1 and
// RFC 4343 2.1: `\.`, `\\` and `\DDD` for bytes that text can't hold). Wire bytes are the only form that is compared.
import { HEADER_SIZE } from "./constants.ts";

/** Limits of RFC 1035 2.3.4, bytes. */
export const NAME_SIZE_MAX = 255;
export const LABEL_SIZE_MAX = 63;
/** A length byte from here on begins a pointer. */
const POINTER = 0xc0;

const HYPHEN_OR_WORD = /^[A-Za-z0-9_-]$/;

/** Text (with or without the final dot) to wire form, letter case kept; undefined when it is no name. */
export function parseName(text: string): Uint8Array | undefined {
  if (text === ".") return new Uint8Array(1);
  const wire: number[] = [];
  let label: number[] = [];
  let dotted = false;
  const endLabel = (): boolean => {
    if (label.length === 0 || label.length > LABEL_SIZE_MAX) return false;
    wire.push(label.length, ...label);
    label = [];
    return true;
  };
  const bytes = Buffer.from(text, "utf8");
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    dotted = byte === 0x2e;
    if (dotted) {
      if (!endLabel()) return undefined;
    } else if (byte === 0x5c) {
      const escape = readEscape(bytes, i + 1);
      if (escape === undefined) return undefined;
      label.push(escape.byte);
      i += escape.size;
    } else {
      label.push(byte);
    }
  }
  if (!dotted && !endLabel()) return undefined;
  wire.push(0);
  return wire.length > NAME_SIZE_MAX ? undefined : Uint8Array.from(wire);
}

function readEscape(bytes: Uint8Array, at: number): { byte: number; size: number } | undefined {
  if (at >= bytes.length) return undefined;
  const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
  if (!isDigit(bytes[at])) return { byte: bytes[at]!, size: 1 };
  if (!isDigit(bytes[at + 1]) || !isDigit(bytes[at + 2])) return undefined;
  const value = (bytes[at]! - 0x30) * 100 + (bytes[at + 1]! - 0x30) * 10 + (bytes[at + 2]! - 0x30);
  return value > 255 ? undefined : { byte: value, size: 3 };
}

/** The uncompressed name at `at` as text with a final dot; bytes outside letters, digits, `-` and `_` are escaped. */
export function formatName(wire: Uint8Array, at = 0): string {
  if (wire[at] === 0) return ".";
  let text = "";
  for (let length = wire[at]!; length !== 0; length = wire[at]!) {
    for (let i = at + 1; i <= at + length; i++) text += formatByte(wire[i]!);
    text += ".";
    at += 1 + length;
  }
  return text;
}

function formatByte(byte: number): string {
  const char = String.fromCharCode(byte);
  if (HYPHEN_OR_WORD.test(char)) return char;
  if (byte > 0x20 && byte < 0x7f && char !== ".") return `\\${char}`;
  if (char === ".") return "\\.";
  return `\\${byte.toString().padStart(3, "0")}`;
}

/** Labels, each plain ASCII, put in front of a name in wire form; lower-cased. The caller has checked lengths. */
export function prependLabels(labels: readonly string[], suffix: Uint8Array): Uint8Array {
  let size = suffix.length;
  for (const label of labels) size += 1 + label.length;
  const wire = new Uint8Array(size);
  let at = 0;
  for (const label of labels) {
    wire[at++] = label.length;
    for (let i = 0; i < label.length; i++) wire[at++] = lowerByte(label.charCodeAt(i));
  }
  wire.set(suffix, at);
  return wire;
}

/** Where the uncompressed name at `at` ends, bytes; undefined when there is none. */
export function nameEnd(bytes: Uint8Array, at: number): number | undefined {
  return findEnd(bytes, at, false);
}

/** As `nameEnd`, of a name that may end in a pointer (RFC 1035 4.1.4), which is not followed. */
export function compressedNameEnd(message: Uint8Array, at: number): number | undefined {
  return findEnd(message, at, true);
}

function findEnd(bytes: Uint8Array, start: number, mayPoint: boolean): number | undefined {
  for (let at = start; at < bytes.length && at - start < NAME_SIZE_MAX;) {
    const length = bytes[at]!;
    if (length === 0) return at + 1;
    if (mayPoint && length >= POINTER) return at + 2 <= bytes.length ? at + 2 : undefined;
    if (length > LABEL_SIZE_MAX) return undefined;
    at += 1 + length;
  }
  return undefined;
}

/** The name at `at` of a message in wire form without pointers, letter case kept; undefined when it is malformed. */
export function readName(message: Uint8Array, at: number): Uint8Array | undefined {
  const wire = new Uint8Array(NAME_SIZE_MAX);
  let size = 0;
  // Each pointer must lead to before the part it stands in, so that every name ends (RFC 9267 2).
  let limit = at;
  for (;;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length >= POINTER) {
      const low = message[at + 1];
      const target = ((length & 0x3f) << 8) | (low ?? 0);
      if (low === undefined || target >= limit || target < HEADER_SIZE) return undefined;
      limit = target;
      at = target;
      continue;
    }
    const end = at + 1 + length;
    if (length > LABEL_SIZE_MAX || size + 1 + length > NAME_SIZE_MAX || end > message.length) return undefined;
    wire.set(message.subarray(at, end), size);
    size += 1 + length;
    if (length === 0) return wire.slice(0, size);
    at = end;
  }
}

/** Whether two names in wire form are equal (RFC 4343 3). */
export function equalNames(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && endsWith(a, b);
}

/** Whether `name` is `ancestor` or lies below it; both in wire form. */
export function isAtOrBelow(name: Uint8Array, ancestor: Uint8Array): boolean {
  let at = 0;
  while (name.length - at > ancestor.length) at += 1 + name[at]!;
  return name.length - at === ancestor.length && endsWith(name, ancestor);
}

function endsWith(name: Uint8Array, suffix: Uint8Array): boolean {
  const start = name.length - suffix.length;
  for (let i = 0; i < suffix.length; i++) if (lowerByte(name[start + i]!) !== lowerByte(suffix[i]!)) return false;
  return true;
}

/** A name, or any bytes, as text for the keys of maps: one character a byte. Letter case is the caller's affair. */
export function nameKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The key that all spellings of a name share: `nameKey` of its lower-cased form, without making that. */
export function foldedKey(name: Uint8Array): string {
  let key = "";
  for (let i = 0; i < name.length; i++) key += String.fromCharCode(lowerByte(name[i]!));
  return key;
}

/** The key of the name one label up; undefined for the root's. */
export function keyAbove(key: string): string | undefined {
  return key.length === 1 ? undefined : key.slice(1 + key.charCodeAt(0));
}

/** The keys of the name itself and of all above it: up to `apex` where that is one of them, else to the root. */
export function keysUpward(key: string, apex?: string): readonly string[] {
  const keys: string[] = [];
  for (let at: string | undefined = key; at !== undefined; at = keyAbove(at)) {
    keys.push(at);
    if (at === apex) break;
  }
  return keys;
}

/** Folds A-Z only (RFC 4343 3). */
export function lowerByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** A lower-cased copy; length bytes are below 0x40 and so are never touched. */
export function lowerName(wire: Uint8Array): Uint8Array {
  const lowered = new Uint8Array(wire.length);
  for (let i = 0; i < wire.length; i++) lowered[i] = lowerByte(wire[i]!);
  return lowered;
}
