// Writes records of answered queries to the ring of this thread. Never waits and allocates nothing: a record that does
// not fit is dropped and counted. Layout in record-layout.ts.
import type { AnswerNote } from "../answer/answer-note.ts";
import { CAUSE } from "../answer/answer-note.ts";
import type { Client } from "../answer/client.ts";
import { DNSSEC_OK, HEADER_SIZE, OPT_SIZE, RCODE, TYPE } from "../dns/constants.ts";
import { LABEL_SIZE_MAX, lowerByte, NAME_SIZE_MAX } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import { padded, RECORD, RECORD_BIT, REPLY_CLASS, RING, TIMES, TRANSPORTS, WRAP } from "./record-layout.ts";
import type { ReplyClass } from "./record-layout.ts";

const HEADER_BYTES = RING.WORDS * 4;
const FIXED_BYTES = RECORD.NAME * 4;
const NAME_BYTES_MAX = padded(NAME_SIZE_MAX);

/** A new ring for `size` bytes of records, a power of two. Pages that are never written cost nothing. */
export function newRing(size: number): SharedArrayBuffer {
  assert(size >= 4096 && (size & (size - 1)) === 0, "the size of a ring is a power of two");
  return new SharedArrayBuffer(HEADER_BYTES + size);
}

export class RingWriter {
  /** Of the next record, by `TIMES`. */
  readonly times = new Float64Array(TIMES.COUNT);
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #size: number;
  readonly #address = new Uint8Array(16);
  /** The question of the query in hand, once `#readQuestion` has read it. */
  #nameSize = 0;
  #type = 0;
  #class = 0;
  #udpSize = 0;
  #bits = 0;

  /** The thread is the only one that writes to `ring`. */
  constructor(ring: SharedArrayBuffer) {
    this.#words = new Int32Array(ring);
    this.#doubles = new Float64Array(ring);
    this.#bytes = new Uint8Array(ring);
    this.#size = ring.byteLength - HEADER_BYTES;
  }

