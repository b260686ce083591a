// The cache as the main thread uses it: stores what upstreams answer, and serves it fresh, or stale while they fail.
// The data plane reads the same memory through a CacheReader of its own. Sends no queries; time comes from its clock.
import { EDE, RCODE } from "../dns/constants.ts";
import { lowerName } from "../dns/name.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import type { Clock } from "../std/clock.ts";
import { decodeCacheEntry, encodeCacheEntry } from "./cache-entry.ts";
import type { CacheContent } from "./cache-entry.ts";
import { cacheKeyText } from "./cache-key.ts";
import type { CacheKey } from "./cache-key.ts";
import { CACHE_ENTRY } from "./cache-layout.ts";
import {
  cacheable,
  failureTtl,
  isExpired,
  isFailure,
  isPrefetchDue,
  mayServeStale,
  STALE_TTL,
} from "./cache-policy.ts";
import type { CacheTtls } from "./cache-policy.ts";
import { CacheReader } from "./cache-reader.ts";
import type { CacheWriter } from "./cache-writer.ts";

/** Names whose last failure is remembered. */
const FAILURES_MAX = 10_000;
/** A sweep over the cache takes so many ticks, or more where a tick would visit too many slots. */
const SWEEP_TICKS_MIN = 10;
const TICK_SLOTS_MAX = 50_000;
const TICK_PREFETCHES_MAX = 50;

/** An answer, and the entry that it is written from. */
export interface CachedAnswer extends CacheContent {
  readonly entry: Int32Array;
}

/** How long answers count as fresh, and are served stale after that while no upstream answers (0: never), seconds. */
export interface CacheLimits extends CacheTtls {
  readonly staleSeconds: number;
}

export class AnswerCache {
  readonly #writer: CacheWriter;
  readonly #reader: CacheReader;
  readonly #clock: Clock;
  #staleMs = 0;
  #ttls: CacheTtls;
  /** Key to the seconds that its last failure was cached for. */
  readonly #failures = new Map<string, number>();
  /** Parts of a sweep, one a tick. */
  readonly #parts: number;
  #part = 0;

  constructor(writer: CacheWriter, clock: Clock, limits: CacheLimits) {
    this.#writer = writer;
    this.#reader = new CacheReader(writer.memory);
    this.#clock = clock;
    this.#ttls = limits;
    this.setLimits(limits);
    this.#parts = Math.max(SWEEP_TICKS_MIN, Math.ceil(writer.slotCount / TICK_SLOTS_MAX));
  }

  /** Has other limits from now on; answers that are cached stay fresh for as long as they were to. */
  setLimits(limits: CacheLimits): void {
    this.#staleMs = limits.staleSeconds * 1000;
    this.#ttls = limits;
  }

