// The OPT record of a reply: the server's size, version 0, DO as in the query, and the requested options.
// RFC 6891 6.1.2, 5001 (NSID), 7828 (keepalive), 7830 and 8467 (padding), 7873 (cookies), 8914 (extended errors).
// Allocates nothing after construction.
import { writeOpt } from "../dns/message.ts";
import { OPT_SIZE, OPTION } from "../dns/constants.ts";
import type { AnswerSettings } from "./answer-settings.ts";
import type { Client } from "./client.ts";
import { Clock } from "../std/clock.ts";
import { Cookies, COOKIE_SIZE } from "./cookies.ts";
import { ASKED } from "./request-options.ts";
import type { RequestOptions } from "./request-options.ts";

/** For `write`: no extended error. */
export const NO_EDE = -1;
const OPTION_HEAD_SIZE = 4;
/** Size of the option of an extended error; `ReplyOpt.size` is without it. */
export const OPTION_EDE_SIZE = 6;
/** Where the text of an extended error begins behind the records of a reply. */
export const TEXT_OFFSET = OPT_SIZE + OPTION_EDE_SIZE;
/** Padded replies are multiples of this (RFC 8467 4.1). */
const PADDING_BLOCK_SIZE = 468;

/**
 * The extended error of a reply: its code, or `NO_EDE`, and its text in `bytes[start, textEnd)`, with further extended
 * errors as whole options up to `end`.
 */
export interface ExtendedError {
  code: number;
  bytes: Uint8Array;
  start: number;
  textEnd: number;
  end: number;
}

export class ReplyOpt {
  /** Whether an OPT was prepared since `reset`. */
  isPrepared = false;
  /** Its size without padding and extended error. */
  size = 0;
  /** Whether the query has a cookie that this server made for the client. */
  cookieIsValid = false;
  readonly #ednsSize: number;
  readonly #nsid: Uint8Array | undefined;
  readonly #keepalive: number | undefined;
  readonly #cookies: Cookies | undefined;
  readonly #cookie = new Uint8Array(COOKIE_SIZE);
  #isEncrypted = false;
  /** Bits of `ASKED`: the options of this reply. */
  #given = 0;
  #dnssecOk = false;

  constructor({ ednsSize, nsid, keepalive, cookies, clock }: AnswerSettings) {
    this.#ednsSize = ednsSize;
    this.#nsid = nsid;
    this.#keepalive = keepalive;
    this.#cookies = cookies === undefined ? undefined : new Cookies(cookies, new Clock(clock));
  }

  /** Forgets the previous query. */
  reset(): void {
    this.isPrepared = false;
    this.cookieIsValid = false;
    this.size = 0;
  }

  /** Prepares the OPT for a query with these options in `bytes`; returns its size without padding. */
  prepare(bytes: Uint8Array, options: RequestOptions, dnssecOk: boolean, client: Client): number {
    this.#dnssecOk = dnssecOk;
    this.#given = 0;
    this.isPrepared = true;
    this.cookieIsValid = false;
    this.size = options.asked === 0 ? OPT_SIZE : this.#prepareOptions(bytes, options, client);
    return this.size;
  }

  #prepareOptions(bytes: Uint8Array, options: RequestOptions, client: Client): number {
    const { asked, cookieAt, cookieSize } = options;
    const { transport } = client;
    let size = OPT_SIZE;
    if ((asked & ASKED.NSID) !== 0 && this.#nsid !== undefined) {
      this.#given |= ASKED.NSID;
      size += OPTION_HEAD_SIZE + this.#nsid.length;
    }
    if ((asked & ASKED.COOKIE) !== 0 && this.#cookies !== undefined) {
      this.#given |= ASKED.COOKIE;
      size += OPTION_HEAD_SIZE + COOKIE_SIZE;
      this.cookieIsValid = this.#cookies.answer(bytes, cookieAt, cookieSize, client, this.#cookie);
    }
    this.#isEncrypted = transport === "tls" || transport === "https";
    const isConnection = transport === "tcp" || transport === "tls";
    if ((asked & ASKED.KEEPALIVE) !== 0 && isConnection && this.#keepalive !== undefined) {
      this.#given |= ASKED.KEEPALIVE;
      size += OPTION_HEAD_SIZE + 2;
    }
    if ((asked & ASKED.PADDING) !== 0 && this.#isEncrypted) this.#given |= ASKED.PADDING;
    return size;
  }

