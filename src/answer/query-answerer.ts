// Every query to its answer: who may not ask is refused, plain questions go through the data plane's function, all
// others are answered here. What is malformed, of another opcode, class or EDNS version, outside our zones, or too
// early gets the error that says so. At last, who is over its rate gets a cut reply.
// RFC 1035 4.1, RFC 6891 6.1, RFC 8906 (answer everything), RFC 8914 (extended errors), RFC 9619 (one question).
import { questionEnd, writeOpt } from "../dns/message.ts";
import {
  CLASS_CH,
  CLASS_IN,
  EDE,
  FLAG,
  HEADER_SIZE,
  MESSAGE_SIZE_MAX,
  OPT_SIZE,
  RCODE,
  TYPE,
} from "../dns/constants.ts";
import { UDP_SIZE_PLAIN } from "../dns/constants.ts";
import { AddressList } from "../net/address-list.ts";
import type { TableReader } from "../table/reader.ts";
import type { AnswerSettings } from "./answer-settings.ts";
import { HAND_OVER } from "./answerer.ts";
import type { Answerer } from "./answerer.ts";
import { CacheAnswerer } from "./cache-answerer.ts";
import { KnownClient } from "./client.ts";
import type { Client } from "./client.ts";
import { Clock } from "../std/clock.ts";
import { newCounters } from "./counters.ts";
import type { AnswerCounters } from "./counters.ts";
import { parseQuery } from "./parse-query.ts";
import type { ParsedOpt, ParsedQuery } from "./parse-query.ts";
import { ANSWER_CLASS, RateLimiter } from "./rate-limiter.ts";
import { NO_EDE, ReplyOpt } from "./reply-opt.ts";
import { identityAsked, writeIdentity } from "./server-identity.ts";
import { badKeyRecord } from "../dns/tsig.ts";
import { OUTSIDE, ZoneAnswerer } from "./zone-answerer.ts";

const OPTION_EDE_SIZE = 6;
const NOBODY = new KnownClient("tcp");

/** A query that is neither a plain one nor to be handed over. */
const OTHER = -2;

export class QueryAnswerer implements Answerer {
  readonly #zones: ZoneAnswerer;
  /** For what our zones alone say. */
  readonly #inside: ZoneAnswerer;
  readonly #cache: CacheAnswerer | undefined;
  readonly #opt: ReplyOpt;
  readonly #reader: TableReader;
  readonly #settings: AnswerSettings;
  readonly #counters: AnswerCounters;
  readonly #allow: AddressList | undefined;
  readonly #allowRecursion: AddressList | undefined;
  readonly #limiter: RateLimiter | undefined;
  readonly #address = new Uint8Array(16);
  #autopath: boolean;
  /** The upper bits of the rcode, which the OPT has, of the reply written last. */
  #rcodeHigh = 0;

  /** `seed` as for `ZoneAnswerer`. */
  constructor(reader: TableReader, settings: AnswerSettings, seed: number, counters: AnswerCounters = newCounters()) {
    const { allow, allowRecursion, rateLimit, clock } = settings;
    this.#opt = new ReplyOpt(settings);
    this.#zones = new ZoneAnswerer(reader, settings, seed, counters, this.#opt);
    this.#inside = new ZoneAnswerer(reader, settings, seed);
    this.#inside.staysInside = true;
    this.#cache = settings.cache && new CacheAnswerer(settings.cache, new Clock(clock), seed);
    this.#counters = counters;
    this.#reader = reader;
    this.#settings = settings;
    this.#autopath = settings.autopath === true;
    this.#allow = allow && new AddressList(allow);
    this.#allowRecursion = allowRecursion && new AddressList(allowRecursion);
    this.#limiter = rateLimit && new RateLimiter(rateLimit, new Clock(clock));
  }

  answer(query: Uint8Array, start: number, end: number, reply: Uint8Array, replyStart: number, client: Client): number {
    this.#opt.reset();
    this.#rcodeHigh = 0;
    let size = OTHER;
    const isAllowed = this.#allow === undefined || this.#isIn(this.#allow, client);
    if (isAllowed) size = this.#answerPlain(query, start, end, reply, replyStart, client);
    if (size === OTHER) size = this.#answerOther(query.subarray(start, end), reply, replyStart, client, isAllowed);
    return this.#limit(reply, replyStart, size, client);
  }