  /** The fresh answer, TTLs counted down; undefined: there is none. */
  fresh(key: CacheKey): CachedAnswer | undefined {
    const entry = this.#find(key);
    if (entry === undefined) return undefined;
    const ageMs = (this.#clock.upMs - entry[CACHE_ENTRY.STORED_MS]!) | 0;
    if (ageMs < 0 || ageMs >= entry[CACHE_ENTRY.TTL]! * 1000) return undefined;
    return this.encode(key, countDown(decodeCacheEntry(entry), Math.floor(ageMs / 1000)));
  }

  /** The answer past its TTL, for when no upstream answers, as `text` says; it then counts as fresh for 30 seconds. */
  stale(key: CacheKey, text?: string): CachedAnswer | undefined {
    const entry = this.#findStale(key);
    if (entry === undefined) return undefined;
    const { text: _, furtherErrors: __, ...content } = decodeCacheEntry(entry);
    const ede = content.rcode === RCODE.NXDOMAIN ? EDE.STALE_NXDOMAIN : EDE.STALE;
    const records = { answer: withStaleTtl(content.answer), authority: withStaleTtl(content.authority) };
    const aged = { ...content, ede, ...(text !== undefined && { text }), ...records };
    const validUntilMs = entry[CACHE_ENTRY.VALID_UNTIL_MS]!;
    const words = encodeCacheEntry(key, aged, { storedMs: this.#clock.upMs, validUntilMs, ttl: STALE_TTL });
    this.#writer.put(words, kindOf(content));
    return { ...aged, entry: words };
  }

  /** Whether `stale` would give an answer. */
  hasStale(key: CacheKey): boolean {
    return this.#findStale(key) !== undefined;
  }

  /** Caches an upstream's answer if it may be cached; returns it as clients get it. */
  store(key: CacheKey, fetched: CacheContent): CachedAnswer {
    const { content, ttl } = cacheable(key, fetched, this.#ttls);
    this.#failures.delete(cacheKeyText(key));
    const answer = this.#encode(key, content, ttl);
    if (ttl > 0) this.#writer.put(answer.entry, kindOf(content));
    return answer;
  }

  /** Caches a failure, longer each time the same question fails again. */
  storeFailure(key: CacheKey, failure: CacheContent): CachedAnswer {
    const keyText = cacheKeyText(key);
    const ttl = failureTtl(this.#failures.get(keyText));
    this.#failures.delete(keyText);
    this.#failures.set(keyText, ttl);
    if (this.#failures.size > FAILURES_MAX) this.#failures.delete(this.#failures.keys().next().value!);
    const answer = this.#encode(key, failure, ttl);
    this.#writer.put(answer.entry, "negative");
    return answer;
  }

  /** Drops all failures: an upstream is back, so that names may have answers again. */
  forgetFailures(): void {
    if (this.#failures.size === 0) return;
    this.#failures.clear();
    const writer = this.#writer;
    writer.sweep(0, 1, (words, at) => !writer.isNegative(at) || !isFailure(words[at + CACHE_ENTRY.META]!));
  }

  /** Drops everything: the local zones have changed, and a cached chain may lead into them. */
  clear(): void {
    this.#writer.sweep(0, 1, () => false);
    this.#failures.clear();
  }

  /** The answer as clients get it, without caching it. */
  encode(key: CacheKey, content: CacheContent): CachedAnswer {
    return this.#encode(key, content, 0);
  }

  /**
   * Drops expired entries, and calls `prefetch` for those in use that are about to expire. Visits one part of the cache
   * a call; to be called every `TICK_MS`.
   */
  sweep(prefetch: (key: CacheKey) => void): void {
    const due: CacheKey[] = [];
    const now = this.#clock.upMs;
    this.#part = (this.#part + 1) % this.#parts;
    this.#writer.sweep(this.#part, this.#parts, (words, at, hits) => {
      if (isExpired(words, at, now, this.#staleMs)) return false;
      if (due.length < TICK_PREFETCHES_MAX && isPrefetchDue(words, at, hits, now))
        due.push(decodeCacheEntry(words.slice(at, at + words[at + CACHE_ENTRY.SIZE]!)).key);
      return true;
    });
    due.forEach(prefetch);
  }

  #encode(key: CacheKey, content: CacheContent, ttl: number): CachedAnswer {
    const storedMs = this.#clock.upMs;
    return {
      ...content,
      entry: encodeCacheEntry(key, content, { storedMs, validUntilMs: storedMs + ttl * 1000, ttl }),
    };
  }

  #find({ name, type, dnssecOk, checkingDisabled }: CacheKey): Int32Array | undefined {
    const entry = this.#reader.find(lowerName(name), name.length, type, dnssecOk, checkingDisabled);
    return entry === 0 ? undefined : this.#reader.copy(entry);
  }

  #findStale(key: CacheKey): Int32Array | undefined {
    const entry = this.#find(key);
    return entry !== undefined && mayServeStale(entry, this.#clock.upMs, this.#staleMs) ? entry : undefined;
  }
}

function kindOf({ rcode, answer }: CacheContent): "positive" | "negative" {
  return rcode === RCODE.NOERROR && answer.length > 0 ? "positive" : "negative";
}

function countDown(content: CacheContent, seconds: number): CacheContent {
  const less = (records: readonly ResourceRecord[]): readonly ResourceRecord[] =>
    records.map((record) => ({ ...record, ttl: Math.max(record.ttl - seconds, 0) }));
  return { ...content, answer: less(content.answer), authority: less(content.authority) };
}

function withStaleTtl(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  return records.map((record) => ({ ...record, ttl: STALE_TTL }));
}
