// The cache as the resolver uses it: what may be kept, for how long, and what counts when others fail. The data plane
// reads the same memory by itself. RFC 2181 5.2 and 8, RFC 2308 5, RFC 8767 (stale answers), RFC 9520 (failures).
// The clock comes in as an argument; nothing here asks anybody.
import { CacheAnswerer } from "../answer/cache-answerer.ts";
import type { Clock } from "../std/clock.ts";
import { EDE, RCODE, TYPE } from "../dns/constants.ts";
import { CACHE_ENTRY } from "./cache-layout.ts";
import type { CacheWriter } from "./cache-writer.ts";
import { lowerName } from "../dns/name.ts";
import { cacheKeyText, decodeCacheEntry, encodeCacheEntry } from "./cache-content.ts";
import type { CacheContent, CacheKey } from "./cache-content.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";

/** The longest that anything is kept as fresh, seconds. */
const POSITIVE_TTL_MAX = 86_400;
const NEGATIVE_TTL_MAX = 300;
/** Of a stale answer (RFC 8767 4), and so long until the upstreams are asked again. */
const STALE_TTL = 30;
/**
 * How long a failure is remembered, seconds: at first, and at most, doubled each time (RFC 9520 3.2); at most where it
 * says nothing of the name, but that nobody was there to ask.
 */
const FAILURE_TTL = { first: 1, last: 60, unreachable: 5 } as const;
/** Names whose last failure is remembered. */
const FAILURES_MAX = 10_000;
/** An entry read at least so often is asked for again before it ends; in the last tenth of its time. */
const PREFETCH = { hits: 3, share: 0.1, ttlLeast: 10, perTick: 50 } as const;
/** A round over the cache takes so many ticks, or where that were too much for one tick, more. */
const SWEEP = { ticksLeast: 10, slotsPerTick: 50_000 } as const;

/** An answer with the entry that it is written from. */
export interface CachedAnswer extends CacheContent {
  readonly entry: Int32Array<ArrayBufferLike>;
}

export class AnswerCache {
  readonly #writer: CacheWriter;
  readonly #answerer: CacheAnswerer;
  readonly #clock: Clock;
  readonly #staleMs: number;
  /** Key to the seconds that its last failure was remembered for. */
  readonly #failures = new Map<string, number>();
  readonly #parts: number;
  #part = 0;

  /** `staleSeconds`: how long an answer may be given past its time while nobody can be asked; 0: never. */
  constructor(writer: CacheWriter, clock: Clock, staleSeconds: number) {
    this.#writer = writer;
    this.#answerer = new CacheAnswerer(writer.memory, clock);
    this.#clock = clock;
    this.#staleMs = staleSeconds * 1000;
    this.#parts = Math.max(SWEEP.ticksLeast, Math.ceil(writer.slotCount / SWEEP.slotsPerTick));
  }

