// The answer to one question, as records and as a cache entry: the bytes behind the question in a reply, with names
// compressed, and the place of each TTL. Pure.
// RFC 1035 4.1.4 (compression), RFC 3597 4 (the types whose names may be compressed).
import {
  EDE,
  HEADER_SIZE,
  MESSAGE_SIZE_MAX,
  POINTER_OFFSET_MAX,
  RECORD_HEAD_SIZE,
  RCODE,
  TYPE,
} from "../dns/constants.ts";
import { cacheKeyBytes, readCacheKey } from "./cache-key.ts";
import type { CacheKey } from "./cache-key.ts";
import {
  AD_BIT,
  CACHE_ENTRY,
  ERRORS_SIZE_MAX,
  RECORD_END_SHIFT,
  TEXT_SIZE_MAX,
  textStart,
  wordsFor,
} from "./cache-layout.ts";
import { lowerName, NAME_SIZE_MAX } from "../dns/name.ts";
import { readSections } from "../dns/message.ts";
import { readNames } from "../dns/rdata.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import { assert } from "../std/assert.ts";

/** An answer, or the failure to get one. */
export interface CacheContent {
  readonly rcode: number;
  readonly authenticated: boolean;
  /** Extended error (RFC 8914); 0: none. */
  readonly ede: number;
  /** What the extended error says; at most 255 bytes of UTF-8. */
  readonly text?: string;
  /** Further extended errors, as options (RFC 8914 2); with the text at most `ERRORS_SIZE_MAX` bytes. */
  readonly furtherErrors?: Uint8Array;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
}

/** An entry's time of storage, the end of its upstream's TTL (both `Clock.upMs`), and how long it is fresh, seconds. */
export interface CacheTimes {
  readonly storedMs: number;
  readonly validUntilMs: number;
  readonly ttl: number;
}

/** The largest records of an entry, bytes: with the longest question and an OPT they fit in a message. */
const RECORDS_SIZE_MAX = MESSAGE_SIZE_MAX - HEADER_SIZE - (NAME_SIZE_MAX + 4) - 64;

/** How long an answer that fits in no message counts as a failure, seconds. */
const TOO_LARGE_TTL = 1;

/** The entry's words but for SEQUENCE and SLOT. An answer that is too large for a message becomes a failure. */
export function encodeCacheEntry(key: CacheKey, content: CacheContent, times: CacheTimes): Int32Array<ArrayBuffer> {
  const records = new CompressedRecords(key.name);
  if (![...content.answer, ...content.authority].every((record) => records.add(record))) {
    const failure = { rcode: RCODE.SERVFAIL, ede: EDE.OTHER, authenticated: false, answer: [], authority: [] };
    return encodeCacheEntry(key, failure, { ...times, ttl: Math.min(times.ttl, TOO_LARGE_TTL) });
  }
  const keyBytes = cacheKeyBytes(key);
  const table = CACHE_ENTRY.KEY + wordsFor(keyBytes.length);
  const data = table + records.table.length;
  const text = Buffer.from(content.text ?? "").subarray(0, TEXT_SIZE_MAX);
  const errors = Buffer.concat([text, content.furtherErrors ?? new Uint8Array(0)]);
  assert(errors.length <= ERRORS_SIZE_MAX, "further errors are few");
  const words = new Int32Array(data + wordsFor(records.size) + wordsFor(errors.length));
  const bytes = new Uint8Array(words.buffer);
  words[CACHE_ENTRY.SIZE] = words.length;
  words[CACHE_ENTRY.STORED_MS] = times.storedMs;
  words[CACHE_ENTRY.VALID_UNTIL_MS] = times.validUntilMs;
  words[CACHE_ENTRY.TTL] = times.ttl;
  words[CACHE_ENTRY.META] = content.rcode | (content.authenticated ? AD_BIT : 0) | (content.ede << 16);
  words[CACHE_ENTRY.COUNTS] = content.answer.length | (content.authority.length << 16);
  words[CACHE_ENTRY.SIZES] = keyBytes.length | (records.size << 16);
  words[CACHE_ENTRY.ROTATION] = rotationOf(content.answer, records.table);
  words[CACHE_ENTRY.ERROR_SIZES] = text.length | ((errors.length - text.length) << 16);
  bytes.set(keyBytes, CACHE_ENTRY.KEY * 4);
  words.set(records.table, table);
  bytes.set(records.bytes.subarray(0, records.size), data * 4);
  bytes.set(errors, textStart(words, 0));
  return words;
}

/** The run of addresses at the answer's end, which may be rotated: its first record │ its length << 16; 0: none. */
function rotationOf(answer: readonly ResourceRecord[], table: readonly number[]): number {
  const last = answer.at(-1);
  if (last === undefined || (last.type !== TYPE.A && last.type !== TYPE.AAAA)) return 0;
  // Records of one size have pointers as owners: no other record points into them.
  const size = RECORD_HEAD_SIZE + last.rdata.length;
  const endOf = (i: number): number => (i < 0 ? 0 : table[i]! >>> RECORD_END_SHIFT);
  let from = answer.length;
  while (from > 0 && answer[from - 1]!.type === last.type && endOf(from - 1) - endOf(from - 2) === size) from--;
  const count = answer.length - from;
  return count < 2 ? 0 : from | (count << 16);
}

