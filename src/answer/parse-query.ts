// The full parser of queries, for those that are not plain questions: one question, then records of any kind.
// Everything that can't be well-formed is undefined, whose answer is FORMERR (RFC 1035 4.1, RFC 6891 6.1, RFC 9267).
import { HEADER_SIZE, TYPE } from "../dns/constants.ts";
import { LABEL_SIZE_MAX, NAME_SIZE_MAX } from "../dns/name.ts";

export interface ParsedQuery {
  readonly type: number;
  readonly class: number;
  /** Where the question ends, bytes from the message's start. */
  readonly questionEnd: number;
  readonly opt?: { readonly version: number; readonly udpSize: number; readonly dnssecOk: boolean };
  readonly hasTsig: boolean;
}

/** Parses a message of at least a header's size; undefined when it is malformed or has not exactly one question. */
export function parseQuery(message: Uint8Array): ParsedQuery | undefined {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (view.getUint16(4) !== 1) return undefined;
  const nameEnd = skipPlainName(message, HEADER_SIZE);
  if (nameEnd === undefined || nameEnd + 4 > message.length) return undefined;
  const question = { type: view.getUint16(nameEnd), class: view.getUint16(nameEnd + 2), questionEnd: nameEnd + 4 };
  const beforeAdditional = view.getUint16(6) + view.getUint16(8);
  const count = beforeAdditional + view.getUint16(10);
  let opt: ParsedQuery["opt"];
  let hasTsig = false;
  let at = question.questionEnd;
  for (let i = 0; i < count; i++) {
    const end = skipName(message, at);
    if (end === undefined || end + 10 > message.length) return undefined;
    const recordEnd = end + 10 + view.getUint16(end + 8);
    if (recordEnd > message.length || hasTsig) return undefined;
    const type = view.getUint16(end);
    if (i >= beforeAdditional && type === TYPE.OPT) {
      if (opt !== undefined || message[at] !== 0 || !hasWholeOptions(view, end + 10, recordEnd)) return undefined;
      opt = {
        version: message[end + 5]!,
        udpSize: view.getUint16(end + 2),
        dnssecOk: (message[end + 6]! & 0x80) !== 0,
      };
    }
    if (i >= beforeAdditional && type === TYPE.TSIG) hasTsig = true;
    at = recordEnd;
  }
  return opt === undefined ? { ...question, hasTsig } : { ...question, hasTsig, opt };
}

/** Where an uncompressed name ends. */
function skipPlainName(message: Uint8Array, start: number): number | undefined {
  for (let at = start; at < message.length && at - start < NAME_SIZE_MAX;) {
    const length = message[at]!;
    if (length === 0) return at + 1;
    if (length > LABEL_SIZE_MAX) return undefined;
    at += 1 + length;
  }
  return undefined;
}

/** Where a name that may end in a pointer ends; the pointer is not followed, so no loop can be. */
function skipName(message: Uint8Array, start: number): number | undefined {
  for (let at = start; at < message.length && at - start < NAME_SIZE_MAX;) {
    const length = message[at]!;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= message.length ? at + 2 : undefined;
    if (length > LABEL_SIZE_MAX) return undefined;
    at += 1 + length;
  }
  return undefined;
}

function hasWholeOptions(view: DataView, start: number, end: number): boolean {
  let at = start;
  while (at + 4 <= end) at += 4 + view.getUint16(at + 2);
  return at === end;
}
