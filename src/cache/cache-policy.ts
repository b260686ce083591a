// Which answers are cached and for how long; which entries may be served stale, are prefetched, or have expired.
// Pure: functions of answers and entries, with the time as an argument.
// RFC 2181 5.2 and 8 (TTLs), RFC 2308 5 (negative answers), RFC 8767 (stale answers), RFC 9520 (failures).
import { RCODE, TYPE } from "../dns/constants.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import type { CacheContent } from "./cache-entry.ts";
import type { CacheKey } from "./cache-key.ts";
import { CACHE_ENTRY } from "./cache-layout.ts";

/** The longest that answers count as fresh, seconds; clients get no longer TTLs if it is less than a day. */
export interface CacheTtls {
  readonly positive: number;
  readonly negative: number;
}

const DAY_SECONDS = 86_400;
/** TTL of a stale answer, and the time until the upstreams are asked again, seconds (RFC 8767 4). */
export const STALE_TTL = 30;
/** How long a first failure is cached, seconds; each further one twice as long, to a limit (RFC 9520 3.2). */
const FAILURE_TTL_MIN = 1;
/** Short, so that names are well soon after their upstreams are. */
const FAILURE_TTL_MAX = 5;
/** An entry with so many hits is prefetched in the last tenth of its TTL, unless that is too short to be worth it. */
const PREFETCH_HITS_MIN = 3;
const PREFETCH_TTL_MIN = 10;
const PREFETCH_SHARE = 0.1;

/** The answer with the TTLs that clients get, and how long to cache it, seconds; 0: not at all. */
export function cacheable(
  key: CacheKey,
  content: CacheContent,
  ttls: CacheTtls,
): { readonly content: CacheContent; readonly ttl: number } {
  const { rcode, answer, authority } = content;
  // The record that expires first ends the whole answer, a proof in the authority section too.
  const soa = authority.find(({ type }) => type === TYPE.SOA);
  const proofs = authority.filter(({ type }) => type !== TYPE.SOA);
  const ttlMin = Math.min(ttls.positive, ...[...answer, ...proofs].map(({ ttl }) => ttl));
  const isNegative = rcode !== RCODE.NOERROR || soa !== undefined;
  const isAnswered = answer.some(({ type }) => type === key.type || key.type === TYPE.ANY);
  const answered = { ...content, answer: capped(answer, ttls.positive) };
  if (!isNegative && isAnswered) return { content: answered, ttl: ttlMin };
  // A negative answer without a SOA has no TTL (RFC 2308 5).
  if (soa === undefined) return { content, ttl: 0 };
  const negativeTtl = Math.min(soa.ttl, minimumOf(soa));
  const ttlMax = Math.min(negativeTtl, ttls.negative);
  return {
    content: { ...answered, authority: capped(authority, ttls.negative === 0 ? negativeTtl : ttlMax) },
    ttl: Math.min(ttlMin, ttlMax),
  };
}

/** Records with no longer TTL than `ttlMax`; at 0 nothing is cached here, which says nothing of clients. */
function capped(records: readonly ResourceRecord[], ttlMax: number): readonly ResourceRecord[] {
  const isLong = ttlMax > 0 && ttlMax < DAY_SECONDS && records.some(({ ttl }) => ttl > ttlMax);
  return isLong ? records.map((record) => ({ ...record, ttl: Math.min(record.ttl, ttlMax) })) : records;
}

/** How long to cache a failure, seconds; `previousTtl`: of the failure of the same question before. */
export function failureTtl(previousTtl: number | undefined): number {
  return previousTtl === undefined ? FAILURE_TTL_MIN : Math.min(previousTtl * 2, FAILURE_TTL_MAX);
}

/** Whether the entry may be served although its TTL is over; failures never are. Times in milliseconds. */
export function mayServeStale(entry: Int32Array, nowMs: number, staleMs: number): boolean {
  if (staleMs === 0 || isFailure(entry[CACHE_ENTRY.META]!)) return false;
  return ((nowMs - entry[CACHE_ENTRY.VALID_UNTIL_MS]!) | 0) <= staleMs;
}

/** Whether the entry at word `at` can be served neither fresh nor stale any more. */
export function isExpired(words: Int32Array, at: number, nowMs: number, staleMs: number): boolean {
  const endMs = words[at + CACHE_ENTRY.STORED_MS]! + words[at + CACHE_ENTRY.TTL]! * 1000;
  return ((nowMs - endMs) | 0) > 0 && ((nowMs - words[at + CACHE_ENTRY.VALID_UNTIL_MS]!) | 0) > staleMs;
}

/** Whether to prefetch the entry at word `at`: it is in use and about to expire. */
export function isPrefetchDue(words: Int32Array, at: number, hits: number, nowMs: number): boolean {
  const ttl = words[at + CACHE_ENTRY.TTL]!;
  const endMs = (words[at + CACHE_ENTRY.STORED_MS]! + ttl * 1000) | 0;
  // A stale answer is asked for again when its own time is over; failures are not prefetched.
  const isStale = words[at + CACHE_ENTRY.VALID_UNTIL_MS] !== endMs;
  if (hits < PREFETCH_HITS_MIN || ttl < PREFETCH_TTL_MIN || isStale || isFailure(words[at + CACHE_ENTRY.META]!))
    return false;
  const remainingMs = (endMs - nowMs) | 0;
  return remainingMs > 0 && remainingMs <= ttl * 1000 * PREFETCH_SHARE;
}

/** Whether an entry's META word says that no upstream gave an answer. */
export function isFailure(meta: number): boolean {
  const rcode = meta & 0x0f;
  return rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN && rcode !== RCODE.YXDOMAIN;
}

/** MINIMUM, the last field of a SOA (RFC 2308 4). */
function minimumOf({ rdata }: ResourceRecord): number {
  return new DataView(rdata.buffer, rdata.byteOffset + rdata.length - 4, 4).getUint32(0);
}
