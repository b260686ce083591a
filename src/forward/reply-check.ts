// Whether a message is the reply to a query (RFC 5452 9.1), and what its header says. Pure.
// A message that fits in everything but can't be read is told apart from a stranger's: it is the upstream's own.
import { FLAG, HEADER_SIZE, TYPE } from "../dns/constants.ts";
import { lowerByte } from "../dns/name.ts";
import { questionEnd, readRecords } from "../dns/message.ts";

/** `stranger`: id, QR, opcode or question is another's; `malformed`: the upstream's, but of no use. */
export type ReplyFit = "reply" | "malformed" | "stranger";

/** Response codes that mean a server knew nothing to say (RFC 1035 4.1.1), which it may do without a question. */
const HEADER_ALONE_SAYS = [1, 2, 4, 5];
const OPCODE_AND_QR = FLAG.OPCODE | FLAG.QR;

/** Compares `reply` with `query` as it was sent; `exactCase`: letter cases of the name must be the same too. */
export function checkReply(query: Uint8Array, reply: Uint8Array, exactCase: boolean): ReplyFit {
  if (reply.length < HEADER_SIZE || reply[0] !== query[0] || reply[1] !== query[1]) return "stranger";
  if ((reply[2]! & OPCODE_AND_QR) !== FLAG.QR) return "stranger";
  const questions = (reply[4]! << 8) | reply[5]!;
  if (questions === 0) {
    const alone = reply.length === HEADER_SIZE && HEADER_ALONE_SAYS.includes(reply[3]! & 0x0f);
    return alone && reply[6] === 0 && reply[7] === 0 ? "reply" : "malformed";
  }
  const end = questionEnd(query);
  if (questions !== 1 || reply.length < end) return "stranger";
  for (let i = HEADER_SIZE; i < end; i++) {
    const isName = i < end - 4;
    if (isName && !exactCase ? lowerByte(reply[i]!) !== lowerByte(query[i]!) : reply[i] !== query[i]) return "stranger";
  }
  // What does not fit is cut where it may be, so a cut record is no fault there (RFC 2181 9).
  return isTruncated(reply) || readRecords(reply) !== undefined ? "reply" : "malformed";
}

/** The TC bit. */
export function isTruncated(reply: Uint8Array): boolean {
  return (reply[2]! & FLAG.TC) !== 0;
}

/** The response code with the upper bits of EDNS where it is there (RFC 6891 6.1.3). */
export function rcodeOf(reply: Uint8Array): { readonly rcode: number; readonly hasEdns: boolean } {
  const low = reply[3]! & 0x0f;
  const opt = readRecords(reply)?.find(({ section, type }) => section === "additional" && type === TYPE.OPT);
  return opt === undefined ? { rcode: low, hasEdns: false } : { rcode: ((opt.ttl >>> 24) << 4) | low, hasEdns: true };
}
