// Where replies are made before they are sent over TCP or TLS, each with its length before it (RFC 1035 section 4.2.2).
// Long ones are sent from the room that they were made in, and the room is used again: thrown away, they pile up faster
// than their memory is collected. Knows no sockets.
import { LARGEST_MESSAGE_BYTES, LENGTH_BYTES } from "../dns/message-reader.ts";

/** Shorter replies are copied out: a slow peer then holds what its replies need, not whole rooms. */
const COPIED_BYTES_MAX = 16 * 1024;
/** Rooms that are kept for later. */
const SPARE_BUFFERS_MAX = 16;

/** A framed reply; `release` is to be called when its bytes have been sent, and are not needed any more. */
export interface FramedReply {
  readonly bytes: Buffer;
  readonly release: (() => void) | undefined;
}

/** Room for the reply in the making. */
export class ReplyBuffer {
  #buffer = newBuffer();
  readonly #spare: Buffer[] = [];

  /** To be written to from `LENGTH_BYTES` on; another one after each `frame`. */
  get bytes(): Uint8Array {
    return this.#buffer;
  }

  /** The reply of `length` bytes that stands in the room. */
  frame(length: number): FramedReply {
    const buffer = this.#buffer;
    buffer.writeUInt16BE(length, 0);
    const bytes = buffer.subarray(0, LENGTH_BYTES + length);
    if (length <= COPIED_BYTES_MAX) return { bytes: Buffer.from(bytes), release: undefined };
    this.#buffer = this.#spare.pop() ?? newBuffer();
    return {
      bytes,
      release: () => {
        if (this.#spare.length < SPARE_BUFFERS_MAX) this.#spare.push(buffer);
      },
    };
  }
}

/** A reply from elsewhere, copied behind its length. */
export function frameReply(reply: Uint8Array): FramedReply {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + reply.length);
  bytes.writeUInt16BE(reply.length, 0);
  bytes.set(reply, LENGTH_BYTES);
  return { bytes, release: undefined };
}

function newBuffer(): Buffer {
  return Buffer.alloc(LENGTH_BYTES + LARGEST_MESSAGE_BYTES);
}
