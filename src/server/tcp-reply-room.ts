// Where replies are made before they are sent over TCP or TLS, each with its length before it (RFC 1035 section 4.2.2).
// Long ones are sent from the room that they were made in, and the room is used again: thrown away, they pile up faster
// than their memory is collected. Knows no sockets.
import { MESSAGE_SIZE_MAX } from "../dns/constants.ts";
import { LENGTH_SIZE } from "../dns/framing.ts";

/** Shorter replies are copied out: a slow peer then holds what its replies need, not whole rooms. */
const COPIED_BYTES_MAX = 16 * 1024;
/** Rooms that are kept for later. */
const SPARE_ROOMS_MAX = 16;

/** A framed reply; `release` is to be called when its bytes have been sent, and are not needed any more. */
export interface FramedReply {
  readonly bytes: Buffer;
  readonly release: (() => void) | undefined;
}

/** Room for the reply in the making. */
export class ReplyRoom {
  #room = newRoom();
  readonly #spare: Buffer[] = [];

  /** To be written to from `LENGTH_SIZE` on; another one after each `frame`. */
  get bytes(): Uint8Array {
    return this.#room;
  }

  /** The reply of `length` bytes that stands in the room. */
  frame(length: number): FramedReply {
    const room = this.#room;
    room.writeUInt16BE(length, 0);
    const bytes = room.subarray(0, LENGTH_SIZE + length);
    if (length <= COPIED_BYTES_MAX) return { bytes: Buffer.from(bytes), release: undefined };
    this.#room = this.#spare.pop() ?? newRoom();
    return {
      bytes,
      release: () => {
        if (this.#spare.length < SPARE_ROOMS_MAX) this.#spare.push(room);
      },
    };
  }
}

function newRoom(): Buffer {
  return Buffer.alloc(LENGTH_SIZE + MESSAGE_SIZE_MAX);
}
