// Questions of class CH about the server itself: id.server and hostname.bind tell the name that it was given, as NSID
// does (RFC 4892); its version is nobody's business. Pure.
import { CLASS_CH, FLAG, HEADER_SIZE, TYPE } from "../dns/constants.ts";
import { foldedKey, parseName } from "../dns/name.ts";

const ID_NAMES = ["id.server", "hostname.bind"].map(keyOf);
const SECRET_NAMES = ["version.bind", "version.server", "authors.bind"].map(keyOf);
const NAME_POINTER = [0xc0, HEADER_SIZE];

/** Whether the question of the query, of class CH, is one about the server; whether it is about its id. */
export function identityAsked(query: Uint8Array, questionEnd: number): "id" | "secret" | undefined {
  const asked = foldedKey(query.subarray(HEADER_SIZE, questionEnd - 4));
  if (ID_NAMES.includes(asked)) return "id";
  return SECRET_NAMES.includes(asked) ? "secret" : undefined;
}

/**
 * Writes the answer that tells `id`, at most 255 bytes, to the query with one question: header, question, and a TXT
 * where that or ANY was asked. Returns its size.
 */
export function writeIdentity(
  query: Uint8Array,
  questionEnd: number,
  id: Uint8Array,
  reply: Uint8Array,
  at: number,
  hasOpt: boolean,
): number {
  const type = (query[questionEnd - 4]! << 8) | query[questionEnd - 3]!;
  const isTold = type === TYPE.TXT || type === TYPE.ANY;
  reply.set(query.subarray(0, questionEnd), at);
  reply.fill(0, at + 4, at + HEADER_SIZE);
  reply[at + 2] = FLAG.QR | (query[2]! & FLAG.RD);
  reply[at + 3] = 0;
  reply[at + 5] = 1;
  reply[at + 7] = isTold ? 1 : 0;
  reply[at + 11] = hasOpt ? 1 : 0;
  if (!isTold) return questionEnd;
  const rdataSize = id.length + 1;
  const record = [...NAME_POINTER, 0, TYPE.TXT, 0, CLASS_CH, 0, 0, 0, 0, rdataSize >> 8, rdataSize & 0xff, id.length];
  reply.set([...record, ...id], at + questionEnd);
  return questionEnd + record.length + id.length;
}

function keyOf(text: string): string {
  return foldedKey(parseName(text)!);
}