  /** The query without anything that does not change its answer: what `answerInside` and `writeEntry` take. */
  toPlain(query: Uint8Array): Uint8Array | undefined {
    const isQuery = query.length >= HEADER_SIZE && (query[2]! & FLAG.QR) === 0;
    const parsed = isQuery ? parseQuery(query) : undefined;
    return parsed?.question === undefined ? undefined : plainQuery(query, parsed.questionEnd, parsed.opt);
  }

  /** What our zones alone answer to a plain query, in `room`; undefined: its name is not ours. */
  answerInside(plain: Uint8Array, room: Uint8Array): Uint8Array | undefined {
    const size = this.#inside.answer(plain, 0, plain.length, room, 0, NOBODY);
    return size > 0 ? room.subarray(0, size) : undefined;
  }

  /** As `answer`, but a search list is not walked. */
  answerUnsearched(plain: Uint8Array, room: Uint8Array, client: Client): number {
    this.#autopath = false;
    const size = this.answer(plain, 0, plain.length, room, 0, client);
    this.#autopath = this.#settings.autopath === true;
    return size;
  }

  /** Answers a plain query by a cache entry's words, into `room`; `aa`: `FLAG.AA` or 0. Returns the reply's size. */
  writeEntry(plain: Uint8Array, entry: Int32Array, room: Uint8Array, client: Client, aa: number): number {
    const { query } = this.#zones;
    this.#opt.reset();
    this.#rcodeHigh = 0;
    if (this.#cache === undefined || !query.read(plain, 0, plain.length)) return 0;
    if (query.hasOpt) this.#opt.prepare(plain, query.options, query.dnssecOk, client);
    const size = this.#cache.write(entry, query, plain, 0, room, 0, this.#roomForRecords(client), aa);
    return this.#limit(room, 0, this.#finishCached(room, 0, size, client), client);
  }

  #answerPlain(query: Uint8Array, start: number, end: number, reply: Uint8Array, at: number, client: Client): number {
    const zones = this.#zones;
    const size = zones.answer(query, start, end, reply, at, client);
    // Silence is not for a search list to break.
    if (size === 0) return 0;
    if (size !== HAND_OVER) return this.#autopath && this.#mayBeSearched(reply, at, client) ? HAND_OVER : size;
    if (zones.outside === OUTSIDE.NO || !this.#settings.recursion || !zones.query.recursionDesired) return OTHER;
    return this.#answerOutside(query, start, end, reply, at, client);
  }

  /** Whether the reply says that there is no such name, and the client may have been searching for another. */
  #mayBeSearched(reply: Uint8Array, at: number, client: Client): boolean {
    const { type, recursionDesired } = this.#zones.query;
    const isMissing = (reply[at + 3]! & 0x0f) === RCODE.NXDOMAIN && (reply[at + 6]! | reply[at + 7]!) === 0;
    return isMissing && (type === TYPE.A || type === TYPE.AAAA) && recursionDesired && this.#mayRecurse(client);
  }

  /** The plain query read last leads outside our zones: its answer is cached, or others are to be asked. */
  #answerOutside(query: Uint8Array, start: number, end: number, reply: Uint8Array, at: number, client: Client): number {
    const zones = this.#zones;
    if (!this.#mayRecurse(client)) {
      if (zones.outside === OUTSIDE.NAME) return OTHER;
      zones.staysInside = true;
      const size = zones.answer(query, start, end, reply, at, client);
      zones.staysInside = false;
      return size;
    }
    if (this.#cache === undefined || zones.outside === OUTSIDE.CHAIN) return HAND_OVER;
    const size = this.#cache.answer(zones.query, query, start, reply, at, this.#roomForRecords(client));
    return size === 0 ? HAND_OVER : this.#finishCached(reply, at, size, client);
  }

  /** How long a cached answer may be, without its OPT, to the query read last. */
  #roomForRecords(client: Client): number {
    const { query } = this.#zones;
    const optSize = query.hasOpt ? this.#opt.size + OPTION_EDE_SIZE : 0;
    return query.replySizeMax(client.transport, this.#settings.ednsSize) - optSize;
  }

  /** Adds the OPT to the `size` bytes of a cached answer, and counts it. */
  #finishCached(reply: Uint8Array, at: number, size: number, client: Client): number {
    const { query } = this.#zones;
    const { rcode, truncated } = this.#cache!.reply;
    let whole = size;
    if (query.hasOpt) {
      const sizeMax = query.replySizeMax(client.transport, this.#settings.ednsSize);
      whole = this.#opt.write(reply, at, at + size, sizeMax, 0, this.#cache!.ede) - at;
    }
    const counters = client.transport === "udp" ? this.#counters.udp : this.#counters.stream;
    counters.count(query.type, rcode, whole, truncated);
    return whole;
  }

