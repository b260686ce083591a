// What a DNS expectation is, and what a question got: the values that parsing, judging and reports share.
// docs/expect.md describes the file. Pure.
import { RCODE } from "../dns/constants.ts";
import type { Place } from "../objects/problem.ts";

/** NODATA is no response code: NOERROR without records of the type (RFC 2308 2.2). */
export const RCODE_WORDS = ["NOERROR", "NODATA", ...Object.keys(RCODE).filter((word) => word !== "NOERROR")];

/** The keys that say what is expected; without any, the name must have records of the type. */
export const EXPECTED_KEYS = ["answer", "contains", "count", "rcode", "reason"] as const;
export type ExpectedKey = (typeof EXPECTED_KEYS)[number];

/** One expectation of a file. Records are rdata as zone-file text in canonical form. */
export interface Expectation {
  /** Where it begins, and its index in the list of its document. */
  readonly place: Place;
  readonly document: number;
  readonly index: number;
  readonly name: string;
  readonly type: number;
  /** Who asks: a namespace, NAMESPACE/POD or an address. Without it, the name is asked as it is. */
  readonly from?: string;
  readonly answer?: readonly string[];
  readonly contains?: readonly string[];
  readonly count?: number;
  readonly rcode?: string;
  readonly reason?: string;
}

/** What a question got, after the search list. */
export interface Outcome {
  /** A word of `RCODE_WORDS`; `unasked` and `unanswered`: nothing, because of `fault`. */
  readonly status: string;
  /** The name that this is of: the first of the search list that resolves, else the one that decides. */
  readonly name: string;
  /** The records of the type, as in `Expectation`. */
  readonly answer: readonly string[];
  /** Where the name leads if it is an alias: the last target. */
  readonly alias?: string;
  /** The text of the extended error of a reply. */
  readonly error?: string;
  /** Why there is no reply. */
  readonly fault?: string;
}

/** Why a question got what it got. */
export interface Why {
  /** A code of src/reasons; absent where there are records, and where only a text came. */
  readonly code?: string;
  /** The sentence. */
  readonly text: string;
  /** The evidence, a line each. */
  readonly details: readonly string[];
}

/** An expectation with what came of it. Nothing in `mismatches`: it holds. */
export interface Verdict {
  readonly expectation: Expectation;
  readonly mismatches: readonly Mismatch[];
  readonly outcome: Outcome;
  /** Of a failed one, where something is known. */
  readonly why?: Why;
}

/** One key that does not hold; `key` is absent where no key is given. */
export interface Mismatch {
  readonly key?: ExpectedKey;
  readonly expected: string;
  readonly got: string;
}
