// Whether a message is the reply to a query (RFC 5452 9.1), and what its header says. Pure.
// A message that matches but can't be read is malformed, not unrelated: it comes from the upstream.
import { FLAG, HEADER_SIZE, RCODE } from "../dns/constants.ts";
import { lowerByte } from "../dns/name.ts";
import { questionEnd, readRecords } from "../dns/message.ts";

/** `unrelated`: id, QR, opcode or question differ; `malformed`: it matches the query, but is of no use. */
export type ReplyMatch = "reply" | "malformed" | "unrelated";

/** Response codes that are answers; after any other one the next upstream is asked (YXDOMAIN: RFC 6672 2.2). */
export const ANSWER_RCODES: readonly number[] = [RCODE.NOERROR, RCODE.NXDOMAIN, RCODE.YXDOMAIN];

/** Errors that a server may send as a header alone, without the question (RFC 1035 4.1.1). */
const BARE_RCODES = [1, 2, 4, 5];
const OPCODE_AND_QR = FLAG.OPCODE | FLAG.QR;

/** Compares `reply` with `query` as it was sent; `exactCase`: the letter case of the name must match too. */
export function checkReply(query: Uint8Array, reply: Uint8Array, exactCase: boolean): ReplyMatch {
  if (reply.length < HEADER_SIZE || reply[0] !== query[0] || reply[1] !== query[1]) return "unrelated";
  if ((reply[2]! & OPCODE_AND_QR) !== FLAG.QR) return "unrelated";
  const questions = (reply[4]! << 8) | reply[5]!;
  if (questions === 0) {
    const isBareError = reply.length === HEADER_SIZE && BARE_RCODES.includes(reply[3]! & 0x0f);
    return isBareError && reply[6] === 0 && reply[7] === 0 ? "reply" : "malformed";
  }
  const end = questionEnd(query);
  if (questions !== 1 || reply.length < end) return "unrelated";
  for (let i = HEADER_SIZE; i < end; i++) {
    const isName = i < end - 4;
    if (isName && !exactCase ? lowerByte(reply[i]!) !== lowerByte(query[i]!) : reply[i] !== query[i])
      return "unrelated";
  }
  // A truncated reply may end inside a record (RFC 2181 9).
  return isTruncated(reply) || readRecords(reply) !== undefined ? "reply" : "malformed";
}

/** The TC bit. */
export function isTruncated(reply: Uint8Array): boolean {
  return (reply[2]! & FLAG.TC) !== 0;
}
