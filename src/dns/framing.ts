// Cuts a TCP byte stream into DNS messages (RFC 1035 section 4.2.2, RFC 7766 section 8), wherever the bytes are split.
// Pure. Holds at most one chunk and one message; a message inside a chunk is not copied.
import { HEADER_SIZE, MESSAGE_SIZE_MAX } from "./constants.ts";
import { assert } from "../std/assert.ts";

/** Bytes before each message that say how long it is. */
export const LENGTH_SIZE = 2;
const BUFFER_SIZE_MIN = 512;
const NOTHING = new Uint8Array(0);

/** A copy of the message behind its length, in one piece, so that they leave in one segment. */
export function writeFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(LENGTH_SIZE + message.length);
  frame.writeUInt16BE(message.length);
  frame.set(message, LENGTH_SIZE);
  return frame;
}

/** Reads messages out of chunks: `feed` one, then call `next` until it says `more`. */
export class MessageReader {
  /** After `next` said `message`: it lies in `bytes[start, end)`, valid until the next call. */
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  #chunk: Uint8Array = NOTHING;
  #offset = 0;
  /** The beginning of a message that other chunks will complete, length bytes included. */
  #held: Uint8Array = NOTHING;
  #heldBytes = 0;

  /** Whether a message has begun and not ended. */
  get midMessage(): boolean {
    return this.#heldBytes > 0;
  }

  /** Takes the next bytes of the stream; those before must be used up (`next` said `more`). */
  feed(chunk: Uint8Array): void {
    assert(this.#offset === this.#chunk.length, "a chunk was fed before the one before it was used up");
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** Moves to the next whole message; `malformed`: its length cannot be that of a message, the stream is lost. */
  next(): "message" | "more" | "malformed" {
    if (this.#heldBytes > 0) return this.#complete();
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
    this.#hold(chunk.length - offset);
    return "more";
  }

  #complete(): "message" | "more" | "malformed" {
    for (;;) {
      const lengthKnown = this.#heldBytes >= LENGTH_SIZE;
      const length = lengthKnown ? lengthAt(this.#held, 0) : 0;
      if (lengthKnown && length < HEADER_SIZE) return "malformed";
      const missing = LENGTH_SIZE + length - this.#heldBytes;
      if (lengthKnown && missing === 0) break;
      if (this.#offset === this.#chunk.length) {
        this.#hold(0);
        return "more";
      }
      this.#hold(Math.min(missing, this.#chunk.length - this.#offset));
    }
    this.bytes = this.#held;
    this.start = LENGTH_SIZE;
    this.end = this.#heldBytes;
    this.#held = NOTHING;
    this.#heldBytes = 0;
    return "message";
  }

  /** Copies `count` bytes of the chunk behind the held ones, and lets go of a chunk that is used up. */
  #hold(count: number): void {
    const wanted = this.#heldBytes + count;
    if (wanted > this.#held.length) {
      // Doubling: what is held is paid for with bytes sent, not with a length announced, and rarely copied.
      const capacity = Math.max(wanted, this.#held.length * 2, BUFFER_SIZE_MIN);
      const larger = new Uint8Array(Math.min(capacity, LENGTH_SIZE + MESSAGE_SIZE_MAX));
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(this.#chunk.subarray(this.#offset, this.#offset + count), this.#heldBytes);
    this.#heldBytes = wanted;
    this.#offset += count;
    if (this.#offset < this.#chunk.length) return;
    this.#chunk = NOTHING;
    this.#offset = 0;
  }
}

function lengthAt(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}
