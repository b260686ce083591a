// Queries to upstreams: one question, recursion desired, and an OPT record of this server (RFC 6891). They carry a
// client's question, DO and CD, and nothing else of it: no options, no client subnet, no cookies.
// Pure: ids and letter case come in as arguments.
import { DNSSEC_OK, FLAG, HEADER_SIZE, OPT_SIZE } from "../dns/constants.ts";
import { questionEnd, writeQuery } from "../dns/message.ts";
import type { Question } from "../dns/message.ts";

/** The question. `name` is in wire form; DO and CD are the client's (RFC 3225, RFC 4035 3.2.2). */
export interface UpstreamQuestion extends Question {
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
}

/** The UDP size to advertise: no fragments on common paths (RFC 9715 3). */
const EDNS_UDP_SIZE = 1232;

/** The query with id 0. AD is set: it asks whether the upstream has validated the answer (RFC 6840 5.7). */
export function writeUpstreamQuery(question: UpstreamQuestion): Uint8Array {
  const query = writeQuery(question, { udpSize: EDNS_UDP_SIZE, dnssecOk: question.dnssecOk });
  query[3] = FLAG.AD | (question.checkingDisabled ? FLAG.CD : 0);
  return query;
}

/** A copy of a query of `writeUpstreamQuery` under another id. */
export function withId(query: Uint8Array, id: number): Uint8Array {
  const copy = new Uint8Array(query);
  copy[0] = id >> 8;
  copy[1] = id & 0xff;
  return copy;
}

/** Whether a query of `writeUpstreamQuery` has DO. */
export function isDnssecOk(query: Uint8Array): boolean {
  return (query[query.length - OPT_SIZE + 7]! & DNSSEC_OK) !== 0;
}

/** A copy of a query of `writeUpstreamQuery` without its OPT record. */
export function withoutEdns(query: Uint8Array): Uint8Array {
  const copy = new Uint8Array(query.subarray(0, questionEnd(query)));
  copy[11] = 0;
  return copy;
}

/** Sets the case of each letter of the name in `query` by a bit of `bits`, which has one for each byte of a name. */
export function mixCase(query: Uint8Array, bits: Uint8Array): void {
  const nameEnd = questionEnd(query) - 5;
  for (let at = HEADER_SIZE; at < nameEnd; at += 1 + query[at]!) {
    for (let i = at + 1; i <= at + query[at]!; i++) {
      const place = i - HEADER_SIZE;
      const isLetter = (query[i]! | 0x20) >= 0x61 && (query[i]! | 0x20) <= 0x7a;
      if (isLetter && (bits[place >> 3]! & (1 << (place & 7))) !== 0) query[i]! ^= 0x20;
    }
  }
}
