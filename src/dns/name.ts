// Domain names in wire form (RFC 1035 3.1: length-prefixed labels and a zero byte), as text (RFC 1035 5.1, RFC 4343
// 2.1: `\.`, `\\` and `\DDD` escape bytes) and as keys of maps. Pure. Names are compared in wire form or by their keys.
import { HEADER_SIZE } from "./constants.ts";

/** Limits of RFC 1035 2.3.4, bytes. */
export const NAME_SIZE_MAX = 255;
export const LABEL_SIZE_MAX = 63;
/** Length bytes from this value on begin a compression pointer. */
const POINTER = 0xc0;

/** One for each label of the longest name. A chain of bare pointers would make many names cost much. */
const POINTERS_MAX = 127;

/** Each byte of a label as text. */
const BYTE_TEXTS: readonly string[] = Array.from({ length: 256 }, (_, byte) => formatByte(byte));

/** Text, with or without the final dot, to wire form. Keeps letter case. Undefined: not a name. */
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

/** Whether a byte of a label needs no escape in sentences: letters, digits, `-`, `_`, and `*` of wildcards. */
export function isWordByte(byte: number): boolean {
  const lower = byte | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return true;
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f || byte === 0x2a;
}

/** The name at `at`, without compression, as text with a final dot. Escapes all but letters, digits, `-` and `_`. */
export function formatName(wire: Uint8Array, at = 0): string {
  if (wire[at] === 0) return ".";
  let text = "";
  for (let length = wire[at]!; length !== 0; length = wire[at]!) {
    for (let i = at + 1; i <= at + length; i++) text += BYTE_TEXTS[wire[i]!]!;
    text += ".";
    at += 1 + length;
  }
  return text;
}

function formatByte(byte: number): string {
  const char = String.fromCharCode(byte);
  // Of zone files, a name with an escaped `*` is the same, and no wildcard.
  if (isWordByte(byte) && char !== "*") return char;
  if (byte > 0x20 && byte < 0x7f && char !== ".") return `\\${char}`;
  if (char === ".") return "\\.";
  return `\\${byte.toString().padStart(3, "0")}`;
}

/** Prepends labels (ASCII) to a name in wire form, in lower case. The caller has checked all lengths. */
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

/** The end of the name at `at`, without compression; undefined: malformed. */
export function nameEnd(bytes: Uint8Array, at: number): number | undefined {
  return findEnd(bytes, at, false);
}

/** The end of the name at `at`, which may end in a pointer (RFC 1035 4.1.4). Does not follow it. */
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

/** Reads the name at `at` of a message, and expands its pointers. Keeps letter case. Undefined: malformed. */
export function readName(message: Uint8Array, at: number): Uint8Array | undefined {
  const wire = new Uint8Array(NAME_SIZE_MAX);
  let size = 0;
  // Each pointer must point before the part that it ends, so there are no loops (RFC 9267 2).
  let limit = at;
  let pointers = 0;
  for (;;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length >= POINTER) {
      const low = message[at + 1];
      const target = ((length & 0x3f) << 8) | (low ?? 0);
      if (low === undefined || target >= limit || target < HEADER_SIZE) return undefined;
      if (++pointers > POINTERS_MAX) return undefined;
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

/** Whether two names in wire form are equal, in any letter case (RFC 4343 3). */
export function equalNames(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && endsWith(a, b);
}

/** Whether `name` is at or below `ancestor`, in any letter case; both in wire form. */
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

/** A key for maps: the bytes of a name, or any bytes, one character each. Depends on letter case. */
export function nameKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The key of a name in lower case. Faster than `nameKey(lowerName(name))`, which allocates two buffers. */
export function foldedKey(name: Uint8Array): string {
  let key = "";
  for (let i = 0; i < name.length; i++) key += String.fromCharCode(lowerByte(name[i]!));
  return key;
}

/** The key of the parent name; undefined for the root. */
export function keyAbove(key: string): string | undefined {
  return key.length === 1 ? undefined : key.slice(1 + key.charCodeAt(0));
}

/** The keys of a name and its ancestors, up to `apex` where it is one of them, else up to the root. */
export function keysUpward(key: string, apex?: string): readonly string[] {
  const keys: string[] = [];
  for (let at: string | undefined = key; at !== undefined; at = keyAbove(at)) {
    keys.push(at);
    if (at === apex) break;
  }
  return keys;
}

/** Lowers A-Z and nothing else (RFC 4343 3). */
export function lowerByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Raises a-z and nothing else. */
export function upperByte(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte & 0xdf : byte;
}

/** A copy in lower case. Length bytes are below 0x40, so they stay as they are. */
export function lowerName(wire: Uint8Array): Uint8Array {
  const lowered = new Uint8Array(wire.length);
  for (let i = 0; i < wire.length; i++) lowered[i] = lowerByte(wire[i]!);
  return lowered;
}
