// Zone-file text of the fields that most types have: each reads its words into bytes, and prints bytes as words. RFC
// 1035 5.1, RFC 3596, RFC 4255, RFC 6698, RFC 7043, RFC 7553, RFC 8659.
import { formatName } from "../dns/name.ts";
import { RDATA_SIZE_MAX } from "../dns/rdata.ts";
import { formatIp } from "../net/ip.ts";
import type { RdataReader } from "./rdata-reader.ts";
import { show } from "./zone-problems.ts";

/** A character string has one byte for its size (RFC 1035 3.3). */
const TEXT_SIZE_MAX = 255;

/** One kind of field as text. */
export interface FieldText {
  /** Takes the field's words from the reader, and appends its bytes. */
  read(from: RdataReader): void;
  /** The words for the field `bytes`. */
  print(bytes: Uint8Array): string;
}

export const name: FieldText = {
  read: (from) => from.put(from.takeName("a name")),
  print: (bytes) => formatName(bytes),
};

function uint(size: 1 | 2 | 4): FieldText {
  const max = 2 ** (8 * size) - 1;
  return {
    read: (from) => from.putUint(from.takeUint(max, "a number"), size),
    print: (bytes) => String(readUint(bytes)),
  };
}

export const uint8 = uint(1);
export const uint16 = uint(2);
export const uint32 = uint(4);

/** Seconds, in 32 bits. */
export const duration: FieldText = {
  read: (from) => from.putUint(from.takeDuration("a time in seconds"), 4),
  print: uint32.print,
};

function address(family: "IPv4" | "IPv6"): FieldText {
  return { read: (from) => from.put(from.takeAddress(family)), print: formatIp };
}

export const ipv4 = address("IPv4");
export const ipv6 = address("IPv6");

/** A character string. */
export const text: FieldText = {
  read: (from) => putSized(from, from.takeText("a text", TEXT_SIZE_MAX)),
  print: (bytes) => formatText(bytes.subarray(1)),
};

/** One or more character strings; a longer text is split into strings of 255 bytes. */
export const texts: FieldText = {
  read: (from) => {
    do {
      const bytes = from.takeText("a text", RDATA_SIZE_MAX);
      let at = 0;
      do putSized(from, bytes.subarray(at, at + TEXT_SIZE_MAX));
      while ((at += TEXT_SIZE_MAX) < bytes.length);
    } while (!from.isAtEnd);
  },
  print: (bytes) => {
    const words: string[] = [];
    for (let at = 0; at < bytes.length; at += 1 + bytes[at]!)
      words.push(text.print(bytes.subarray(at, at + 1 + bytes[at]!)));
    return words.join(" ");
  },
};

/** A text without a length byte, to the end of the record. */
export const longText: FieldText = {
  read: (from) => from.put(from.takeText("a text", RDATA_SIZE_MAX)),
  print: formatText,
};

/** A CAA record's property (RFC 8659 4.1.1). */
export const tag: FieldText = {
  read: (from) => {
    const word = from.takeWord("a tag, such as issue");
    if (!/^[A-Za-z0-9]{1,255}$/.test(word))
      from.fail(`expected a tag, got ${show(word)}`, "write issue, issuewild or iodef");
    putSized(from, Buffer.from(word));
  },
  print: (bytes) => Buffer.from(bytes.subarray(1)).toString("latin1"),
};

/** Hexadecimal digits to the end of the record, in any number of words. */
export const hex: FieldText = {
  read: (from) => from.put(parseHex(from, from.takeRest("hexadecimal digits"))),
  print: formatHex,
};

/** Base64 to the end of the record, in any number of words. */
export const base64: FieldText = {
  read: (from) => from.put(parseBase64(from, from.takeRest("base64"))),
  print: (bytes) => Buffer.from(bytes).toString("base64"),
};

/** Base64 to the end of the record; nothing, or `-`, for no bytes. */
export const optionalBase64: FieldText = {
  read: (from) => {
    if (from.isAtEnd) return;
    if (from.peek()!.text === "-") from.takeWord("base64");
    else base64.read(from);
  },
  print: (bytes) => (bytes.length === 0 ? "-" : base64.print(bytes)),
};

/** A hardware address of `size` bytes as `00-00-5e-00-53-2a`. */
function eui(size: 6 | 8): FieldText {
  const pattern = new RegExp(`^(?:[0-9a-f]{2}-){${size - 1}}[0-9a-f]{2}$`, "i");
  const example = size === 6 ? "00-00-5e-00-53-2a" : "00-00-5e-ef-10-00-00-2a";
  return {
    read: (from) => {
      const word = from.takeWord("a hardware address");
      if (pattern.test(word)) from.put(Buffer.from(word.replaceAll("-", ""), "hex"));
      else from.fail(`expected a hardware address, got ${show(word)}`, `write ${size} bytes as ${example}`);
    },
    print: (bytes) => formatHex(bytes).replaceAll(/(..)(?=.)/g, "$1-"),
  };
}

export const eui48 = eui(6);
export const eui64 = eui(8);

/** Appends a length byte and the bytes. */
export function putSized(from: RdataReader, bytes: Uint8Array): void {
  from.putUint(bytes.length, 1);
  from.put(bytes);
}

/** The bytes as one number, in network order. */
export function readUint(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/** The text in quotes, with the escapes `\"`, `\\` and `\DDD`. */
export function formatText(bytes: Uint8Array): string {
  let escaped = "";
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) escaped += `\\${String(byte).padStart(3, "0")}`;
    else escaped += byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
  }
  return `"${escaped}"`;
}

export function formatHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Parses pairs of digits. On a fault, records it in the reader and returns no bytes. */
export function parseHex(from: RdataReader, digits: string): Uint8Array {
  if (digits.length % 2 === 0 && /^[0-9a-f]*$/i.test(digits)) return Buffer.from(digits, "hex");
  from.fail(`expected hexadecimal digits, got ${show(digits)}`, "write two digits for each byte");
  return new Uint8Array(0);
}

/** Parses base64 with padding. On a fault, records it in the reader and returns no bytes. */
export function parseBase64(from: RdataReader, digits: string): Uint8Array {
  if (digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits)) return Buffer.from(digits, "base64");
  from.fail(`expected base64, got ${show(digits)}`, "write groups of four characters, the last one filled up with `=`");
  return new Uint8Array(0);
}
