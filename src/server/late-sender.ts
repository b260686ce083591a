// Sends single replies on a batched socket from the main thread: for queries that its worker handed over.
// Layouts of struct msghdr and struct iovec on 64-bit Linux.
import type { Libc } from "./libc.ts";
import { LINUX } from "./libc.ts";

export class LateSender {
  readonly #libc: Libc;
  readonly #fd: number;
  /** struct msghdr and struct iovec; the buffers whose addresses go in are held by `send` while the call lasts. */
  readonly #message = new Uint8Array(56);
  readonly #vector = new Uint8Array(16);

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
    const view = new DataView(this.#message.buffer);
    view.setBigUint64(16, libc.addressOf(this.#vector), true);
    view.setBigUint64(24, 1n, true);
  }

  /** Sends `reply` to the socket address `address`, with the query's control data; false when the system refuses. */
  send(reply: Uint8Array, address: Uint8Array, control: Uint8Array): boolean {
    const message = new DataView(this.#message.buffer);
    const vector = new DataView(this.#vector.buffer);
    message.setBigUint64(0, this.#libc.addressOf(address), true);
    message.setUint32(8, address.length, true);
    message.setBigUint64(32, control.length === 0 ? 0n : this.#libc.addressOf(control), true);
    message.setBigUint64(40, BigInt(control.length), true);
    vector.setBigUint64(0, this.#libc.addressOf(reply), true);
    vector.setBigUint64(8, BigInt(reply.length), true);
    // Never waits: the main thread has more to do than one reply.
    return this.#libc.sendmsg(this.#fd, this.#message, LINUX.MSG_DONTWAIT) >= 0;
  }
}
