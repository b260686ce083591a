// Buffers for replies over TCP or TLS, each behind its length (RFC 1035 section 4.2.2). A long reply is sent from the
// buffer that it was written to, and the buffer is reused: discarded ones pile up faster than they are collected.
// Knows no sockets.
import { LARGEST_MESSAGE_BYTES, LENGTH_BYTES } from "../dns/message-reader.ts";

/** Replies up to this size are copied out, so that a slow client holds no whole buffers for small replies. */
const COPIED_BYTES_MAX = 16 * 1024;
/** Sent buffers kept for reuse. */
const SPARE_BUFFERS_MAX = 16;

/** A reply behind its length. The caller calls `release` when the bytes have been sent. */
export interface FramedReply {
  readonly bytes: Buffer;
  readonly release: (() => void) | undefined;
}

/** The buffer for the next reply. */
export class ReplyBuffer {
  #buffer = newBuffer();
  readonly #spare: Buffer[] = [];

  /** The answerer writes from `LENGTH_BYTES` on. Read it again after each `frame`, which may replace it. */
  get bytes(): Uint8Array {
    return this.#buffer;
  }

  /** Frames the reply of `length` bytes that is in the buffer. */
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

/** Frames a copy of a reply that is not in the buffer. */
export function frameReply(reply: Uint8Array): FramedReply {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + reply.length);
  bytes.writeUInt16BE(reply.length, 0);
  bytes.set(reply, LENGTH_BYTES);
  return { bytes, release: undefined };
}

function newBuffer(): Buffer {
  return Buffer.alloc(LENGTH_BYTES + LARGEST_MESSAGE_BYTES);
}
