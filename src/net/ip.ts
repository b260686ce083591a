// IP addresses and prefixes as text and as bytes. IPv4 is strict dotted decimal (no leading zeros, as in Kubernetes);
// IPv6 is parsed as of RFC 4291 and formatted as of RFC 5952.

/** A prefix: `bytes` is the network address (4 or 16 bytes, host bits 0), `bits` the prefix length. */
export interface Cidr {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** The 4 bytes of dotted decimal; undefined for any other text. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  return writeIpv4(text, bytes, 0) ? bytes : undefined;
}

const SCRATCH = new Uint8Array(4);

/** Whether the text is dotted decimal, and so canonical. */
export function isIpv4(text: string): boolean {
  return writeIpv4(text, SCRATCH, 0);
}

/** Writes the 4 bytes of dotted decimal at `at`; false for any other text, of which a part may be written. */
export function writeIpv4(text: string, bytes: Uint8Array, at: number): boolean {
  let part = 0;
  let digits = 0;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      if (digits === 0 || part === 3) return false;
      bytes[at + part++] = value;
      digits = 0;
      value = 0;
      continue;
    }
    const digit = code - 0x30;
    // No leading zeros.
    if (digit < 0 || digit > 9 || (digits > 0 && value === 0)) return false;
    value = value * 10 + digit;
    digits++;
    if (value > 255) return false;
  }
  if (digits === 0 || part !== 3) return false;
  bytes[at + 3] = value;
  return true;
}

/** The 16 bytes of IPv6 text (a dotted-decimal tail is allowed, a zone is not); undefined for any other text. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const gap = text.indexOf("::");
  if (gap !== -1 && text.indexOf("::", gap + 1) !== -1) return undefined;
  const head = parseGroups(gap === -1 ? text : text.slice(0, gap), gap === -1);
  const tail = gap === -1 ? [] : parseGroups(text.slice(gap + 2), true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (gap === -1 ? missing !== 0 : missing < 1) return undefined;
  const bytes = new Uint8Array(16);
  head.forEach((group, i) => writeGroup(bytes, i, group));
  tail.forEach((group, i) => writeGroup(bytes, 8 - tail.length + i, group));
  return bytes;
}

function writeGroup(bytes: Uint8Array, index: number, group: number): void {
  bytes[index * 2] = group >> 8;
  bytes[index * 2 + 1] = group & 0xff;
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (mayEndInIpv4 && i === parts.length - 1 && part.includes(".")) {
      const v4 = parseIpv4(part);
      if (v4 === undefined) return undefined;
      groups.push((v4[0]! << 8) | v4[1]!, (v4[2]! << 8) | v4[3]!);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups.length > 8 ? undefined : groups;
}

/** The 4 or 16 bytes of an address of either family; undefined for any other text. */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** 4 bytes as dotted decimal, 16 bytes as the canonical text of RFC 5952. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i]! << 8) | bytes[i + 1]!);
  // Section 4.2: the longest run of two or more zero groups, the first of equals, becomes "::".
  let runStart = -1;
  let runLength = 1;
  for (let i = 0; i < 8;) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > runLength) {
      runStart = i;
      runLength = end - i;
    }
    i = end + 1;
  }
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return runStart === -1 ? hex(0, 8) : `${hex(0, runStart)}::${hex(runStart + runLength, 8)}`;
}

/** The canonical text of an address; undefined if `text` is not one. */
export function canonicalIp(text: string): string | undefined {
  const bytes = parseIp(text);
  return bytes === undefined ? undefined : formatIp(bytes);
}

/** The canonical text of an address, where an IPv4-mapped address of IPv6 (`::ffff:10.1.2.3`) is the IPv4 address. */
export function plainIp(text: string): string | undefined {
  const bytes = parseIp(text);
  return bytes === undefined ? undefined : formatIp(isMapped(bytes) ? bytes.subarray(12) : bytes);
}

/** Whether the address is an IPv4-mapped one of IPv6. */
export function isMapped(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
}

/** The text of an address without leading zeros in its decimal parts: `10.096.0.1` as `10.96.0.1`. */
export function withoutLeadingZeros(text: string): string {
  const start = text.lastIndexOf(":") + 1;
  const decimal = text.slice(start);
  if (!decimal.includes(".")) return text;
  return text.slice(0, start) + decimal.replaceAll(/(^|\.)0+(?=\d)/g, "$1");
}

/** A prefix such as `10.96.0.0/12` or `fd00::/108`; undefined for any other text, and where host bits are set. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  if (slash === -1 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return undefined;
  const bytes = parseIp(text.slice(0, slash));
  const bits = Number(text.slice(slash + 1));
  if (bytes === undefined || bits > bytes.length * 8) return undefined;
  for (let bit = bits; bit < bytes.length * 8; bit++) {
    if ((bytes[bit >> 3]! & (0x80 >> (bit & 7))) !== 0) return undefined;
  }
  return { bytes, bits };
}

/** A prefix as text, such as `10.96.0.0/12`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.bytes)}/${cidr.bits}`;
}

/** Whether `address` (4 or 16 bytes) is in the prefix. */
export function cidrContains(cidr: Cidr, address: Uint8Array): boolean {
  if (address.length !== cidr.bytes.length) return false;
  for (let bit = 0; bit < cidr.bits; bit++) {
    const mask = 0x80 >> (bit & 7);
    if ((address[bit >> 3]! & mask) !== (cidr.bytes[bit >> 3]! & mask)) return false;
  }
  return true;
}
