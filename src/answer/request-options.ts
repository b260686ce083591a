// Reads and validates the options of a query's OPT that change the reply.
// RFC 6891 6.1.2; RFC 5001 (NSID), 7828 (TCP keepalive), 7830 (padding), 7873 (cookies). Allocates nothing.
import { OPTION } from "../dns/constants.ts";
import type { ClientTransport } from "./client.ts";
import { CLIENT_COOKIE_SIZE, SERVER_COOKIE_SIZE_MAX, SERVER_COOKIE_SIZE_MIN } from "./cookies.ts";

/** Bits of `RequestOptions.asked`. */
export const ASKED = { NSID: 1, COOKIE: 2, KEEPALIVE: 4, PADDING: 8 } as const;

export class RequestOptions {
  /** Bits of `ASKED`, one for each option in the OPT. Of several options with one code the first one counts. */
  asked = 0;
  /** Where the cookie begins, and its size; set only where `asked` has it. */
  cookieAt = 0;
  cookieSize = 0;
  #keepaliveHasValue = false;

  clear(): void {
    this.asked = 0;
  }

  get asksCookie(): boolean {
    return (this.asked & ASKED.COOKIE) !== 0;
  }

  /** Whether they are malformed over this transport: a client's keepalive has no value (RFC 7828 3.2.1). */
  isMalformedOver(transport: ClientTransport): boolean {
    const isConnection = transport === "tcp" || transport === "tls";
    return (this.asked & ASKED.KEEPALIVE) !== 0 && isConnection && this.#keepaliveHasValue;
  }

  /** Reads the options in `bytes[start, end)`; false: they are malformed. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.asked = 0;
    let at = start;
    while (at + 4 <= end) {
      const code = (bytes[at]! << 8) | bytes[at + 1]!;
      const size = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      at += 4;
      if (at + size > end) return false;
      if (code <= OPTION.PADDING && !this.#take(code, at, size)) return false;
      at += size;
    }
    return at === end;
  }

  #take(code: number, at: number, size: number): boolean {
    if (code === OPTION.NSID) {
      this.asked |= ASKED.NSID;
    } else if (code === OPTION.PADDING) {
      this.asked |= ASKED.PADDING;
    } else if (code === OPTION.KEEPALIVE && (this.asked & ASKED.KEEPALIVE) === 0) {
      this.asked |= ASKED.KEEPALIVE;
      this.#keepaliveHasValue = size !== 0;
    } else if (code === OPTION.COOKIE && (this.asked & ASKED.COOKIE) === 0) {
      const serverSize = size - CLIENT_COOKIE_SIZE;
      if (serverSize !== 0 && (serverSize < SERVER_COOKIE_SIZE_MIN || serverSize > SERVER_COOKIE_SIZE_MAX))
        return false;
      this.asked |= ASKED.COOKIE;
      this.cookieAt = at;
      this.cookieSize = size;
    }
    return true;
  }
}
