// The client of a query: its address and transport, which the answer may depend on, and its port, for logs.
// A transport has one client object and changes it for each query: do not keep it.

/** The client's advertised size limits replies over `udp`; over the others the limit is 65,535 bytes. */
export type ClientTransport = "udp" | "tcp" | "tls" | "https";

export interface Client {
  readonly transport: ClientTransport;
  /** 0 for an unknown one. */
  readonly port: number;
  /** The number of the address that the query came to: its place in the option `listen`. */
  readonly listener: number;
  /**
   * Writes the client's address to the first bytes of `into`, which has 16, and returns its size: 4 for IPv4 (also for
   * the mapped form ::ffff:a.b.c.d), 16 for IPv6, 0 for an unknown address.
   */
  readAddress(into: Uint8Array): number;
}

/** The first bytes of an IPv4 address in IPv6 form (RFC 4291 2.5.5.2). */
const MAPPED_SIZE = 12;

/** Reduces an IPv4-mapped address in the 16 bytes of `address` to 4; returns its size. Allocates nothing. */
export function unmapAddress(address: Uint8Array): number {
  for (let i = 0; i < 10; i++) if (address[i] !== 0) return 16;
  if (address[10] !== 0xff || address[11] !== 0xff) return 16;
  for (let i = 0; i < 4; i++) address[i] = address[MAPPED_SIZE + i]!;
  return 4;
}

/** A client that does not change: `address` has 4 or 16 bytes, or none where it is unknown. */
export class KnownClient implements Client {
  readonly transport: ClientTransport;
  readonly port: number;
  readonly listener: number;
  readonly #address: Uint8Array;

  constructor(transport: ClientTransport, address: Uint8Array = new Uint8Array(0), port = 0, listener = 0) {
    this.transport = transport;
    this.port = port;
    this.listener = listener;
    this.#address = address;
  }

  readAddress(into: Uint8Array): number {
    const address = this.#address;
    const size = address.length;
    for (let i = 0; i < size; i++) into[i] = address[i]!;
    return size === 16 ? unmapAddress(into) : size;
  }
}
