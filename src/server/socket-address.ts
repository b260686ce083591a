// The addresses of peers: in the kernel's form (struct sockaddr_in and sockaddr_in6, 64-bit Linux), and in node's text.
// No I/O.
import type { Client } from "../answer/client.ts";
import { KnownClient, unmapAddress } from "../answer/client.ts";
import type { ClientTransport } from "../answer/client.ts";
import { parseIp } from "../net/ip.ts";
import { LINUX } from "./libc.ts";

/** struct sockaddr_in6, the larger one. */
export const SOCKET_ADDRESS_SIZE = 28;

/** The asker of a datagram whose socket address stands in `addresses` from `at`, which moves from one to the next. */
export class DatagramClient implements Client {
  readonly transport = "udp";
  at = 0;
  readonly #addresses: Uint8Array;

  constructor(addresses: Uint8Array) {
    this.#addresses = addresses;
  }

  readAddress(into: Uint8Array): number {
    const bytes = this.#addresses;
    const isV6 = bytes[this.at] === LINUX.AF_INET6;
    const from = this.at + (isV6 ? 8 : 4);
    const size = isV6 ? 16 : 4;
    for (let i = 0; i < size; i++) into[i] = bytes[from + i]!;
    return isV6 ? unmapAddress(into) : size;
  }
}

/** The client at an address as node tells it: IPv6 may carry a zone, `%eth0`. */
export function clientOf(transport: ClientTransport, text: string): Client {
  return new KnownClient(transport, parseIp(text.split("%", 1)[0]!));
}
