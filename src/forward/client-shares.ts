// How many queries of each client wait for upstreams. A client may have as many as it leaves room for: with one client
// that is half of the room, with n clients each has an equal part, and there is always room for one more.
// Knows clients by their address only.
import type { Client } from "../answer/client.ts";

/** The address of a client: a number for IPv4, which costs the least. */
export type ClientKey = number | string;

/** The queries that wait, by client. */
export class ClientShares {
  readonly #waiting = new Map<ClientKey, number>();
  readonly #address = new Uint8Array(16);

  /** The client's key; clients without a known address share one. */
  keyOf(client: Client): ClientKey {
    const size = client.readAddress(this.#address);
    const [a, b, c, d] = this.#address as unknown as readonly [number, number, number, number];
    if (size === 4) return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    return String.fromCharCode(...this.#address.subarray(0, size));
  }

  /** Whether one more query of the client may wait when there is room for `room` more in all. */
  mayWait(key: ClientKey, room: number): boolean {
    return (this.#waiting.get(key) ?? 0) < room;
  }

  add(key: ClientKey): void {
    this.#waiting.set(key, (this.#waiting.get(key) ?? 0) + 1);
  }

  remove(key: ClientKey): void {
    const left = (this.#waiting.get(key) ?? 0) - 1;
    if (left > 0) this.#waiting.set(key, left);
    else this.#waiting.delete(key);
  }
}
