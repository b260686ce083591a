// Reads what a reply says of its question. Pure.
// RFC 1035 4.1, RFC 2308 2 (NODATA, and aliases that end nowhere).
import { RCODE, TYPE } from "../dns/constants.ts";
import { readSections } from "../dns/message.ts";
import { formatRdataText } from "./rdata-text.ts";
import type { Outcome } from "./expectation.ts";

const WORDS: ReadonlyMap<number, string> = new Map(Object.entries(RCODE).map(([word, code]) => [code, word]));

/** What the reader of a reply knows beside its bytes. */
export interface ReplyFacts {
  readonly name: string;
  readonly type: number;
  /** All 12 bits. */
  readonly rcode: number;
  /** The text of the extended error. */
  readonly error?: string;
}

/** The outcome that a reply, which is well-formed, is. */
export function readOutcome(reply: Uint8Array, { name, type, rcode, error }: ReplyFacts): Outcome {
  const { answer, authority } = readSections(reply);
  const ofType = answer.filter((record) => record.type === type);
  const aliases = answer.filter((record) => record.type === TYPE.CNAME && type !== TYPE.CNAME);
  const last = aliases.at(-1);
  // An alias without a SOA leads out of what the server knows.
  const endsHere = last === undefined || authority.some((record) => record.type === TYPE.SOA);
  const isEmpty = rcode === RCODE.NOERROR && ofType.length === 0 && endsHere;
  return {
    status: isEmpty ? "NODATA" : (WORDS.get(rcode) ?? `RCODE${rcode}`),
    name,
    answer: [...new Set(ofType.map((record) => formatRdataText(type, record.rdata)))],
    ...(last !== undefined && { alias: formatRdataText(TYPE.CNAME, last.rdata) }),
    ...(error !== undefined && error !== "" && { error }),
  };
}