  /** The fresh answer, TTLs counted down; undefined: there is none. */
  fresh(key: CacheKey): CachedAnswer | undefined {
    const entry = this.#find(key);
    if (entry === undefined) return undefined;
    const ageMs = (this.#clock.upMs - entry[CACHE_ENTRY.STORED_MS]!) | 0;
    if (ageMs < 0 || ageMs >= entry[CACHE_ENTRY.TTL]! * 1000) return undefined;
    const content = decodeCacheEntry(entry);
    return this.#encode(key, countDown(content, Math.floor(ageMs / 1000)), 0);
  }

  /** The answer past its time, as it may be given while nobody can be asked; it then counts as one for 30 seconds. */
  stale(key: CacheKey): CachedAnswer | undefined {
    const entry = this.#staleEntry(key);
    if (entry === undefined) return undefined;
    const content = decodeCacheEntry(entry);
    const ede = content.rcode === RCODE.NXDOMAIN ? EDE.STALE_NXDOMAIN : EDE.STALE;
    const aged = { ...content, ede, answer: withTtl(content.answer), authority: withTtl(content.authority) };
    const validUntilMs = entry[CACHE_ENTRY.VALID_UNTIL_MS]!;
    const words = encodeCacheEntry(key, aged, { storedMs: this.#clock.upMs, validUntilMs, ttl: STALE_TTL });
    this.#writer.put(words, kindOf(content));
    return { ...aged, entry: words };
  }

  /** Whether `stale` would give an answer. */
  hasStale(key: CacheKey): boolean {
    return this.#staleEntry(key) !== undefined;
  }

  /** Keeps what was just fetched, where it may be kept; gives it as it is to be sent. */
  store(key: CacheKey, fetched: CacheContent): CachedAnswer {
    const { content, ttl } = keepable(key, fetched);
    this.#failures.delete(cacheKeyText(key));
    const answer = this.#encode(key, content, ttl);
    if (ttl > 0) this.#writer.put(answer.entry, kindOf(content));
    return answer;
  }

  /** Keeps a failure for a while, longer each time it happens again. */
  storeFailure(key: CacheKey, rcode: number, ede: number): CachedAnswer {
    const text = cacheKeyText(key);
    const before = this.#failures.get(text);
    const longest = ede === EDE.NO_REACHABLE_AUTHORITY ? FAILURE_TTL.unreachable : FAILURE_TTL.last;
    const ttl = before === undefined ? FAILURE_TTL.first : Math.min(before * 2, longest);
    this.#failures.delete(text);
    this.#failures.set(text, ttl);
    if (this.#failures.size > FAILURES_MAX) this.#failures.delete(this.#failures.keys().next().value!);
    const content = { rcode, ede, authenticated: false, answer: [], authority: [] };
    const answer = this.#encode(key, content, ttl);
    this.#writer.put(answer.entry, "negative");
    return answer;
  }

  /** Forgets all answers: what is ours has changed, and a chain may end there. */
  clear(): void {
    this.#writer.sweep(0, 1, () => false);
    this.#failures.clear();
  }

  /** An answer that is not kept. */
  encode(key: CacheKey, content: CacheContent): CachedAnswer {
    return this.#encode(key, content, 0);
  }

  /**
   * Calls `refresh` for entries that are read often and end soon, and drops those that nobody can be given any more;
   * looks at a part of the cache each time, to be called every `TICK_MS`.
   */
  forEachEnding(refresh: (key: CacheKey) => void): void {
    const due: CacheKey[] = [];
    this.#part = (this.#part + 1) % this.#parts;
    this.#writer.sweep(this.#part, this.#parts, (words, entry, hits) => {
      if (this.#isOver(words, entry)) return false;
      if (hits >= PREFETCH.hits && due.length < PREFETCH.perTick && this.#endsSoon(words, entry))
        due.push(decodeCacheEntry(words.slice(entry, entry + words[entry + CACHE_ENTRY.SIZE]!)).key);
      return true;
    });
    due.forEach(refresh);
  }

  /** Past its time, and past that as a stale answer. */
  #isOver(words: Int32Array, entry: number): boolean {
    const now = this.#clock.upMs;
    const endMs = words[entry + CACHE_ENTRY.STORED_MS]! + words[entry + CACHE_ENTRY.TTL]! * 1000;
    return ((now - endMs) | 0) > 0 && ((now - words[entry + CACHE_ENTRY.VALID_UNTIL_MS]!) | 0) > this.#staleMs;
  }

  #endsSoon(words: Int32Array, entry: number): boolean {
    const ttl = words[entry + CACHE_ENTRY.TTL]!;
    const endMs = (words[entry + CACHE_ENTRY.STORED_MS]! + ttl * 1000) | 0;
    // What is stale already is asked for again when its time is over, and failures are not.
    const isStale = words[entry + CACHE_ENTRY.VALID_UNTIL_MS] !== endMs;
    if (isStale || ttl < PREFETCH.ttlLeast || isFailure(words[entry + CACHE_ENTRY.META]!)) return false;
    const remainingMs = (endMs - this.#clock.upMs) | 0;
    return remainingMs > 0 && remainingMs <= ttl * 1000 * PREFETCH.share;
  }

  #encode(key: CacheKey, content: CacheContent, ttl: number): CachedAnswer {
    const storedMs = this.#clock.upMs;
    const times = { storedMs, validUntilMs: storedMs + ttl * 1000, ttl };
    return { ...content, entry: encodeCacheEntry(key, content, times) };
  }

  #find({ name, type, dnssecOk, checkingDisabled }: CacheKey): Int32Array<ArrayBufferLike> | undefined {
    const entry = this.#answerer.find(lowerName(name), name.length, type, dnssecOk, checkingDisabled);
    return entry === 0 ? undefined : this.#answerer.copy(entry);
  }

  #staleEntry(key: CacheKey): Int32Array<ArrayBufferLike> | undefined {
    const entry = this.#find(key);
    if (entry === undefined || isFailure(entry[CACHE_ENTRY.META]!)) return undefined;
    const overdueMs = (this.#clock.upMs - entry[CACHE_ENTRY.VALID_UNTIL_MS]!) | 0;
    return overdueMs <= this.#staleMs && this.#staleMs > 0 ? entry : undefined;
  }
}

/** Of an entry's word META: nobody gave an answer. */
function isFailure(meta: number): boolean {
  const rcode = meta & 0x0f;
  return rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN && rcode !== RCODE.YXDOMAIN;
}

/** What may be kept of an answer, TTLs as they are to be told, and for how long, seconds; 0: not at all. */
function keepable(key: CacheKey, content: CacheContent): { readonly content: CacheContent; readonly ttl: number } {
  const { rcode, answer, authority } = content;
  // Whichever record's time ends first ends the answer, a proof in the authority section too.
  const others = authority.filter(({ type }) => type !== TYPE.SOA);
  const least = Math.min(POSITIVE_TTL_MAX, ...[...answer, ...others].map(({ ttl }) => ttl));
  const soa = authority.find(({ type }) => type === TYPE.SOA);
  const isNegative = rcode !== RCODE.NOERROR || soa !== undefined;
  const isAnswered = answer.some(({ type }) => type === key.type || key.type === TYPE.ANY);
  if (!isNegative && isAnswered) return { content, ttl: least };
  // Without a SOA nobody has said for how long there is nothing (RFC 2308 5).
  if (soa === undefined) return { content, ttl: 0 };
  const negative = Math.min(soa.ttl, minimumOf(soa), NEGATIVE_TTL_MAX);
  const capped = authority.map((record) => ({ ...record, ttl: Math.min(record.ttl, negative) }));
  return { content: { ...content, authority: capped }, ttl: Math.min(least, negative) };
}

/** MINIMUM, the last of a SOA's numbers (RFC 2308 4). */
function minimumOf({ rdata }: ResourceRecord): number {
  return new DataView(rdata.buffer, rdata.byteOffset + rdata.length - 4, 4).getUint32(0);
}

function kindOf({ rcode, answer }: CacheContent): "positive" | "negative" {
  return rcode === RCODE.NOERROR && answer.length > 0 ? "positive" : "negative";
}

function countDown<T extends CacheContent>(content: T, seconds: number): T {
  const less = (records: readonly ResourceRecord[]): readonly ResourceRecord[] =>
    records.map((record) => ({ ...record, ttl: Math.max(record.ttl - seconds, 0) }));
  return { ...content, answer: less(content.answer), authority: less(content.authority) };
}

function withTtl(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  return records.map((record) => ({ ...record, ttl: STALE_TTL }));
}
