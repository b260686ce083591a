// The full parser of queries, for those that are not plain questions: one question or none, then any records.
// Malformed queries are undefined; their answer is FORMERR (RFC 1035 4.1, RFC 6891 6.1, RFC 9267).
import { CLASS_IN, HEADER_SIZE, TYPE } from "../dns/constants.ts";
import { RequestOptions } from "./request-options.ts";
import { skipName, skipPlainName } from "../dns/skip-name.ts";
import { readTsig } from "../dns/tsig.ts";
import type { Tsig } from "../dns/tsig.ts";

export interface ParsedQuery {
  /** Absent in a query that only asks for a cookie (RFC 7873 5.4). */
  readonly question?: { readonly type: number; readonly class: number };
  /** Where the question ends, bytes from the message's start. */
  readonly questionEnd: number;
  /** Where the last record ends. */
  readonly end: number;
  readonly opt?: ParsedOpt;
  readonly tsig?: Tsig;
}

/** A query's OPT record. */
export interface ParsedOpt {
  readonly version: number;
  readonly udpSize: number;
  readonly dnssecOk: boolean;
  /** Where its options are, bytes from the message's start. */
  readonly start: number;
  readonly end: number;
  readonly options: RequestOptions;
}

/** Parses a message of at least a header; undefined: malformed, or several questions. */
export function parseQuery(message: Uint8Array): ParsedQuery | undefined {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const questions = view.getUint16(4);
  if (questions > 1) return undefined;
  let questionEnd = HEADER_SIZE;
  let question: ParsedQuery["question"];
  if (questions === 1) {
    const nameEnd = skipPlainName(message, HEADER_SIZE);
    if (nameEnd === undefined || nameEnd + 4 > message.length) return undefined;
    question = { type: view.getUint16(nameEnd), class: view.getUint16(nameEnd + 2) };
    questionEnd = nameEnd + 4;
  }
  const beside = parseRecords(message, view, questionEnd);
  if (beside === undefined) return undefined;
  return { ...beside, questionEnd, ...(question && { question }) };
}

/** Types whose data have one size in class IN; of the others nothing is looked at. */
const RDATA_SIZES: ReadonlyMap<number, number> = new Map([
  [TYPE.A, 4],
  [TYPE.AAAA, 16],
]);

/** The OPT and the TSIG among the records from `start` on; undefined when any of these is malformed. */
function parseRecords(
  message: Uint8Array,
  view: DataView,
  start: number,
): Pick<ParsedQuery, "end" | "opt" | "tsig"> | undefined {
  const beforeAdditional = view.getUint16(6) + view.getUint16(8);
  const count = beforeAdditional + view.getUint16(10);
  let opt: ParsedOpt | undefined;
  let tsig: Tsig | undefined;
  let at = start;
  for (let i = 0; i < count; i++) {
    // A TSIG is the last record.
    if (tsig !== undefined) return undefined;
    const ownerEnd = skipName(message, at);
    if (ownerEnd === undefined || ownerEnd + 10 > message.length) return undefined;
    const end = ownerEnd + 10 + view.getUint16(ownerEnd + 8);
    if (end > message.length) return undefined;
    const type = view.getUint16(ownerEnd);
    const rdataSize = view.getUint16(ownerEnd + 2) === CLASS_IN ? RDATA_SIZES.get(type) : undefined;
    if (rdataSize !== undefined && rdataSize !== end - ownerEnd - 10) return undefined;
    if (i >= beforeAdditional && type === TYPE.OPT) {
      const isRoot = message[at] === 0;
      if (opt !== undefined || !isRoot || (opt = parseOpt(message, view, ownerEnd, end)) === undefined)
        return undefined;
    } else if (i >= beforeAdditional && type === TYPE.TSIG) {
      if ((tsig = readTsig(message, at, ownerEnd, end)) === undefined) return undefined;
    }
    at = end;
  }
  return { end: at, ...(opt && { opt }), ...(tsig && { tsig }) };
}

function parseOpt(message: Uint8Array, view: DataView, ownerEnd: number, end: number): ParsedOpt | undefined {
  const options = new RequestOptions();
  const start = ownerEnd + 10;
  if (!options.read(message, start, end)) return undefined;
  return {
    version: message[ownerEnd + 5]!,
    udpSize: view.getUint16(ownerEnd + 2),
    dnssecOk: (message[ownerEnd + 6]! & 0x80) !== 0,
    start,
    end,
    options,
  };
}