  /** The size of the reply that is sent: cut where its asker is over the rate. */
  #limit(reply: Uint8Array, at: number, size: number, client: Client): number {
    const limiter = this.#limiter;
    if (limiter === undefined || size <= 0 || client.transport !== "udp" || this.#opt.cookieIsValid) return size;
    return limiter.isOver(client, classOf(reply, at, this.#rcodeHigh)) ? this.#cut(reply, at) : size;
  }

  #isIn(list: AddressList, client: Client): boolean {
    return list.has(this.#address, client.readAddress(this.#address));
  }

  /** Answers a query that is not a plain one for a name of ours. May allocate. */
  #answerOther(query: Uint8Array, reply: Uint8Array, at: number, client: Client, isAllowed: boolean): number {
    if (query.length < HEADER_SIZE || (query[2]! & FLAG.QR) !== 0) return 0;
    const isQuery = (query[2]! & FLAG.OPCODE) === 0;
    const parsed = isQuery ? parseQuery(query) : undefined;
    const error = (rcode: number, ede?: number): number => {
      const size = this.#writeError(query, parsed, rcode, ede, reply, at, client);
      return this.#count(client, parsed?.question?.type ?? 0, rcode, size);
    };
    if (parsed === undefined) return error(isQuery ? RCODE.FORMERR : RCODE.NOTIMP);
    const { question, opt } = parsed;
    const hasTail = client.transport === "https" && parsed.end !== query.length;
    if (hasTail || opt?.options.isMalformedOver(client.transport)) return error(RCODE.FORMERR);
    if (opt !== undefined) this.#opt.prepare(query, opt.options, opt.dnssecOk, client);
    if (!isAllowed) return error(RCODE.REFUSED, EDE.PROHIBITED);
    if (opt !== undefined && opt.version !== 0) return error(RCODE.BADVERS);
    if (question === undefined) return error(opt?.options.asksCookie === true ? RCODE.NOERROR : RCODE.FORMERR);
    if (parsed.tsig !== undefined) return error(RCODE.NOTAUTH);
    if (question.class === CLASS_CH) return this.#answerChaos(query, parsed, reply, at, client, error);
    if (question.class !== CLASS_IN) return error(RCODE.REFUSED, EDE.NOT_SUPPORTED);
    if (question.type === TYPE.AXFR || question.type === TYPE.IXFR) return error(RCODE.REFUSED, EDE.NOT_SUPPORTED);
    // Records beside the question change nothing: ask again without them.
    const plain = plainQuery(query, parsed.questionEnd, opt);
    const size = this.#answerPlain(plain, 0, plain.length, reply, at, client);
    if (size !== OTHER) return size;
    if (this.#isOurs()) return error(RCODE.SERVFAIL, EDE.NOT_READY);
    if (!this.#mayRecurse(client)) return error(RCODE.REFUSED, EDE.PROHIBITED);
    // Before our zones are known nobody is asked for a name that may turn out to be in one of them.
    const mayAsk = this.#settings.recursion && this.#zones.query.recursionDesired;
    if (!mayAsk) return error(RCODE.REFUSED, EDE.NOT_AUTHORITATIVE);
    return this.#reader.ready ? HAND_OVER : error(RCODE.SERVFAIL, EDE.NOT_READY);
  }

  #mayRecurse(client: Client): boolean {
    return this.#allowRecursion === undefined || this.#isIn(this.#allowRecursion, client);
  }

  /** Whether the name of the query read last lies in our zones. */
  #isOurs(): boolean {
    const { name, nameSize } = this.#zones.query;
    return this.#reader.covers(name, 0, nameSize);
  }

  #answerChaos(
    query: Uint8Array,
    { question, questionEnd: end, opt }: ParsedQuery,
    reply: Uint8Array,
    at: number,
    client: Client,
    error: (rcode: number, ede: number) => number,
  ): number {
    const asked = identityAsked(query, end);
    const { nsid } = this.#settings;
    if (asked !== "id" || nsid === undefined)
      return error(RCODE.REFUSED, asked === undefined ? EDE.NOT_SUPPORTED : EDE.PROHIBITED);
    const size = writeIdentity(query, end, nsid, reply, at, opt !== undefined);
    if (this.#settings.recursion) reply[at + 3]! |= FLAG.RA;
    const whole = opt === undefined ? size : this.#writeOpt(reply, at, size, RCODE.NOERROR, NO_EDE, client);
    return this.#count(client, question?.type ?? 0, RCODE.NOERROR, whole);
  }

  #count(client: Client, type: number, rcode: number, size: number): number {
    const counters = client.transport === "udp" ? this.#counters.udp : this.#counters.stream;
    counters.count(type, rcode, size, false);
    return size;
  }

