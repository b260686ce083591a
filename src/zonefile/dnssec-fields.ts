// Zone-file text of the fields of DNSSEC's types. Does not validate signatures or hashes. RFC 4034 2-5, RFC 5155 3.3;
// RFC 4648 7 (base32hex).
import { formatHex, parseHex, putSized, readUint, uint8 } from "./field-text.ts";
import type { FieldText } from "./field-text.ts";
import type { RdataReader } from "./rdata-reader.ts";
import { show } from "./zone-problems.ts";
import { formatType, isMetaType, parseType } from "../dns/type-names.ts";

const ALGORITHMS: ReadonlyMap<string, number> = new Map([
  ["RSAMD5", 1],
  ["DH", 2],
  ["DSA", 3],
  ["RSASHA1", 5],
  ["NSEC3DSA", 6],
  ["NSEC3RSASHA1", 7],
  ["RSASHA256", 8],
  ["RSASHA512", 10],
  ["ECCGOST", 12],
  ["ECDSAP256SHA256", 13],
  ["ECDSAP384SHA384", 14],
  ["ED25519", 15],
  ["ED448", 16],
]);

/** RFC 4398 2.1. */
const CERTIFICATE_TYPES: ReadonlyMap<string, number> = new Map([
  ["PKIX", 1],
  ["SPKI", 2],
  ["PGP", 3],
  ["IPKIX", 4],
  ["ISPKI", 5],
  ["IPGP", 6],
  ["ACPKIX", 7],
  ["IACPKIX", 8],
  ["URI", 253],
  ["OID", 254],
]);

const BASE32_HEX = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

/** A signing algorithm: its number or mnemonic. */
export const algorithm: FieldText = {
  read: (from) => {
    const word = from.takeWord("an algorithm");
    const number = /^\d{1,3}$/.test(word) ? Number(word) : ALGORITHMS.get(word.toUpperCase());
    if (number === undefined || number > 255) {
      from.fail(`expected an algorithm, got ${show(word)}`, "write its number, e.g. 13 for ECDSAP256SHA256");
    }
    from.putUint(number ?? 0, 1);
  },
  print: uint8.print,
};

/** The type of a certificate: its number or mnemonic. */
export const certificateType: FieldText = {
  read: (from) => {
    const word = from.takeWord("a certificate type");
    const number = /^\d{1,5}$/.test(word) ? Number(word) : CERTIFICATE_TYPES.get(word.toUpperCase());
    if (number === undefined || number > 0xffff) {
      from.fail(`expected a certificate type, got ${show(word)}`, "write PKIX, SPKI, PGP or a number");
    }
    from.putUint(number ?? 0, 2);
  },
  print: (bytes) => String(readUint(bytes)),
};

/** A record type, such as the one that a signature covers. */
export const type: FieldText = {
  read: (from) => from.putUint(takeType(from), 2),
  print: (bytes) => formatType(readUint(bytes)),
};

/** A time: `20260101120000` in UTC, or seconds since 1970. */
export const timestamp: FieldText = {
  read: (from) => {
    const word = from.takeWord("a time");
    const seconds = parseTimestamp(word);
    if (seconds === undefined) from.fail(`expected a time, got ${show(word)}`, "write it as 20260101120000, in UTC");
    from.putUint(seconds ?? 0, 4);
  },
  print: (bytes) => new Date(readUint(bytes) * 1_000).toISOString().replaceAll(/\D/g, "").slice(0, 14),
};

// Serial number arithmetic (RFC 4034 3.1.5): the lower 32 bits, in any year.
function parseTimestamp(word: string): number | undefined {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(word) ?? [];
  if (parts.length === 0) return /^\d{1,10}$/.test(word) && Number(word) <= 0xffff_ffff ? Number(word) : undefined;
  const [year, month, day, hour, minute, second] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isSame = date.toISOString().replaceAll(/\D/g, "").startsWith(word);
  return isSame ? (date.getTime() / 1_000) >>> 0 : undefined;
}

/** The salt of NSEC3: hexadecimal digits, or `-` for none. */
export const salt: FieldText = {
  read: (from) => {
    const word = from.takeWord("a salt");
    const bytes = word === "-" ? new Uint8Array(0) : parseHex(from, word);
    if (bytes.length > 255) from.fail("expected a salt of at most 255 bytes", "write a shorter one");
    putSized(from, bytes);
  },
  print: (bytes) => (bytes.length === 1 ? "-" : formatHex(bytes.subarray(1))),
};

/** The hash of NSEC3's next owner name in base32hex, without padding. */
export const hash: FieldText = {
  read: (from) => {
    const word = from.takeWord("a hash");
    const bytes = parseBase32(word.toUpperCase());
    if (bytes === undefined || bytes.length === 0 || bytes.length > 255) {
      from.fail(`expected a hash in base32, got ${show(word)}`, "write the digits 0-9 and A-V, without padding");
    }
    putSized(from, bytes ?? new Uint8Array(0));
  },
  print: (bytes) => formatBase32(bytes.subarray(1)),
};

function formatBase32(bytes: Uint8Array): string {
  let digits = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) digits += BASE32_HEX[(value >> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? digits : digits + BASE32_HEX[(value << (5 - bits)) & 31];
}

function parseBase32(digits: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const digit of digits) {
    const index = BASE32_HEX.indexOf(digit);
    if (index === -1) return undefined;
    value = (value << 5) | index;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(value >> bits);
    value &= (1 << bits) - 1;
  }
  // Fewer bits than a digit may be left over, and must be zero.
  return bits < 5 && value === 0 ? Uint8Array.from(bytes) : undefined;
}

/** A list of types, on the wire as windows of a bitmap (RFC 4034 4.1.2). */
export const typeBitmap: FieldText = {
  read: (from) => {
    const windows = new Map<number, number[]>();
    while (!from.isAtEnd) {
      const type = takeType(from);
      const bits = windows.get(type >> 8) ?? [];
      windows.set(type >> 8, bits);
      const index = (type & 0xff) >> 3;
      while (bits.length <= index) bits.push(0);
      bits[index]! |= 0x80 >> (type & 7);
    }
    for (const [window, bits] of [...windows].sort(([a], [b]) => a - b)) {
      from.putUint(window, 1);
      putSized(from, Uint8Array.from(bits));
    }
  },
  print: (bytes) => {
    const types: string[] = [];
    for (let at = 0; at < bytes.length; at += 2 + bytes[at + 1]!) {
      for (let bit = 0; bit < bytes[at + 1]! * 8; bit++) {
        if ((bytes[at + 2 + (bit >> 3)]! & (0x80 >> (bit & 7))) !== 0) types.push(formatType((bytes[at]! << 8) | bit));
      }
    }
    return types.join(" ");
  },
};

function takeType(from: RdataReader): number {
  const word = from.takeWord("a record type");
  const type = parseType(word);
  if (type === undefined || isMetaType(type))
    from.fail(`expected a record type, got ${show(word)}`, "write a type, e.g. A or TYPE65280");
  return type ?? 0;
}
