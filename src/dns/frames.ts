// Messages on a byte stream, each after its length in two bytes (RFC 1035 4.2.2, RFC 7766 8). Pure.
// Holds what has come of one message; a length that no message can have loses the stream.
import { HEADER_SIZE } from "./constants.ts";

const LENGTH_SIZE = 2;

/** Length and message in one piece, so that they leave in one segment. */
export function writeFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LENGTH_SIZE + message.length);
  frame[0] = message.length >> 8;
  frame[1] = message.length & 0xff;
  frame.set(message, LENGTH_SIZE);
  return frame;
}

/** Puts messages together again, wherever the stream was cut. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #held = 0;
  /** Bytes that must be there before another look is worth it. */
  #wanted = LENGTH_SIZE;

  /** The messages that `chunk` completes; undefined when the stream makes no sense any more. */
  read(chunk: Uint8Array): readonly Uint8Array[] | undefined {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return [];
    const bytes = Buffer.concat(this.#chunks);
    const messages: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const left = bytes.length - at;
      const length = left < LENGTH_SIZE ? undefined : bytes.readUInt16BE(at);
      if (length !== undefined && length < HEADER_SIZE) return undefined;
      this.#wanted = LENGTH_SIZE + (length ?? 0);
      if (length === undefined || left < this.#wanted) break;
      // A copy: a small message must not keep a whole chunk alive in a cache.
      messages.push(new Uint8Array(bytes.subarray(at + LENGTH_SIZE, at + this.#wanted)));
      at += this.#wanted;
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#held = bytes.length - at;
    return messages;
  }
}
