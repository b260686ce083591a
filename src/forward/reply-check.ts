// Whether a message is the reply to a query (RFC 5452 9.1), and what its header says. Pure.
// A message that matches but can't be read is malformed, not unrelated: it comes from the upstream.
import { FLAG, HEADER_SIZE, OPTION, RCODE, TYPE } from "../dns/constants.ts";
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

/** The response code, with the upper bits of EDNS if the reply has it (RFC 6891 6.1.3). */
export function rcodeOf(reply: Uint8Array): { readonly rcode: number; readonly hasEdns: boolean } {
  const low = reply[3]! & 0x0f;
  const opt = readRecords(reply)?.find(({ section, type }) => section === "additional" && type === TYPE.OPT);
  return opt === undefined ? { rcode: low, hasEdns: false } : { rcode: ((opt.ttl >>> 24) << 4) | low, hasEdns: true };
}

/** The first extended error of a reply (RFC 8914): its code and what it says of itself, which may be nothing. */
export function extendedErrorOf(reply: Uint8Array): { readonly code: number; readonly text: string } | undefined {
  const opt = readRecords(reply)?.find(({ section, type }) => section === "additional" && type === TYPE.OPT);
  if (opt === undefined) return undefined;
  const bytes = Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
  for (let at = opt.rdataAt; at + 4 <= opt.rdataEnd;) {
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    if (end > opt.rdataEnd) return undefined;
    if (bytes.readUInt16BE(at) === OPTION.EDE && end >= at + 6)
      return { code: bytes.readUInt16BE(at + 4), text: bytes.toString("utf8", at + 6, end) };
    at = end;
  }
  return undefined;
}
