// What an answerer tells of an answer beside its bytes: for logs and counters.
// Plain numbers, so that noting costs a store each.
import { RCODE } from "../dns/constants.ts";
import { NO_EDE } from "./reply-opt.ts";

/** What made an answer. docs/query-log.md explains each one. */
export const CAUSE = {
  /** Names of the local zones: the name tells the rest. */
  LOCAL: 0,
  REFERRAL: 1,
  NOT_READY: 2,
  LOOP: 3,
  CACHE: 4,
  FORWARDED: 5,
  STALE: 6,
  FAILED: 7,
  SEARCHED: 8,
  OVERLOADED: 9,
  NOT_SERVED: 10,
  NOT_ALLOWED: 11,
  MALFORMED: 12,
  UNSUPPORTED: 13,
  IDENTITY: 14,
  COOKIE: 15,
  REWRITE: 16,
  RATE_LIMITED: 17,
  OVERRIDE: 18,
} as const;
export type Cause = (typeof CAUSE)[keyof typeof CAUSE];

/** Of one answer. */
export interface AnswerNote {
  cause: Cause;
  /** All 12 bits. */
  rcode: number;
  /** Code of the extended error (RFC 8914), whether the client gets to see it or not; `NO_EDE`: none. */
  ede: number;
}

/** A note that is to be filled in. */
export function newAnswerNote(): AnswerNote {
  return { cause: CAUSE.LOCAL, rcode: RCODE.NOERROR, ede: NO_EDE };
}
