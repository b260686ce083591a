// Who asks, and over which transport: what an answer may depend on beside the query's own bytes.
// A transport keeps one client and fills it in anew for each query; nobody may hold on to it.

/** How a query came: `udp` answers are bounded by the client's advertised size, the others by 65,535 bytes. */
export type ClientTransport = "udp" | "tcp" | "tls" | "https";

export interface Client {
  readonly transport: ClientTransport;
  /**
   * Writes the asker's address to the first bytes of `into`, which has room for 16, and returns how many there are:
   * 4 of IPv4 (also where it came in the form ::ffff:a.b.c.d), 16 of IPv6. 0: it is not known.
   */
  readAddress(into: Uint8Array): number;
}

/** The first bytes of an IPv4 address in IPv6 form (RFC 4291 2.5.5.2). */
const MAPPED_SIZE = 12;

/** Folds the IPv4-mapped form of the 16 bytes in `address` to 4; returns the size that is left. Allocates nothing. */
export function unmapAddress(address: Uint8Array): number {
  for (let i = 0; i < 10; i++) if (address[i] !== 0) return 16;
  if (address[10] !== 0xff || address[11] !== 0xff) return 16;
  for (let i = 0; i < 4; i++) address[i] = address[MAPPED_SIZE + i]!;
  return 4;
}

/** A client that stays the same: `address` has 4 or 16 bytes, or none where nobody is known. */
export class KnownClient implements Client {
  readonly transport: ClientTransport;
  readonly #address: Uint8Array;

  constructor(transport: ClientTransport, address: Uint8Array = new Uint8Array(0)) {
    this.transport = transport;
    this.#address = address;
  }

  readAddress(into: Uint8Array): number {
    into.set(this.#address);
    return this.#address.length === 16 ? unmapAddress(into) : this.#address.length;
  }
}
