// Writes a cache entry as a reply, TTLs counted down. For names outside the local zones, once the caller has checked
// that the client may use recursion. Allocates nothing after construction.
// RFC 1034 4.3.2, RFC 2181 5.2 and 8 (TTLs), RFC 2308 5 (negative answers), RFC 6840 5.7 (AD).
import { EDE, FLAG, HEADER_SIZE, RCODE } from "../dns/constants.ts";
import { AD_BIT, CACHE_ENTRY, ERRORS_SIZE_MAX, RECORD_END_SHIFT, textStart, wordsFor } from "../cache/cache-layout.ts";
import { CacheReader } from "../cache/cache-reader.ts";
import type { Clock } from "../std/clock.ts";
import { DENIAL } from "../table/reason-texts.ts";
import { CAUSE } from "./answer-note.ts";
import type { Cause } from "./answer-note.ts";
import { ANSWERED_BY } from "./answered-by.ts";
import type { QueryContext } from "./query-context.ts";
import { NO_EDE, OPTION_EDE_SIZE } from "./reply-opt.ts";
import type { ReasonWriter } from "./reason-writer.ts";
import type { Reply } from "./reply.ts";
import { Rotation } from "./rotation.ts";

export class CacheAnswerer {
  readonly #reader: CacheReader;
  readonly #clock: Clock;
  readonly #rotation: Rotation;
  readonly #reasons: ReasonWriter | undefined;
  /** The text of an extended error, with further ones behind it. */
  readonly #errors = new Uint8Array(ERRORS_SIZE_MAX);
  #textSize = 0;
  #errorsSize = 0;

  /** `seed` as for `Rotation`. */
  constructor(memory: SharedArrayBuffer, clock: Clock, seed = 1, reasons?: ReasonWriter) {
    this.#reasons = reasons;
    this.#rotation = new Rotation(seed);
    this.#reader = new CacheReader(memory);
    this.#clock = clock;
  }

  /**
   * Answers the context's plain question from a fresh entry. False: there is none, and the reply holds nothing of use.
   */
  answer(context: QueryContext): boolean {
    const { query } = context;
    const reader = this.#reader;
    const entry = reader.find(query.name, query.nameSize, query.type, query.dnssecOk, query.checkingDisabled);
    if (entry === 0) return false;
    const ageMs = (this.#clock.upMs - reader.words[entry + CACHE_ENTRY.STORED_MS]!) | 0;
    if (ageMs < 0 || ageMs >= reader.words[entry + CACHE_ENTRY.TTL]! * 1000) return false;
    this.#writeRecords(context, reader.words, reader.bytes, entry, Math.floor(ageMs / 1000));
    this.#copyErrors(reader.words, reader.bytes, entry);
    const meta = reader.words[entry + CACHE_ENTRY.META]!;
    const isDenial = (meta & 0x0f) !== RCODE.NOERROR || (reader.words[entry + CACHE_ENTRY.COUNTS]! & 0xffff) === 0;
    if (!reader.isUnchanged(entry)) return false;
    context.answeredBy = isDenial ? ANSWERED_BY.CACHED_DENIAL : ANSWERED_BY.CACHE;
    this.#finish(context, meta, 0, CAUSE.CACHE);
    return true;
  }

  /** Answers from `entry`, which need not be in the cache and has no age. `aa`: FLAG.AA or 0. */
  write(context: QueryContext, entry: Int32Array, aa: number): void {
    const bytes = new Uint8Array(entry.buffer, entry.byteOffset, entry.byteLength);
    this.#writeRecords(context, entry, bytes, 0, 0);
    this.#copyErrors(entry, bytes, 0);
    context.answeredBy = ANSWERED_BY.UPSTREAM;
    this.#finish(context, entry[CACHE_ENTRY.META]!, aa, CAUSE.FORWARDED);
  }

  /** Copies the records that fit, each TTL less by `age` seconds. */
  #writeRecords(context: QueryContext, words: Int32Array, bytes: Uint8Array, entry: number, age: number): void {
    const { reply } = context;
    const limit = context.query.hasOpt ? reply.limit - OPTION_EDE_SIZE : reply.limit;
    const counts = words[entry + CACHE_ENTRY.COUNTS]!;
    const answers = counts & 0xffff;
    const total = answers + (counts >>> 16);
    const sizes = words[entry + CACHE_ENTRY.SIZES]!;
    const size = sizes >>> 16;
    const table = entry + CACHE_ENTRY.KEY + wordsFor(sizes & 0xffff);
    const data = (table + total) * 4;
    let records = total;
    let end = total === 0 ? 0 : size;
    while (records > 0 && reply.at + end > limit) {
      records--;
      end = records === 0 ? 0 : words[table + records - 1]! >>> RECORD_END_SHIFT;
    }
    const first = reply.base + reply.at;
    const rotation = words[entry + CACHE_ENTRY.ROTATION]!;
    if (rotation !== 0 && records === total) this.#copyRotated(reply, words, bytes, table, data, end, rotation);
    else reply.copy(bytes, data, data + end);
    for (let i = 0; age > 0 && i < records; i++) {
      const offset = words[table + i]! & 0xffff;
      // The entry is being overwritten: the reply is not used, but nothing outside it may be written.
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
    // An answer that lacks records is cut, also where it lacks the SOA: there is nothing else.
    reply.truncated = records < total;
  }

  /** Copies `end` bytes from `data`; the run of addresses in them begins at a random one. */
  #copyRotated(
    reply: Reply,
    words: Int32Array,
    bytes: Uint8Array,
    table: number,
    data: number,
    end: number,
    rotation: number,
  ): void {
    const from = rotation & 0xffff;
    const count = rotation >>> 16;
    const start = from === 0 ? 0 : words[table + from - 1]! >>> RECORD_END_SHIFT;
    const stride = (words[table + from]! >>> RECORD_END_SHIFT) - start;
    const runEnd = start + stride * count;
    // The entry is being overwritten: the reply is not used, but the copy must stay in bounds.
    if (stride <= 0 || runEnd > end) return reply.copy(bytes, data, data + end);
    const shift = this.#rotation.next(count) * stride;
    reply.copy(bytes, data, data + start);
    reply.copy(bytes, data + start + shift, data + runEnd);
    reply.copy(bytes, data + start, data + start + shift);
    reply.copy(bytes, data + runEnd, data + end);
  }

