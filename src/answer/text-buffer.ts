// A sentence under way: ASCII, made of bytes, labels, names, numbers and addresses. It is written where it is wanted,
// or into memory of its own. Allocates nothing after construction.
// RFC 4343 2.1 (escapes in names), RFC 5952 (text of IPv6 addresses), RFC 1035 3.5 and RFC 3596 2.5 (reverse names).
import { isWordByte, upperByte } from "../dns/name.ts";

/** Longer sentences are left out: only names of many escapes make one. */
const TEXT_SIZE_MAX = 512;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const ZERO = 0x30;
/** Of bytes that labels have in text as they are: 1. */
const IS_WORD_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => Number(isWordByte(byte)));
const HEX = Uint8Array.from(Buffer.from("0123456789abcdef"));

export class TextBuffer {
  readonly #own = new Uint8Array(TEXT_SIZE_MAX);
  bytes: Uint8Array = this.#own;
  start = 0;
  /** Where the next byte goes. */
  end = 0;

  /** Begins a sentence at `start` of `bytes`, which have room for it. */
  beginIn(bytes: Uint8Array, start: number): void {
    this.bytes = bytes;
    this.start = this.end = start;
  }

  /** Begins a sentence that may be too long. */
  begin(): void {
    this.beginIn(this.#own, 0);
  }

  /** Whether there was room for all of it. */
  get isWhole(): boolean {
    return this.end <= this.bytes.length;
  }

  put(byte: number): void {
    this.bytes[this.end++] = byte;
  }

  /** The bytes of `text` from `at` on that are not below `min`; returns where they end. */
  putRun(text: Uint8Array, at: number, min: number): number {
    const { bytes } = this;
    let out = this.end;
    let byte = text[at]!;
    while (byte >= min) {
      bytes[out++] = byte;
      byte = text[++at]!;
    }
    this.end = out;
    return at;
  }

  /** The bytes of text that needs no escapes. */
  putAll(text: Uint8Array): void {
    for (let i = 0; i < text.length; i++) this.put(text[i]!);
  }

  /** The first label of the name at `at`. */
  putLabel(name: Uint8Array, at: number): void {
    const { bytes } = this;
    const end = at + 1 + name[at]!;
    let out = this.end;
    for (let i = at + 1; i < end; i++) {
      const byte = name[i]!;
      if (IS_WORD_BYTE[byte] === 1) {
        bytes[out++] = byte;
      } else {
        this.end = out;
        this.#putEscaped(byte);
        out = this.end;
      }
    }
    this.end = out;
  }

  /** The first label of the name at `at`, without the `_` that it begins with. */
  putPort(name: Uint8Array, at: number): void {
    for (let i = at + 2; i <= at + name[at]!; i++) this.#putEscaped(name[i]!);
  }

  /** The same in capitals. */
  putProtocol(name: Uint8Array, at: number): void {
    for (let i = at + 2; i <= at + name[at]!; i++) this.#putEscaped(upperByte(name[i]!));
  }

  /** The labels of the name at `at`, without a final dot. */
  putName(name: Uint8Array, at: number): void {
    if (name[at] === 0) this.put(DOT);
    while (name[at] !== 0) {
      this.putLabel(name, at);
      at += 1 + name[at]!;
      if (name[at] !== 0) this.put(DOT);
    }
  }

  #putEscaped(byte: number): void {
    if (isWordByte(byte)) return this.put(byte);
    this.put(BACKSLASH);
    if (byte > 0x20 && byte < 0x7f) return this.put(byte);
    this.put(ZERO + Math.trunc(byte / 100));
    this.put(ZERO + (Math.trunc(byte / 10) % 10));
    this.put(ZERO + (byte % 10));
  }

  putNumber(value: number): void {
    if (value >= 10) this.putNumber(Math.trunc(value / 10));
    this.put(ZERO + (value % 10));
  }

  /** An address of `size` bytes, 4 or 16. */
  putAddress(address: Uint8Array, size: number): void {
    for (let i = 0; size === 4 && i < 4; i++) {
      if (i > 0) this.put(DOT);
      this.putNumber(address[i]!);
    }
    if (size === 16) this.#putIpv6(address);
  }

  #putIpv6(address: Uint8Array): void {
    // Section 4.2: the longest run of two or more zero groups, the first of equals, becomes "::".
    let runStart = -1;
    let runEnd = -1;
    for (let i = 0; i < 8; i++) {
      let end = i;
      while (end < 8 && groupAt(address, end) === 0) end++;
      if (end - i > 1 && end - i > runEnd - runStart) {
        runStart = i;
        runEnd = end;
      }
      i = end;
    }
    for (let i = 0; i < 8; i++) {
      if (i === runStart) {
        this.put(COLON);
        i = runEnd - 1;
        if (runEnd === 8) this.put(COLON);
        continue;
      }
      if (i > 0) this.put(COLON);
      const group = groupAt(address, i);
      for (let shift = group > 0xfff ? 12 : group > 0xff ? 8 : group > 0xf ? 4 : 0; shift >= 0; shift -= 4)
        this.put(HEX[(group >> shift) & 15]!);
    }
  }
}

function groupAt(address: Uint8Array, group: number): number {
  return (address[group * 2]! << 8) | address[group * 2 + 1]!;
}

const IPV4_TAIL = Uint8Array.from(Buffer.from("\u0007in-addr\u0004arpa\0", "latin1"));
const IPV6_TAIL = Uint8Array.from(Buffer.from("\u0003ip6\u0004arpa\0", "latin1"));
const NIBBLES = 32;

/** Reads the address of the reverse name at `name[at]`, in lower case; returns its size, 4 or 16, 0 for none. */
export function readReverseName(name: Uint8Array, at: number, address: Uint8Array): number {
  if (name[at] !== 1 || !endsIn(name, at + 2 * NIBBLES, IPV6_TAIL)) return readReverseIpv4(name, at, address);
  for (let i = NIBBLES - 1; i >= 0; i--, at += 2) {
    const digit = HEX.indexOf(name[at + 1]!);
    if (name[at] !== 1 || digit < 0) return 0;
    const byte = i >> 1;
    address[byte] = i % 2 === 0 ? (digit << 4) | (address[byte]! & 15) : digit;
  }
  return 16;
}

function readReverseIpv4(name: Uint8Array, at: number, address: Uint8Array): number {
  for (let part = 3; part >= 0; part--) {
    const size = name[at]!;
    if (size === 0 || size > 3 || (size > 1 && name[at + 1] === ZERO)) return 0;
    let value = 0;
    for (let i = at + 1; i <= at + size; i++) {
      if (name[i]! < ZERO || name[i]! > ZERO + 9) return 0;
      value = value * 10 + name[i]! - ZERO;
    }
    if (value > 255) return 0;
    address[part] = value;
    at += 1 + size;
  }
  return endsIn(name, at, IPV4_TAIL) ? 4 : 0;
}

function endsIn(name: Uint8Array, at: number, tail: Uint8Array): boolean {
  for (let i = 0; i < tail.length; i++) if (name[at + i] !== tail[i]) return false;
  return true;
}
