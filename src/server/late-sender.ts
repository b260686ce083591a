// Sends single replies on a batched socket from the main thread, to queries that the worker handed over.
// Layouts of struct msghdr and struct iovec on 64-bit Linux.
import type { Libc } from "./libc.ts";
import { IOVEC_SIZE, LINUX, MSGHDR, MSGHDR_SIZE } from "./libc.ts";

/** Sends on the socket `fd`. */
export class LateSender {
  readonly #libc: Libc;
  readonly #fd: number;
  /** A struct msghdr and its struct iovec. The arguments of `send` keep the buffers that they point to alive. */
  readonly #message = new Uint8Array(MSGHDR_SIZE);
  readonly #vector = new Uint8Array(IOVEC_SIZE);

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
    const view = new DataView(this.#message.buffer);
    view.setBigUint64(MSGHDR.IOV, libc.addressOf(this.#vector), true);
    view.setBigUint64(MSGHDR.IOV_LENGTH, 1n, true);
  }

  /** Sends `reply` to the socket address `address` with the query's packet info; false when the system refuses. */
  send(reply: Uint8Array, address: Uint8Array, packetInfo: Uint8Array): boolean {
    const message = new DataView(this.#message.buffer);
    const vector = new DataView(this.#vector.buffer);
    message.setBigUint64(MSGHDR.NAME, this.#libc.addressOf(address), true);
    message.setUint32(MSGHDR.NAME_LENGTH, address.length, true);
    message.setBigUint64(MSGHDR.CONTROL, packetInfo.length === 0 ? 0n : this.#libc.addressOf(packetInfo), true);
    message.setBigUint64(MSGHDR.CONTROL_LENGTH, BigInt(packetInfo.length), true);
    vector.setBigUint64(0, this.#libc.addressOf(reply), true);
    vector.setBigUint64(8, BigInt(reply.length), true);
    // Never blocks: one reply must not hold up the main thread.
    return this.#libc.sendmsg(this.#fd, this.#message, LINUX.MSG_DONTWAIT) >= 0;
  }
}