  /**
   * Writes a record: the query in `query[start, end)`, its reply of `replySize` bytes at `replyStart`, the random
   * number by which it was sampled, and `times`. `hasMessages`: with the bytes of both.
   */
  write(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    replySize: number,
    client: Client,
    note: AnswerNote,
    draw: number,
    hasMessages: boolean,
  ): void {
    const querySize = end - start;
    const messageBytes = hasMessages ? padded(querySize + replySize) : 0;
    const at = this.#reserve(FIXED_BYTES + NAME_BYTES_MAX + messageBytes);
    if (at < 0) return;
    this.#readQuestion(query, start, end, at + FIXED_BYTES);
    const nameBytes = padded(this.#nameSize);
    const size = FIXED_BYTES + nameBytes + messageBytes;
    const words = this.#words;
    const bytes = this.#bytes;
    const word = at >> 2;
    const rcode = rcodeOf(reply, replyStart, note);
    const addressSize = client.readAddress(this.#address);
    const bits = hasMessages ? this.#bits | RECORD_BIT.HAS_MESSAGES : this.#bits;
    words[word + RECORD.SIZE] = size;
    words[word + RECORD.DRAW] = draw;
    this.#doubles[(word + RECORD.TIME) >> 1] = this.times[TIMES.AT]!;
    this.#doubles[(word + RECORD.DURATION) >> 1] = this.times[TIMES.DURATION]!;
    words[word + RECORD.ID] = (query[start]! << 8) | query[start + 1]! | (client.port << 16);
    words[word + RECORD.TYPE] = this.#type | (this.#class << 16);
    words[word + RECORD.FLAGS] =
      query[start + 2]! | (query[start + 3]! << 8) | (reply[replyStart + 2]! << 16) | (reply[replyStart + 3]! << 24);
    words[word + RECORD.QUERY_SIZE] = querySize | (this.#udpSize << 16);
    words[word + RECORD.REPLY_SIZE] = replySize | (answersOf(reply, replyStart) << 16);
    words[word + RECORD.RCODE] = rcode | ((note.ede + 1) << 16);
    words[word + RECORD.KIND] =
      bits |
      (note.cause << 8) |
      (client.transport === "udp" ? 0 : TRANSPORTS.indexOf(client.transport) << 16) |
      (replyClassOf(reply, replyStart, note) << 24);
    words[word + RECORD.SIZES] = this.#nameSize | (addressSize << 8);
    let to = at + RECORD.ADDRESS * 4;
    for (let i = 0; i < addressSize; i++) bytes[to + i] = this.#address[i]!;
    if (hasMessages) {
      to = at + FIXED_BYTES + nameBytes;
      for (let i = start; i < end; i++) bytes[to++] = query[i]!;
      for (let i = replyStart; i < replyStart + replySize; i++) bytes[to++] = reply[i]!;
    }
    Atomics.store(words, RING.HEAD, (words[RING.HEAD]! + size) | 0);
  }

  /** Where a record of at most `size` bytes goes, bytes from the ring's start; -1: it does not fit, and is counted. */
  #reserve(size: number): number {
    const words = this.#words;
    const head = words[RING.HEAD]!;
    const place = head & (this.#size - 1);
    const free = this.#size - ((head - Atomics.load(words, RING.TAIL)) | 0);
    const left = this.#size - place;
    const skipped = left < size ? left : 0;
    if (skipped + size > free) {
      Atomics.add(words, RING.DROPPED, 1);
      return -1;
    }
    if (skipped === 0) return HEADER_BYTES + place;
    words[(HEADER_BYTES + place) >> 2] = WRAP;
    Atomics.store(words, RING.HEAD, (head + skipped) | 0);
    return HEADER_BYTES;
  }

  /** Reads the first question and the OPT behind it, whatever the bytes are. The name goes to `to`, in lower case. */
  #readQuestion(query: Uint8Array, start: number, end: number, to: number): void {
    this.#nameSize = this.#type = this.#class = this.#udpSize = this.#bits = 0;
    if (query[start + 4] === 0 && query[start + 5] === 0) return;
    const name = this.#bytes;
    let at = start + HEADER_SIZE;
    let size = 0;
    for (;;) {
      if (at >= end) return;
      const length = query[at++]!;
      name[to + size++] = length;
      if (length === 0) break;
      if (length > LABEL_SIZE_MAX || at + length > end || size + length >= NAME_SIZE_MAX) return;
      for (const labelEnd = at + length; at < labelEnd; at++) name[to + size++] = lowerByte(query[at]!);
    }
    if (at + 4 > end) return;
    this.#nameSize = size;
    this.#type = (query[at]! << 8) | query[at + 1]!;
    this.#class = (query[at + 2]! << 8) | query[at + 3]!;
    this.#bits = RECORD_BIT.HAS_QUESTION;
    at += 4;
    const hasOpt =
      query[start + 11] !== 0 &&
      at + OPT_SIZE <= end &&
      query[at] === 0 &&
      query[at + 1] === 0 &&
      query[at + 2] === TYPE.OPT;
    if (!hasOpt) return;
    this.#udpSize = (query[at + 3]! << 8) | query[at + 4]!;
    this.#bits |= (query[at + 7]! & DNSSEC_OK) === 0 ? RECORD_BIT.HAS_OPT : RECORD_BIT.HAS_OPT | RECORD_BIT.DNSSEC_OK;
  }
}

/** The class of the reply at `at`. */
export function replyClassOf(reply: Uint8Array, at: number, note: AnswerNote): ReplyClass {
  const rcode = rcodeOf(reply, at, note);
  if (rcode === RCODE.NXDOMAIN) return REPLY_CLASS.DENIAL;
  if (rcode !== RCODE.NOERROR) return REPLY_CLASS.ERROR;
  const hasAuthority = (reply[at + 8]! | reply[at + 9]!) !== 0;
  const isDenial = answersOf(reply, at) === 0 && hasAuthority && note.cause !== CAUSE.REFERRAL;
  return isDenial ? REPLY_CLASS.DENIAL : REPLY_CLASS.SUCCESS;
}

/** The upper bits stand in the OPT: only the note has them at hand. */
function rcodeOf(reply: Uint8Array, at: number, note: AnswerNote): number {
  return (note.rcode & 0xff0) | (reply[at + 3]! & 0x0f);
}

function answersOf(reply: Uint8Array, at: number): number {
  return (reply[at + 6]! << 8) | reply[at + 7]!;
}
