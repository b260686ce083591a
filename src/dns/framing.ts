// DNS messages on a byte stream, each with its length in front (RFC 1035 4.2.2, RFC 7766 8): a reader that finds them
// however the stream is split, and a writer. Pure. It buffers at most one chunk and one message, and copies only
// messages that span chunks.
import { HEADER_SIZE, MESSAGE_SIZE_MAX } from "./constants.ts";
import { assert } from "../std/assert.ts";

/** Size of the length in front of each message, bytes. */
export const LENGTH_SIZE = 2;
const BUFFER_SIZE_MIN = 512;
const NOTHING = new Uint8Array(0);

/** Copies the message behind its length. One buffer, so that both leave in one TCP segment. */
export function writeFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(LENGTH_SIZE + message.length);
  frame.writeUInt16BE(message.length);
  frame.set(message, LENGTH_SIZE);
  return frame;
}

/** Reads messages from chunks: `feed` one chunk, then call `next` until it returns `more`. */
export class MessageReader {
  /** After `next` returned `message`: the message is `bytes[start, end)`, valid until the next call. */
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  #chunk: Uint8Array = NOTHING;
  #offset = 0;
  /** The first part of a message that later chunks complete, with its length. */
  #partial: Uint8Array = NOTHING;
  #partialSize = 0;

  /** Whether the stream is in the middle of a message. */
  get midMessage(): boolean {
    return this.#partialSize > 0;
  }

  /** Takes the next chunk of the stream. `next` must have returned `more` before. */
  feed(chunk: Uint8Array): void {
    assert(this.#offset === this.#chunk.length, "feed() needs a reader that has used up its chunk");
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** Moves to the next whole message. `malformed`: the length is shorter than a header, so the stream is unusable. */
  next(): "message" | "more" | "malformed" {
    if (this.#partialSize > 0) return this.#complete();
    const chunk = this.#chunk;
    const offset = this.#offset;
    if (chunk.length - offset >= LENGTH_SIZE) {
      const length = lengthAt(chunk, offset);
      if (length < HEADER_SIZE) return "malformed";
      if (chunk.length - offset >= LENGTH_SIZE + length) {
        this.bytes = chunk;
        this.start = offset + LENGTH_SIZE;
        this.end = this.start + length;
        this.#offset = this.end;
        return "message";
      }
    }
    this.#keep(chunk.length - offset);
    return "more";
  }

  #complete(): "message" | "more" | "malformed" {
    for (;;) {
      const lengthKnown = this.#partialSize >= LENGTH_SIZE;
      const length = lengthKnown ? lengthAt(this.#partial, 0) : 0;
      if (lengthKnown && length < HEADER_SIZE) return "malformed";
      const missing = LENGTH_SIZE + length - this.#partialSize;
      if (lengthKnown && missing === 0) break;
      if (this.#offset === this.#chunk.length) {
        this.#keep(0);
        return "more";
      }
      this.#keep(Math.min(missing, this.#chunk.length - this.#offset));
    }
    this.bytes = this.#partial;
    this.start = LENGTH_SIZE;
    this.end = this.#partialSize;
    this.#partial = NOTHING;
    this.#partialSize = 0;
    return "message";
  }

  /** Appends `count` bytes of the chunk to the partial message, and drops the chunk when it is used up. */
  #keep(count: number): void {
    const wanted = this.#partialSize + count;
    if (wanted > this.#partial.length) {
      // Doubling: memory grows with the bytes received, not with the length announced, and few bytes are copied twice.
      const capacity = Math.max(wanted, this.#partial.length * 2, BUFFER_SIZE_MIN);
      const larger = new Uint8Array(Math.min(capacity, LENGTH_SIZE + MESSAGE_SIZE_MAX));
      larger.set(this.#partial.subarray(0, this.#partialSize));
      this.#partial = larger;
    }
    this.#partial.set(this.#chunk.subarray(this.#offset, this.#offset + count), this.#partialSize);
    this.#partialSize = wanted;
    this.#offset += count;
    if (this.#offset < this.#chunk.length) return;
    this.#chunk = NOTHING;
    this.#offset = 0;
  }
}

function lengthAt(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}