  /** A reply without records; without a parsed query it is the header alone. */
  #writeError(
    query: Uint8Array,
    parsed: ParsedQuery | undefined,
    rcode: number,
    ede: number | undefined,
    reply: Uint8Array,
    at: number,
    client: Client,
  ): number {
    const bodyEnd = parsed === undefined ? HEADER_SIZE : parsed.questionEnd;
    const isQuery = (query[2]! & FLAG.OPCODE) === 0;
    reply.fill(0, at, at + HEADER_SIZE);
    reply.set(query.subarray(HEADER_SIZE, bodyEnd), at + HEADER_SIZE);
    reply[at] = query[0]!;
    reply[at + 1] = query[1]!;
    reply[at + 2] = FLAG.QR | (query[2]! & (isQuery ? FLAG.OPCODE | FLAG.RD : FLAG.OPCODE));
    reply[at + 3] = (isQuery && this.#settings.recursion ? FLAG.RA : 0) | (rcode & 0x0f);
    reply[at + 5] = parsed?.question === undefined ? 0 : 1;
    let size = bodyEnd;
    if (parsed?.opt !== undefined) {
      reply[at + 11] = 1;
      size = this.#writeOpt(reply, at, size, rcode, ede ?? NO_EDE, client);
    }
    if (parsed?.tsig === undefined || rcode !== RCODE.NOTAUTH) return size;
    const record = badKeyRecord(parsed.tsig, (query[0]! << 8) | query[1]!);
    if (client.transport === "udp" && size + record.length > UDP_SIZE_PLAIN) return size;
    reply.set(record, at + size);
    reply[at + 11]!++;
    return size + record.length;
  }

  /** Writes the prepared OPT behind `size` bytes of the reply at `at`; returns the reply's size then. */
  #writeOpt(reply: Uint8Array, at: number, size: number, rcode: number, ede: number, client: Client): number {
    const sizeMax = client.transport === "udp" ? UDP_SIZE_PLAIN : MESSAGE_SIZE_MAX;
    this.#rcodeHigh = rcode >> 4;
    return this.#opt.write(reply, at, at + size, sizeMax, this.#rcodeHigh, ede) - at;
  }

  /** What is left of a reply over the rate: header, question and OPT, cut, so that its asker comes by TCP. */
  #cut(reply: Uint8Array, at: number): number {
    const end = reply[at + 5] === 1 ? questionEnd(reply, at) - at : HEADER_SIZE;
    reply[at + 2]! |= FLAG.TC;
    reply.fill(0, at + 6, at + HEADER_SIZE);
    if (!this.#opt.isPrepared) return end;
    reply[at + 11] = 1;
    return this.#opt.write(reply, at, at + end, UDP_SIZE_PLAIN, this.#rcodeHigh, NO_EDE) - at;
  }
}

/** The class in which the reply at `at` is counted. */
function classOf(reply: Uint8Array, at: number, rcodeHigh: number): number {
  const rcode = (rcodeHigh << 4) | (reply[at + 3]! & 0x0f);
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return ANSWER_CLASS.ERROR;
  return (reply[at + 6]! | reply[at + 7]!) === 0 ? ANSWER_CLASS.NEGATIVE : ANSWER_CLASS.POSITIVE;
}

const NO_OPTIONS = new Uint8Array(0);

/** The same question, with nothing beside it but its OPT. */
function plainQuery(query: Uint8Array, end: number, opt: ParsedOpt | undefined): Uint8Array {
  const options = opt === undefined ? NO_OPTIONS : query.subarray(opt.start, opt.end);
  const plain = new Uint8Array(end + (opt === undefined ? 0 : OPT_SIZE + options.length));
  plain.set(query.subarray(0, end));
  plain.fill(0, 6, HEADER_SIZE);
  if (opt !== undefined) {
    plain[11] = 1;
    plain.set(options, writeOpt(plain, end, opt.udpSize, 0, opt.dnssecOk, options.length));
  }
  return plain;
}