  /**
   * Writes the prepared OPT at `at` of the reply that begins at `start` and has at most `sizeMax` bytes; returns where
   * the OPT ends. `rcodeHigh`: the upper bits of the rcode. An error that does not fit loses its text, then its code.
   */
  write(
    reply: Uint8Array,
    start: number,
    at: number,
    sizeMax: number,
    rcodeHigh: number,
    error: ExtendedError,
  ): number {
    let end = writeOpt(reply, at, this.#ednsSize, rcodeHigh, this.#dnssecOk, 0);
    if (error.code >= 0) end = writeError(reply, end, start + sizeMax - this.size + OPT_SIZE, error);
    if (this.#given !== 0) end = this.#writeOptions(reply, end, start, sizeMax);
    write16(reply, at + 9, end - at - OPT_SIZE);
    return end;
  }

  #writeOptions(reply: Uint8Array, at: number, start: number, sizeMax: number): number {
    let end = at;
    if ((this.#given & ASKED.NSID) !== 0) end = writeOption(reply, end, OPTION.NSID, this.#nsid!);
    if ((this.#given & ASKED.COOKIE) !== 0) end = writeOption(reply, end, OPTION.COOKIE, this.#cookie);
    if ((this.#given & ASKED.KEEPALIVE) !== 0) {
      end = writeHead(reply, end, OPTION.KEEPALIVE, 2);
      write16(reply, end, this.#keepalive!);
      end += 2;
    }
    return (this.#given & ASKED.PADDING) === 0 ? end : writePadding(reply, end, start, sizeMax);
  }
}

/** Pads the reply that begins at `start` to whole blocks, unless it has that size or the option does not fit. */
export function writePadding(reply: Uint8Array, at: number, start: number, sizeMax: number): number {
  const size = at - start;
  const head = size + OPTION_HEAD_SIZE;
  if (size % PADDING_BLOCK_SIZE === 0 || head > sizeMax) return at;
  const padded = Math.ceil(head / PADDING_BLOCK_SIZE) * PADDING_BLOCK_SIZE;
  const padding = (padded < sizeMax ? padded : sizeMax) - head;
  const from = writeHead(reply, at, OPTION.PADDING, padding);
  for (let i = 0; i < padding; i++) reply[from + i] = 0;
  return from + padding;
}

/** Writes what fits before `limit`: with the text and further errors, with the text, without it, or nothing. */
function writeError(reply: Uint8Array, at: number, limit: number, error: ExtendedError): number {
  if (at + OPTION_EDE_SIZE > limit) return at;
  const { bytes, start, textEnd, end } = error;
  const room = limit - at - OPTION_EDE_SIZE;
  const textSize = textEnd - start > room ? 0 : textEnd - start;
  const size = end - start > room ? textSize : end - start;
  const code = writeHead(reply, at, OPTION.EDE, 2 + textSize);
  write16(reply, code, error.code);
  // A text that was written in its place stays.
  if (bytes !== reply || start !== code + 2) for (let i = 0; i < size; i++) reply[code + 2 + i] = bytes[start + i]!;
  return code + 2 + size;
}

function writeOption(reply: Uint8Array, at: number, code: number, value: Uint8Array): number {
  const from = writeHead(reply, at, code, value.length);
  for (let i = 0; i < value.length; i++) reply[from + i] = value[i]!;
  return from + value.length;
}

function writeHead(reply: Uint8Array, at: number, code: number, size: number): number {
  write16(reply, at, code);
  write16(reply, at + 2, size);
  return at + OPTION_HEAD_SIZE;
}

function write16(reply: Uint8Array, at: number, value: number): void {
  reply[at] = value >>> 8;
  reply[at + 1] = value;
}
