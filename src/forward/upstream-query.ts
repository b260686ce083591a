// The queries that upstreams get: one question, recursion desired, EDNS of this server's own making (RFC 6891), so that
// nothing of a client but its question, DO and CD goes on: no options, no client subnet, no cookies.
// Pure: ids and letter cases come in as arguments.
import { FLAG, HEADER_SIZE, OPT_SIZE } from "../dns/constants.ts";
import { questionEnd, writeOpt, writeQuestion } from "../dns/message.ts";
import type { Question } from "../dns/message.ts";

/** What is asked. `name` is in wire form; DO and CD are the client's (RFC 3225, RFC 4035 3.2.2). */
export interface UpstreamQuestion extends Question {
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
}

/** The UDP size that is offered: no fragments on any usual path (RFC 9715 3). */
const EDNS_UDP_SIZE = 1232;
/** The query with id 0. AD is set: the upstream may say whether it has validated (RFC 6840 5.7). */
export function writeUpstreamQuery(question: UpstreamQuestion): Uint8Array {
  const query = writeQuestion(question, OPT_SIZE);
  query[2] = FLAG.RD;
  query[3] = FLAG.AD | (question.checkingDisabled ? FLAG.CD : 0);
  query[11] = 1;
  writeOpt(query, query.length - OPT_SIZE, EDNS_UDP_SIZE, 0, question.dnssecOk, 0);
  return query;
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
  const copy = new Uint8Array(query.subarray(0, questionEnd(query)));
  copy[11] = 0;
  return copy;
}

/** Gives each letter of `query`'s name the case that a bit of `bits` says (one bit for each byte of a name). */
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
