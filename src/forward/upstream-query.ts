// Queries to upstreams: one question, recursion desired, and an OPT record of this server (RFC 6891). They carry a
// client's question, DO and CD, and nothing else of it: no options, no client subnet, no cookies.
// Pure: ids and letter case come in as arguments.
import { FLAG, HEADER_SIZE, OPT_SIZE, TYPE } from "../dns/constants.ts";

/** The question. `name` is in wire form; DO and CD are the client's (RFC 3225, RFC 4035 3.2.2). */
export interface UpstreamQuestion {
  readonly name: Uint8Array;
  readonly type: number;
  readonly class: number;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
}

/** The UDP size to advertise: no fragments on common paths (RFC 9715 3). */
const EDNS_UDP_SIZE = 1232;
/** Bits of a header's byte 3 (RFC 4035 3.1.6, 3.2). */
export const AUTHENTIC_DATA = 0x20;
export const CHECKING_DISABLED = 0x10;
/** Bit of the third byte of an OPT record's TTL (RFC 3225 3). */
const DNSSEC_OK = 0x80;

/** The query with id 0. AD is set: it asks whether the upstream has validated the answer (RFC 6840 5.7). */
export function writeUpstreamQuery(question: UpstreamQuestion): Uint8Array {
  const questionEnd = HEADER_SIZE + question.name.length + 4;
  const query = new Uint8Array(questionEnd + OPT_SIZE);
  const view = new DataView(query.buffer);
  query[2] = FLAG.RD;
  query[3] = AUTHENTIC_DATA | (question.checkingDisabled ? CHECKING_DISABLED : 0);
  view.setUint16(4, 1);
  view.setUint16(10, 1);
  query.set(question.name, HEADER_SIZE);
  view.setUint16(questionEnd - 4, question.type);
  view.setUint16(questionEnd - 2, question.class);
  view.setUint16(questionEnd + 1, TYPE.OPT);
  view.setUint16(questionEnd + 3, EDNS_UDP_SIZE);
  if (question.dnssecOk) query[questionEnd + 7] = DNSSEC_OK;
  return query;
}

/** Where the question of a query or of a checked reply ends, bytes from the message's start. */
export function questionEndOf(message: Uint8Array): number {
  let at = HEADER_SIZE;
  while (message[at]! > 0) at += 1 + message[at]!;
  return at + 5;
}

/** A copy of a query of `writeUpstreamQuery` under another id. */
export function withId(query: Uint8Array, id: number): Uint8Array {
  const copy = new Uint8Array(query);
  copy[0] = id >> 8;
  copy[1] = id & 0xff;
  return copy;
}

/** A copy of a query of `writeUpstreamQuery` without its OPT record. */
export function withoutEdns(query: Uint8Array): Uint8Array {
  const copy = new Uint8Array(query.subarray(0, questionEndOf(query)));
  copy[11] = 0;
  return copy;
}

/** Sets the case of each letter of the name in `query` by a bit of `bits`, which has one for each byte of a name. */
export function mixCase(query: Uint8Array, bits: Uint8Array): void {
  const nameEnd = questionEndOf(query) - 5;
  for (let at = HEADER_SIZE; at < nameEnd; at += 1 + query[at]!) {
    for (let i = at + 1; i <= at + query[at]!; i++) {
      const place = i - HEADER_SIZE;
      const isLetter = (query[i]! | 0x20) >= 0x61 && (query[i]! | 0x20) <= 0x7a;
      if (isLetter && (bits[place >> 3]! & (1 << (place & 7))) !== 0) query[i]! ^= 0x20;
    }
  }
}
