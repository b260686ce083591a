// Socket addresses in the kernel's form (struct sockaddr_in and sockaddr_in6 on 64-bit Linux) and as node's text.
// No I/O.
import type { Client } from "../answer/client.ts";
import { KnownClient, unmapAddress } from "../answer/client.ts";
import type { ClientTransport } from "../answer/client.ts";
import { parseIp } from "../net/ip.ts";
import { LINUX } from "./libc.ts";

/** Bytes of a struct sockaddr_in6, the larger of the two. */
export const SOCKET_ADDRESS_SIZE = 28;
const IPV4_OFFSET = 4;
const IPV6_OFFSET = 8;

/** A struct sockaddr_in or sockaddr_in6 with `ip` (4 or 16 bytes) and `port`. */
export function formatSocketAddress(ip: Uint8Array, port: number): Uint8Array {
  const isV6 = ip.length === 16;
  const bytes = new Uint8Array(isV6 ? SOCKET_ADDRESS_SIZE : 16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isV6 ? LINUX.AF_INET6 : LINUX.AF_INET, true);
  view.setUint16(2, port);
  bytes.set(ip, isV6 ? IPV6_OFFSET : IPV4_OFFSET);
  return bytes;
}

/** Whether the socket address at `at` can get a reply: its port is not 0 and its IP address is a unicast one. */
export function canReplyTo(addresses: Uint8Array, at: number): boolean {
  if (addresses[at + 2] === 0 && addresses[at + 3] === 0) return false;
  // IPv4's multicast, reserved and broadcast addresses begin at 224.0.0.0.
  return addresses[at] === LINUX.AF_INET6 ? addresses[at + IPV6_OFFSET] !== 0xff : addresses[at + IPV4_OFFSET]! < 224;
}

/** The client whose socket address is at `at` in `addresses`; the caller moves `at` from query to query. */
export class DatagramClient implements Client {
  readonly transport = "udp";
  readonly listener: number;
  at = 0;
  readonly #addresses: Uint8Array;

  constructor(addresses: Uint8Array, listener = 0) {
    this.listener = listener;
    this.#addresses = addresses;
  }

  get port(): number {
    return (this.#addresses[this.at + 2]! << 8) | this.#addresses[this.at + 3]!;
  }

  readAddress(into: Uint8Array): number {
    const bytes = this.#addresses;
    const isV6 = bytes[this.at] === LINUX.AF_INET6;
    const from = this.at + (isV6 ? IPV6_OFFSET : IPV4_OFFSET);
    const size = isV6 ? 16 : 4;
    for (let i = 0; i < size; i++) into[i] = bytes[from + i]!;
    return isV6 ? unmapAddress(into) : size;
  }
}

/** The client at an address in node's text form, and its port; IPv6 may have a zone, as in `fe80::1%eth0`. */
export function clientOf(transport: ClientTransport, text: string, port = 0, listener = 0): Client {
  return new KnownClient(transport, parseIp(text.split("%", 1)[0]!), port, listener);
}
