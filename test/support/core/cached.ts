// Builds caches with entries from records in text form, under a clock that the test sets.
import { Clock } from "../../../src/std/clock.ts";
import { AnswerCache } from "../../../src/cache/answer-cache.ts";
import type { CacheContent } from "../../../src/cache/cache-entry.ts";
import type { CacheKey } from "../../../src/cache/cache-key.ts";
import type { ResourceRecord } from "../../../src/dns/resource-record.ts";
import { CACHE_BYTES_MIN, CacheWriter } from "../../../src/cache/cache-writer.ts";
import { parseType, readMessage, writeHeader, writeRecord } from "../wire.ts";
import type { Message } from "../wire.ts";
import { addressBytes, wire } from "./table.ts";

/** The question for A, or another type, without DO and CD. */
export function key(name: string, type = "A", flags: Partial<CacheKey> = {}): CacheKey {
  return { name: wire(name), type: parseType(type), dnssecOk: false, checkingDisabled: false, ...flags };
}

/** One record; `rdata` as bytes, or as text of an address or a name. */
export function record(owner: string, ttl: number, type: string, rdata: string | Uint8Array): ResourceRecord {
  const bytes = typeof rdata !== "string" ? rdata : /^A+$/.test(type) ? addressBytes(rdata) : wire(rdata);
  return { owner: wire(owner), type: parseType(type), class: 1, ttl, rdata: bytes };
}

/** A SOA of `owner`. */
export function soaOf(owner: string, ttl: number, minimum: number): ResourceRecord {
  const numbers = Buffer.alloc(20);
  [7, 3600, 600, 86_400, minimum].forEach((number, i) => numbers.writeUInt32BE(number, i * 4));
  return record(owner, ttl, "SOA", Buffer.concat([wire(`ns.${owner}`), wire(`admin.${owner}`), numbers]));
}

/** What was fetched: NOERROR with these answers, but for what is said. */
export function content(answer: readonly ResourceRecord[], fields: Partial<CacheContent> = {}): CacheContent {
  return { rcode: 0, ede: 0, authenticated: false, answer, authority: [], ...fields };
}

/** Seconds of a test's own time. */
export interface WoundClock {
  readonly clock: Clock;
  /** Lets so many seconds pass. */
  pass(seconds: number): void;
}

/** A clock that starts near the point where its milliseconds wrap, which no code may notice. */
function woundClock(): WoundClock {
  const clock = new Clock();
  let upMs = 2 ** 31 - 5_000;
  const wind = (): void => clock.update(1_700_000_000_000 + upMs, upMs);
  wind();
  return {
    clock,
    pass: (seconds) => {
      upMs += seconds * 1000;
      wind();
    },
  };
}

/** Of the options. */
export const DEFAULT_TTLS = { positive: 86_400, negative: 300 };

/** A cache of the smallest size, its writer and its time. */
export function newCache(staleSeconds = 3600, size = CACHE_BYTES_MIN) {
  const time = woundClock();
  const writer = new CacheWriter(size, [11, 22]);
  return { cache: new AnswerCache(writer, time.clock, { staleSeconds, ...DEFAULT_TTLS }), writer, ...time };
}

/** `rcode` and lines `section owner ttl type rdata` of a content, by the tests' own decoder. */
export function contentLines({ rcode, answer, authority }: CacheContent): readonly string[] {
  const header = writeHeader(0, 0x8180 | rcode, 0, answer.length, authority.length, 0);
  return messageLines(readMessage(Buffer.concat([header, ...[...answer, ...authority].map(writeRecord)])));
}

/** The same lines of a message. */
export function messageLines({ rcode, answer, authority }: Message): readonly string[] {
  const lines = (section: string, records: Message["answer"]): string[] =>
    records.map(({ owner, ttl, type, rdata }) => `${section} ${owner} ${ttl} ${type} ${rdata}`);
  return [rcode, ...lines("answer", answer), ...lines("authority", authority)];
}