  /** Copies the entry's extended errors but for the code: the entry may be overwritten before the reply is complete. */
  #copyErrors(words: Int32Array, bytes: Uint8Array, entry: number): void {
    const sizes = words[entry + CACHE_ENTRY.ERROR_SIZES]!;
    const size = (sizes & 0xffff) + (sizes >>> 16);
    this.#errorsSize = this.#reasons === undefined || size > ERRORS_SIZE_MAX ? 0 : size;
    if (this.#errorsSize === 0) return;
    this.#textSize = sizes & 0xffff;
    const start = textStart(words, entry);
    for (let i = 0; i < size; i++) this.#errors[i] = bytes[start + i]!;
  }

  /** Completes the reply with the flags, rcode and extended error of an entry's META word. */
  #finish(context: QueryContext, meta: number, aa: number, cause: Cause): void {
    const { query, reply } = context;
    context.cause = cause;
    // A name of a hosts file exists: NXDOMAIN would make clients forget its addresses (RFC 8020).
    const isNodata = context.isHostsName && (meta & 0x0f) === RCODE.NXDOMAIN;
    const isAuthentic = !isNodata && (meta & AD_BIT) !== 0 && (query.authenticData || query.dnssecOk);
    const ede = meta >>> 16;
    context.ede = ede === 0 ? NO_EDE : ede;
    reply.rcode = isNodata ? RCODE.NOERROR : meta & 0x0f;
    this.#tell(context);
    const high = FLAG.QR | aa | (query.recursionDesired ? FLAG.RD : 0);
    context.finish((high << 8) | FLAG.RA | (isAuthentic ? FLAG.AD : 0) | (query.checkingDisabled ? FLAG.CD : 0));
  }

  /** Says what the entry says, or else that upstreams have no such name or type. */
  #tell(context: QueryContext): void {
    const { query, reply } = context;
    if (this.#reasons === undefined || !context.opt.isPrepared) return;
    if (this.#errorsSize > 0) return context.tell(EDE.OTHER, this.#errors, 0, this.#textSize, this.#errorsSize);
    const isDenial = reply.rcode === RCODE.NXDOMAIN || reply.rcode === RCODE.NOERROR;
    if (!isDenial || reply.answers > 0 || reply.truncated) return;
    context.resolveNext(query.name, 0, query.nameSize, HEADER_SIZE);
    context.deny(reply.rcode === RCODE.NXDOMAIN ? DENIAL.UPSTREAM_NAME : DENIAL.TYPE, 0);
    this.#reasons.write(context);
  }
}
