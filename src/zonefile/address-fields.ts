// Zone-file text of addresses in the forms of single types: gateways of IPSECKEY (RFC 4025), relays of AMTRELAY
// (RFC 8777), identities of HIP (RFC 8005), prefixes of APL (RFC 3123), ILNP's 64 bits (RFC 6742), NSAP (RFC 1706).
import { formatName, nameEnd } from "../dns/name.ts";
import { formatIp, parseIpv4, parseIpv6 } from "../net/ip.ts";
import { base64, formatHex, name, parseBase64, parseHex, readUint, uint8 } from "./field-text.ts";
import type { FieldText } from "./field-text.ts";
import type { RdataReader } from "./rdata-reader.ts";
import { show } from "./zone-problems.ts";

/** The algorithm of a key, and the gateway: `1 2 192.0.2.1`, with the gateway's kind first. */
export const gateway: FieldText = {
  read: (from) => {
    const kind = from.takeUint(3, "the gateway's type");
    from.putUint(kind, 1);
    uint8.read(from);
    readGateway(from, kind);
  },
  print: (bytes) => `${bytes[0]} ${bytes[1]} ${formatGateway(bytes.subarray(2), bytes[0]!)}`,
};

/** The bit "discovery is optional", the kind of relay, and the relay: `0 1 192.0.2.1`. */
export const relay: FieldText = {
  read: (from) => {
    const isOptional = from.takeUint(1, "0 or 1 for optional discovery");
    const kind = from.takeUint(3, "the relay's type");
    from.putUint((isOptional << 7) | kind, 1);
    readGateway(from, kind);
  },
  print: (bytes) => {
    const kind = bytes[0]! & 0x7f;
    return `${bytes[0]! >> 7} ${kind} ${formatGateway(bytes.subarray(1), kind)}`;
  },
};

function readGateway(from: RdataReader, kind: number): void {
  if (kind === 1) from.put(from.takeAddress("IPv4"));
  else if (kind === 2) from.put(from.takeAddress("IPv6"));
  else if (kind === 3) name.read(from);
  else if (from.takeWord("`.` for no gateway") !== ".")
    from.fail("type 0 has no gateway", "write `.`, or another type");
}

function formatGateway(bytes: Uint8Array, kind: number): string {
  if (kind === 0) return ".";
  return kind === 3 ? formatName(bytes) : formatIp(bytes);
}

/** A key's algorithm, the tag in hexadecimal and the key in base64, a word each. */
export const hostIdentity: FieldText = {
  read: (from) => {
    const algorithm = from.takeUint(0xff, "an algorithm");
    const tag = parseHex(from, from.takeWord("hexadecimal digits"));
    const key = parseBase64(from, from.takeWord("base64"));
    if (tag.length === 0 || tag.length > 0xff) from.fail("expected a tag of 1 to 255 bytes", "correct the tag");
    if (key.length === 0) from.fail("expected a key", "write it in base64, without blanks");
    from.putUint(tag.length, 1);
    from.putUint(algorithm, 1);
    from.putUint(key.length, 2);
    from.put(tag);
    from.put(key);
  },
  print: (bytes) => {
    const keyAt = 4 + bytes[0]!;
    return `${bytes[1]} ${formatHex(bytes.subarray(4, keyAt))} ${base64.print(bytes.subarray(keyAt))}`;
  },
};

/** Names to the end of the record, if any. */
export const plainNames: FieldText = {
  read: (from) => {
    while (!from.isAtEnd) name.read(from);
  },
  print: (bytes) => {
    const names: string[] = [];
    for (let at = 0; at < bytes.length; at = nameEnd(bytes, at)!) {
      names.push(formatName(bytes.subarray(at, nameEnd(bytes, at))));
    }
    return names.join(" ");
  },
};

/** Families of addresses by number: their bytes, and how they are parsed. */
const FAMILIES = new Map([
  [1, { size: 4, parse: parseIpv4 }],
  [2, { size: 16, parse: parseIpv6 }],
]);

/** Prefixes to the end of the record, if any: `1:192.0.2.0/24 !2:2001:db8::/32`. */
export const prefixes: FieldText = {
  read: (from) => {
    while (!from.isAtEnd) readPrefix(from);
  },
  print: (bytes) => {
    const words: string[] = [];
    for (let at = 0; at < bytes.length; at += 4 + (bytes[at + 3]! & 0x7f)) words.push(formatPrefix(bytes.subarray(at)));
    return words.join(" ");
  },
};

function readPrefix(from: RdataReader): void {
  const word = from.takeWord("a prefix");
  const [, negation, number, text, length] = /^(!?)([12]):([^/]+)\/(\d{1,3})$/.exec(word) ?? [];
  const family = FAMILIES.get(Number(number));
  const address = family?.parse(text!);
  if (address === undefined || Number(length) > family!.size * 8) {
    return from.fail(
      `expected a prefix, got ${show(word)}`,
      "write e.g. 1:192.0.2.0/24, or !2:2001:db8::/32 to exclude",
    );
  }
  let size = address.length;
  while (size > 0 && address[size - 1] === 0) size--;
  from.putUint(Number(number), 2);
  from.putUint(Number(length), 1);
  from.putUint(size | (negation === "" ? 0 : 0x80), 1);
  from.put(address.subarray(0, size));
}

// A family without a row has no text: the caller then prints the bytes.
function formatPrefix(bytes: Uint8Array): string {
  const number = readUint(bytes.subarray(0, 2));
  const address = new Uint8Array(FAMILIES.get(number)?.size ?? 4);
  address.set(bytes.subarray(4, 4 + Math.min(bytes[3]! & 0x7f, address.length)));
  return `${bytes[3]! >= 0x80 ? "!" : ""}${number}:${formatIp(address)}/${bytes[2]}`;
}

/** A node identifier or locator: four groups of hexadecimal digits, `14:4fff:ff20:ee64`. */
export const nodeId: FieldText = {
  read: (from) => {
    const word = from.takeWord("64 bits");
    if (/^(?:[0-9a-f]{1,4}:){3}[0-9a-f]{1,4}$/i.test(word)) {
      for (const group of word.split(":")) from.putUint(Number.parseInt(group, 16), 2);
    } else from.fail(`expected 64 bits, got ${show(word)}`, "write four groups of digits, as 14:4fff:ff20:ee64");
  },
  print: (bytes) => formatHex(bytes).replaceAll(/(....)(?=.)/g, "$1:"),
};

/** An NSAP address: `0x` and hexadecimal digits, with dots where one likes. */
export const nsap: FieldText = {
  read: (from) => {
    const word = from.takeWord("an NSAP address");
    const digits = /^0x([0-9a-f.]+)$/i.exec(word)?.[1]?.replaceAll(".", "");
    if (digits === undefined) from.fail(`expected an NSAP address, got ${show(word)}`, "write 0x and the digits");
    else from.put(parseHex(from, digits));
  },
  print: (bytes) => `0x${formatHex(bytes)}`,
};