/** An entry's key, times and records, TTLs as they were stored. */
export function decodeCacheEntry(
  words: Int32Array<ArrayBufferLike>,
): CacheContent & { readonly key: CacheKey; readonly times: CacheTimes } {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const keySize = words[CACHE_ENTRY.SIZES]! & 0xffff;
  const recordsSize = words[CACHE_ENTRY.SIZES]! >>> 16;
  const key = readCacheKey(bytes.subarray(CACHE_ENTRY.KEY * 4, CACHE_ENTRY.KEY * 4 + keySize));
  const nameSize = key.name.length;
  const [answers, authority] = [words[CACHE_ENTRY.COUNTS]! & 0xffff, words[CACHE_ENTRY.COUNTS]! >>> 16];
  const data = (CACHE_ENTRY.KEY + wordsFor(keySize) + answers + authority) * 4;
  const message = new Uint8Array(HEADER_SIZE + nameSize + 4 + recordsSize);
  const view = new DataView(message.buffer);
  view.setUint16(4, 1);
  view.setUint16(6, answers);
  view.setUint16(8, authority);
  message.set(key.name, HEADER_SIZE);
  message.set(bytes.subarray(data, data + recordsSize), HEADER_SIZE + nameSize + 4);
  const sections = readSections(message);
  const meta = words[CACHE_ENTRY.META]!;
  const textAt = textStart(words, 0);
  const errorSizes = words[CACHE_ENTRY.ERROR_SIZES]!;
  const textEnd = textAt + (errorSizes & 0xffff);
  const text = Buffer.from(bytes.subarray(textAt, textEnd)).toString();
  const furtherErrors = bytes.slice(textEnd, textEnd + (errorSizes >>> 16));
  return {
    key,
    times: {
      storedMs: words[CACHE_ENTRY.STORED_MS]!,
      validUntilMs: words[CACHE_ENTRY.VALID_UNTIL_MS]!,
      ttl: words[CACHE_ENTRY.TTL]!,
    },
    rcode: meta & 0x0f,
    authenticated: (meta & AD_BIT) !== 0,
    ede: meta >>> 16,
    ...(text !== "" && { text }),
    ...(furtherErrors.length > 0 && { furtherErrors }),
    answer: sections.answer,
    authority: sections.authority,
  };
}

/** The bytes of records behind a question, with their names compressed, and the table of their places. */
class CompressedRecords {
  /** A word for each record, as `CACHE_ENTRY` describes it. */
  readonly table: number[] = [];
  bytes = new Uint8Array(512);
  size = 0;
  /** The offset of the first record in the message. */
  readonly #base: number;
  /** Lower-case names, as text of their bytes, to their offsets in the message. */
  readonly #places = new Map<string, number>();

  constructor(questionName: Uint8Array) {
    this.#base = HEADER_SIZE + questionName.length + 4;
    this.#remember(questionName, HEADER_SIZE, questionName.length);
  }

  /** Adds a record; false, without doing so, when the message would be too large. */
  add({ owner, type, class: recordClass, ttl, rdata }: ResourceRecord): boolean {
    if (this.size + owner.length + 10 + rdata.length > RECORDS_SIZE_MAX) return false;
    this.#writeName(owner);
    this.#write(type >> 8, type, recordClass >> 8, recordClass);
    const ttlAt = this.size;
    this.#write(ttl >>> 24, ttl >>> 16, ttl >>> 8, ttl, 0, 0);
    const rdataAt = this.size;
    this.#writeRdata(type, rdata);
    const rdataSize = this.size - rdataAt;
    this.bytes[rdataAt - 2] = rdataSize >> 8;
    this.bytes[rdataAt - 1] = rdataSize;
    this.table.push(ttlAt | (this.size << RECORD_END_SHIFT));
    return true;
  }

  #writeRdata(type: number, rdata: Uint8Array): void {
    let at = 0;
    for (const { kind, start, end } of readNames(type, rdata)) {
      if (kind !== "compressibleName") continue;
      this.#append(rdata.subarray(at, start));
      this.#writeName(rdata.subarray(start, end));
      at = end;
    }
    this.#append(rdata.subarray(at));
  }

  #writeName(name: Uint8Array): void {
    let at = 0;
    let known: number | undefined;
    while (name[at] !== 0 && (known = this.#places.get(textOf(name.subarray(at)))) === undefined) at += 1 + name[at]!;
    const place = this.#base + this.size;
    this.#append(name.subarray(0, at));
    this.#remember(name, place, at);
    if (known === undefined) this.#write(0);
    else this.#write(0xc0 | (known >> 8), known);
  }

  /** Remembers the suffixes of `name` that begin in its first `size` bytes; `place` is the name's offset. */
  #remember(name: Uint8Array, place: number, size: number): void {
    for (let at = 0; at < size && name[at] !== 0 && place + at <= POINTER_OFFSET_MAX; at += 1 + name[at]!) {
      const text = textOf(name.subarray(at));
      if (!this.#places.has(text)) this.#places.set(text, place + at);
    }
  }

  #write(...values: readonly number[]): void {
    this.#reserve(values.length);
    for (const value of values) this.bytes[this.size++] = value;
  }

  #append(values: Uint8Array): void {
    this.#reserve(values.length);
    this.bytes.set(values, this.size);
    this.size += values.length;
  }

  #reserve(count: number): void {
    if (this.size + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.size + count));
    larger.set(this.bytes.subarray(0, this.size));
    this.bytes = larger;
  }
}

/** The bytes of a name in lower case, as text. */
function textOf(name: Uint8Array): string {
  return latin1(lowerName(name));
}

function latin1({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("latin1");
}
