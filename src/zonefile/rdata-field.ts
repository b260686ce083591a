// The fields that the data of most record types is made of: how each is written, and how long it is in bytes. RFC 1035
// 3.3, RFC 3596, RFC 4255, RFC 6698, RFC 7043, RFC 7553, RFC 8659.
import { nameEnd } from "../dns/name.ts";
import type { RdataReader } from "./rdata-reader.ts";
import { RDATA_SIZE_MAX } from "./rdata-reader.ts";
import { show } from "./zone-problems.ts";

/** One field of a record's data. */
export interface RdataField {
  /** Takes the words of the field and puts its bytes. */
  read(from: RdataReader): void;
  /** Where the field that begins at `at` ends; undefined when the bytes do not hold one. */
  end(rdata: Uint8Array, at: number): number | undefined;
  readonly isName?: true;
}

/** The end of a field of `size` bytes at `at`, where there are so many. */
export function sizedEnd(rdata: Uint8Array, at: number, size: number): number | undefined {
  return at + size <= rdata.length ? at + size : undefined;
}

/** The end of a field that takes all that is left, of at least `least` bytes. */
export function restEnd(rdata: Uint8Array, at: number, least: number): number | undefined {
  return rdata.length - at >= least ? rdata.length : undefined;
}

export const name: RdataField = {
  read: (from) => from.put(from.takeName("a name")),
  end: nameEnd,
  isName: true,
};

function uint(size: 1 | 2 | 4): RdataField {
  const max = 2 ** (8 * size) - 1;
  return {
    read: (from) => from.putUint(from.takeUint(max, "a number"), size),
    end: (rdata, at) => sizedEnd(rdata, at, size),
  };
}

export const uint8 = uint(1);
export const uint16 = uint(2);
export const uint32 = uint(4);

/** Seconds, in 32 bits. */
export const duration: RdataField = {
  read: (from) => from.putUint(from.takeDuration("a time in seconds"), 4),
  end: (rdata, at) => sizedEnd(rdata, at, 4),
};

export const ipv4: RdataField = {
  read: (from) => from.put(from.takeAddress("IPv4")),
  end: (rdata, at) => sizedEnd(rdata, at, 4),
};

export const ipv6: RdataField = {
  read: (from) => from.put(from.takeAddress("IPv6")),
  end: (rdata, at) => sizedEnd(rdata, at, 16),
};

/** A character string: a length byte and so many bytes. */
export const text: RdataField = {
  read: (from) => putSized(from, from.takeText("a text", 255)),
  end: sizedTextEnd,
};

/** One or more character strings. */
export const texts: RdataField = {
  read: (from) => {
    do text.read(from);
    while (!from.isAtEnd);
  },
  end: (rdata, at) => {
    let next = sizedTextEnd(rdata, at);
    while (next !== undefined && next < rdata.length) next = sizedTextEnd(rdata, next);
    return next;
  },
};

/** A text without a length byte, to the record's end. */
export const longText: RdataField = {
  read: (from) => from.put(from.takeText("a text", RDATA_SIZE_MAX)),
  end: (rdata, at) => restEnd(rdata, at, 0),
};

/** A CAA record's property (RFC 8659 4.1.1). */
export const caaTag: RdataField = {
  read: (from) => {
    const tag = from.takeWord("a tag, such as issue");
    if (!/^[A-Za-z0-9]{1,255}$/.test(tag))
      from.fail(`expected a tag, got ${show(tag)}`, "write issue, issuewild or iodef");
    putSized(from, Buffer.from(tag));
  },
  end: sizedTextEnd,
};

/** Hexadecimal digits to the record's end, in one word or several. */
export const hex: RdataField = {
  read: (from) => from.put(parseHex(from, from.takeRest("hexadecimal digits"))),
  end: (rdata, at) => restEnd(rdata, at, 1),
};

/** Base64 to the record's end, in one word or several. */
export const base64: RdataField = {
  read: (from) => from.put(parseBase64(from, from.takeRest("base64"))),
  end: (rdata, at) => restEnd(rdata, at, 1),
};

/** A hardware address of `size` bytes as `00-00-5e-00-53-2a`. */
export function eui(size: 6 | 8): RdataField {
  const pattern = new RegExp(`^(?:[0-9a-f]{2}-){${size - 1}}[0-9a-f]{2}$`, "i");
  const example = size === 6 ? "00-00-5e-00-53-2a" : "00-00-5e-ef-10-00-00-2a";
  return {
    read: (from) => {
      const word = from.takeWord("a hardware address");
      if (pattern.test(word)) from.put(Buffer.from(word.replaceAll("-", ""), "hex"));
      else from.fail(`expected a hardware address, got ${show(word)}`, `write ${size} bytes as ${example}`);
    },
    end: (rdata, at) => sizedEnd(rdata, at, size),
  };
}

/** A length byte and so many bytes. */
export function putSized(from: RdataReader, bytes: Uint8Array): void {
  from.putUint(bytes.length, 1);
  from.put(bytes);
}

/** The end of what `putSized` put. */
export function sizedTextEnd(rdata: Uint8Array, at: number): number | undefined {
  return at < rdata.length ? sizedEnd(rdata, at + 1, rdata[at]!) : undefined;
}

/** Pairs of digits to bytes; none at a fault, which is noted. */
export function parseHex(from: RdataReader, digits: string): Uint8Array {
  if (digits.length % 2 === 0 && /^[0-9a-f]*$/i.test(digits)) return Buffer.from(digits, "hex");
  from.fail(`expected hexadecimal digits, got ${show(digits)}`, "write two digits for each byte");
  return new Uint8Array(0);
}

/** Base64 with its padding to bytes; none at a fault, which is noted. */
export function parseBase64(from: RdataReader, digits: string): Uint8Array {
  if (digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits)) return Buffer.from(digits, "base64");
  from.fail(`expected base64, got ${show(digits)}`, "write groups of four characters, the last one filled up with `=`");
  return new Uint8Array(0);
}
