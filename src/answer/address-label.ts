// Reads labels that spell an IP address with `-` for `.` or `:`, as in the pod names 10-244-1-5 and fd00--5.
// Allocates nothing.

/**
 * Reads the label of `size` bytes at `name[at]` into `address`; returns the address's size, 4 or 16, 0 for
 * none. IPv4 is four decimal numbers without leading zeros; IPv6 is RFC 4291 text with `-` for `:`.
 */
export function readAddressLabel(name: Uint8Array, at: number, size: number, address: Uint8Array): number {
  return readIpv4Label(name, at, at + size, address) ? 4 : readIpv6Label(name, at, at + size, address) ? 16 : 0;
}

function readIpv4Label(name: Uint8Array, at: number, end: number, address: Uint8Array): boolean {
  for (let part = 0; part < 4; part++) {
    const start = at;
    let value = 0;
    while (at < end && name[at]! >= 0x30 && name[at]! <= 0x39 && at - start < 3)
      value = value * 10 + name[at++]! - 0x30;
    if (at === start || value > 255 || (at - start > 1 && name[start] === 0x30)) return false;
    address[part] = value;
    if (part < 3 && (at >= end || name[at++] !== 0x2d)) return false;
  }
  return at === end;
}

function readIpv6Label(name: Uint8Array, at: number, end: number, address: Uint8Array): boolean {
  let groups = 0;
  // Groups before the gap; -1: no gap yet.
  let gap = -1;
  if (end - at >= 2 && name[at] === 0x2d && name[at + 1] === 0x2d) {
    gap = 0;
    at += 2;
  }
  while (at < end) {
    const start = at;
    let value = 0;
    for (let digit = 0; at < end && at - start < 4 && (digit = hexDigit(name[at]!)) >= 0; at++)
      value = value * 16 + digit;
    if (at === start || groups === 8) return false;
    address[groups * 2] = value >> 8;
    address[groups * 2 + 1] = value & 0xff;
    groups++;
    if (at === end) break;
    if (name[at++] !== 0x2d || at === end) return false;
    if (name[at] === 0x2d) {
      if (gap !== -1) return false;
      gap = groups;
      at++;
    }
  }
  if (gap === -1) return groups === 8;
  if (groups === 8) return false;
  // The groups after the gap move to the end; zeros fill the gap.
  const moved = (groups - gap) * 2;
  for (let i = 1; i <= moved; i++) address[16 - i] = address[groups * 2 - i]!;
  address.fill(0, gap * 2, 16 - moved);
  return true;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
