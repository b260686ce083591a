// Answers of others, out of the cache's shared memory, with their TTLs counted down. For names outside our zones: the
// caller has made sure that the client may ask for those. Allocates nothing after construction.
// RFC 1034 4.3.2, RFC 2181 5.2 and 8 (TTLs), RFC 2308 5 (negative answers), RFC 6840 5.7 (AD).
import { FLAG, HEADER_SIZE } from "../dns/constants.ts";
import { AD_BIT, CACHE_ENTRY, RECORD_END_SHIFT, wordsFor } from "../cache/cache-layout.ts";
import { CacheReader } from "../cache/cache-reader.ts";
import type { Clock } from "../std/clock.ts";
import type { Query } from "./query.ts";
import { NO_EDE } from "./reply-opt.ts";
import { Reply } from "./reply.ts";
import { Rotation } from "./rotation.ts";

export class CacheAnswerer {
  /** Of the answer written last: header flags are in the reply already; these are for the OPT and the counters. */
  readonly reply = new Reply();
  /** Extended error of the answer written last, or NO_EDE. */
  ede = NO_EDE;
  readonly #reader: CacheReader;
  readonly #clock: Clock;
  readonly #rotation: Rotation;

  /** `seed` as for `Rotation`. */
  constructor(memory: SharedArrayBuffer, clock: Clock, seed = 1) {
    this.#rotation = new Rotation(seed);
    this.#reader = new CacheReader(memory);
    this.#clock = clock;
  }

  /**
   * Writes header, question and records for the query in `bytes` from `start`, which `query` has read, to `room` from
   * `roomStart`: at most `limit` bytes. Returns their size; 0: no fresh answer is at hand.
   */
  answer(query: Query, bytes: Uint8Array, start: number, room: Uint8Array, roomStart: number, limit: number): number {
    const reader = this.#reader;
    const entry = reader.find(query.name, query.nameSize, query.type, query.dnssecOk, query.checkingDisabled);
    if (entry === 0) return 0;
    const ageMs = (this.#clock.upMs - reader.words[entry + CACHE_ENTRY.STORED_MS]!) | 0;
    if (ageMs < 0 || ageMs >= reader.words[entry + CACHE_ENTRY.TTL]! * 1000) return 0;
    this.reply.begin(room, roomStart, limit);
    this.reply.copy(bytes, start, start + HEADER_SIZE + query.nameSize + 4);
    this.#writeRecords(reader.words, reader.bytes, entry, Math.floor(ageMs / 1000));
    this.#writeHeader(reader.words[entry + CACHE_ENTRY.META]!, query, 0);
    return reader.isUnchanged(entry) ? this.reply.at : 0;
  }

  /** As `answer`, from an entry that is not in the cache, and is as old as nothing. `aa`: FLAG.AA or 0. */
  write(
    entry: Int32Array,
    query: Query,
    bytes: Uint8Array,
    start: number,
    room: Uint8Array,
    roomStart: number,
    limit: number,
    aa: number,
  ): number {
    this.reply.begin(room, roomStart, limit);
    this.reply.copy(bytes, start, start + HEADER_SIZE + query.nameSize + 4);
    this.#writeRecords(entry, new Uint8Array(entry.buffer, entry.byteOffset, entry.byteLength), 0, 0);
    this.#writeHeader(entry[CACHE_ENTRY.META]!, query, aa);
    return this.reply.at;
  }

  /** Copies the records, as many whole ones as fit, each TTL less by `age` seconds. */
  #writeRecords(words: Int32Array, bytes: Uint8Array, entry: number, age: number): void {
    const { reply } = this;
    const counts = words[entry + CACHE_ENTRY.COUNTS]!;
    const answers = counts & 0xffff;
    const total = answers + (counts >>> 16);
    const sizes = words[entry + CACHE_ENTRY.SIZES]!;
    const size = sizes >>> 16;
    const table = entry + CACHE_ENTRY.KEY + wordsFor(sizes & 0xffff);
    const data = (table + total) * 4;
    let records = total;
    let end = total === 0 ? 0 : size;
    while (records > 0 && reply.at + end > reply.limit) {
      records--;
      end = records === 0 ? 0 : words[table + records - 1]! >>> RECORD_END_SHIFT;
    }
    const first = reply.base + reply.at;
    const rotation = words[entry + CACHE_ENTRY.ROTATION]!;
    if (rotation !== 0 && records === total) this.#copyRotated(words, bytes, table, data, end, rotation);
    else reply.copy(bytes, data, data + end);
    for (let i = 0; age > 0 && i < records; i++) {
      const offset = words[table + i]! & 0xffff;
      // The entry is being overwritten: nothing of this is used, and nothing outside may be touched.
      if (offset + 4 > end) break;
      const at = first + offset;
      const [b0, b1, b2, b3] = [reply.bytes[at]!, reply.bytes[at + 1]!, reply.bytes[at + 2]!, reply.bytes[at + 3]!];
      const left = ((b0 << 24) | (b1 << 16) | (b2 << 8) | b3) - age;
      const ttl = left < 0 ? 0 : left;
      reply.bytes[at] = ttl >>> 24;
      reply.bytes[at + 1] = ttl >>> 16;
      reply.bytes[at + 2] = ttl >>> 8;
      reply.bytes[at + 3] = ttl;
    }
    reply.answers = records < answers ? records : answers;
    reply.authority = records - reply.answers;
    // What is left of an answer says that there is more; a lost SOA does too, as nothing else is there.
    reply.truncated = records < total;
  }

  /** Copies `end` bytes from `data`, the run of addresses in them from one that is chosen anew each time. */
  #copyRotated(words: Int32Array, bytes: Uint8Array, table: number, data: number, end: number, rotation: number): void {
    const from = rotation & 0xffff;
    const count = rotation >>> 16;
    const start = from === 0 ? 0 : words[table + from - 1]! >>> RECORD_END_SHIFT;
    const stride = (words[table + from]! >>> RECORD_END_SHIFT) - start;
    const runEnd = start + stride * count;
    // The entry is being overwritten: nothing of this is used, and it must stay in bounds.
    if (stride <= 0 || runEnd > end) return this.reply.copy(bytes, data, data + end);
    const shift = this.#rotation.next(count) * stride;
    this.reply.copy(bytes, data, data + start);
    this.reply.copy(bytes, data + start + shift, data + runEnd);
    this.reply.copy(bytes, data + start, data + start + shift);
    this.reply.copy(bytes, data + runEnd, data + end);
  }

  #writeHeader(meta: number, query: Query, aa: number): void {
    const isAuthentic = (meta & AD_BIT) !== 0 && (query.authenticData || query.dnssecOk);
    const ede = meta >>> 16;
    this.ede = ede === 0 ? NO_EDE : ede;
    this.reply.rcode = meta & 0x0f;
    const flags = (FLAG.QR | aa | (query.recursionDesired ? FLAG.RD : 0)) << 8;
    const low = FLAG.RA | (isAuthentic ? FLAG.AD : 0) | (query.checkingDisabled ? FLAG.CD : 0);
    this.reply.writeHeader(flags | low, query.hasOpt);
  }
}
