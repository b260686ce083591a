// Where names in a message end, without reading what they say (RFC 1035 4.1.4). Pointers are not followed: no loop
// can be.
import { LABEL_SIZE_MAX, NAME_SIZE_MAX } from "./name.ts";

const POINTER = 0xc0;

/** Where the name without compression at `start` ends; undefined when it is none. */
export function skipPlainName(message: Uint8Array, start: number): number | undefined {
  return skip(message, start, false);
}

/** Where the name at `start`, which may end in a pointer, ends; undefined when it is none. */
export function skipName(message: Uint8Array, start: number): number | undefined {
  return skip(message, start, true);
}

function skip(message: Uint8Array, start: number, mayPoint: boolean): number | undefined {
  for (let at = start; at < message.length && at - start < NAME_SIZE_MAX;) {
    const length = message[at]!;
    if (length === 0) return at + 1;
    if (mayPoint && length >= POINTER) return at + 2 <= message.length ? at + 2 : undefined;
    if (length > LABEL_SIZE_MAX) return undefined;
    at += 1 + length;
  }
  return undefined;
}
