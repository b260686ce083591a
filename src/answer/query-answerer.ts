// Every query to its answer: who may not ask is refused, plain questions go through the data plane's function, all
// others are answered here. What is malformed, of another opcode, class or EDNS version, outside our zones, or too
// early gets the error that says so. At last, who is over its rate gets a cut reply.
// RFC 1035 4.1, RFC 6891 6.1, RFC 8906 (answer everything), RFC 8914 (extended errors), RFC 9619 (one question).
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
import { AddressList } from "../std/address-list.ts";
import type { TableReader } from "../table/reader.ts";
import type { AnswerSettings } from "./answer-settings.ts";
import { HAND_OVER } from "./answerer.ts";
import type { LateAnswerer } from "./answerer.ts";
import type { Client } from "./client.ts";
import { Clock } from "./clock.ts";
import { newCounters } from "./counters.ts";
import type { AnswerCounters } from "./counters.ts";
import { parseQuery } from "./parse-query.ts";
import type { ParsedOpt, ParsedQuery } from "./parse-query.ts";
import { ANSWER_CLASS, RateLimiter } from "./rate-limiter.ts";
import { ReplyOpt } from "./reply-opt.ts";
import { identityAsked, writeIdentity } from "./server-identity.ts";
import { badKeyRecord } from "./tsig.ts";
import { ZoneAnswerer } from "./zone-answerer.ts";

const NO_EDE = -1;

export class QueryAnswerer implements LateAnswerer {
  readonly #zones: ZoneAnswerer;
  readonly #opt: ReplyOpt;
  readonly #reader: TableReader;
  readonly #settings: AnswerSettings;
  readonly #counters: AnswerCounters;
  readonly #allow: AddressList | undefined;
  readonly #allowRecursion: AddressList | undefined;
  readonly #limiter: RateLimiter | undefined;
  readonly #address = new Uint8Array(16);

  /** `seed` as for `ZoneAnswerer`. */
  constructor(reader: TableReader, settings: AnswerSettings, seed: number, counters: AnswerCounters = newCounters()) {
    const { allow, allowRecursion, rateLimit, clock } = settings;
    this.#opt = new ReplyOpt(settings);
    this.#zones = new ZoneAnswerer(reader, settings, seed, counters, this.#opt);
    this.#counters = counters;
    this.#reader = reader;
    this.#settings = settings;
    this.#allow = allow && new AddressList(allow);
    this.#allowRecursion = allowRecursion && new AddressList(allowRecursion);
    this.#limiter = rateLimit && new RateLimiter(rateLimit, new Clock(clock));
  }

  answer(query: Uint8Array, start: number, end: number, reply: Uint8Array, replyStart: number, client: Client): number {
    this.#opt.reset();
    let size = HAND_OVER;
    const isAllowed = this.#allow === undefined || this.#isIn(this.#allow, client);
    if (isAllowed) size = this.#zones.answer(query, start, end, reply, replyStart, client);
    if (size === HAND_OVER) size = this.#answerOther(query.subarray(start, end), reply, replyStart, client, isAllowed);
    const isLimited = this.#limiter !== undefined && size > 0 && client.transport === "udp" && !this.#opt.cookieIsValid;
    return isLimited && this.#limiter!.isOver(client, classOf(reply, replyStart)) ? this.#cut(reply, replyStart) : size;
  }

  /** What `answer` handed over. */
  answerLate(_query: Uint8Array, _client: Client): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(0));
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
    if (opt?.options.isMalformedOver(client.transport)) return error(RCODE.FORMERR);
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
    const size = this.#zones.answer(plain, 0, plain.length, reply, at, client);
    if (size !== HAND_OVER) return size;
    if (this.#isOurs()) return error(RCODE.SERVFAIL, EDE.NOT_READY);
    const mayRecurse = this.#allowRecursion === undefined || this.#isIn(this.#allowRecursion, client);
    return error(RCODE.REFUSED, mayRecurse ? EDE.NOT_AUTHORITATIVE : EDE.PROHIBITED);
  }

  /** Whether the name of the query read last lies in our zones. */
  #isOurs(): boolean {
    const { name, nameSize } = this.#zones.query;
    return this.#reader.find(name, 0, nameSize) !== 0 || this.#reader.findEncloser(name, 0, nameSize) !== 0;
  }

  #answerChaos(
    query: Uint8Array,
    { question, questionEnd, opt }: ParsedQuery,
    reply: Uint8Array,
    at: number,
    client: Client,
    error: (rcode: number, ede: number) => number,
  ): number {
    const asked = identityAsked(query, questionEnd);
    const { nsid } = this.#settings;
    if (asked !== "id" || nsid === undefined)
      return error(RCODE.REFUSED, asked === undefined ? EDE.NOT_SUPPORTED : EDE.PROHIBITED);
    const size = writeIdentity(query, questionEnd, nsid, reply, at, opt !== undefined);
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
    const questionEnd = parsed === undefined ? HEADER_SIZE : parsed.questionEnd;
    const isQuery = (query[2]! & FLAG.OPCODE) === 0;
    reply.fill(0, at, at + HEADER_SIZE);
    reply.set(query.subarray(HEADER_SIZE, questionEnd), at + HEADER_SIZE);
    reply[at] = query[0]!;
    reply[at + 1] = query[1]!;
    reply[at + 2] = FLAG.QR | (query[2]! & (isQuery ? FLAG.OPCODE | FLAG.RD : FLAG.OPCODE));
    reply[at + 3] = (isQuery && this.#settings.recursion ? FLAG.RA : 0) | (rcode & 0x0f);
    reply[at + 5] = parsed?.question === undefined ? 0 : 1;
    let size = questionEnd;
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
    return this.#opt.write(reply, at, at + size, sizeMax, rcode >> 4, ede) - at;
  }

  /** What is left of a reply over the rate: header, question and OPT, cut, so that its asker comes by TCP. */
  #cut(reply: Uint8Array, at: number): number {
    let end = HEADER_SIZE;
    if (reply[at + 5] === 1) {
      while (reply[at + end] !== 0) end += 1 + reply[at + end]!;
      end += 5;
    }
    reply[at + 2]! |= FLAG.TC;
    reply.fill(0, at + 6, at + HEADER_SIZE);
    if (!this.#opt.isPrepared) return end;
    reply[at + 11] = 1;
    return this.#opt.write(reply, at, at + end, UDP_SIZE_PLAIN, 0, NO_EDE) - at;
  }
}

/** The class in which the reply at `at` is counted. */
function classOf(reply: Uint8Array, at: number): number {
  const rcode = reply[at + 3]! & 0x0f;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return ANSWER_CLASS.ERROR;
  return (reply[at + 6]! | reply[at + 7]!) === 0 ? ANSWER_CLASS.NEGATIVE : ANSWER_CLASS.POSITIVE;
}

/** The same question, with nothing beside it but its OPT. */
function plainQuery(query: Uint8Array, questionEnd: number, opt: ParsedOpt | undefined): Uint8Array {
  const options = opt === undefined ? [] : query.subarray(opt.start, opt.end);
  const plain = new Uint8Array(questionEnd + (opt === undefined ? 0 : OPT_SIZE + options.length));
  plain.set(query.subarray(0, questionEnd));
  plain.fill(0, 6, HEADER_SIZE);
  if (opt !== undefined) {
    plain[11] = 1;
    const { udpSize, dnssecOk } = opt;
    const size = options.length;
    plain.set(
      [0, 0, TYPE.OPT, udpSize >> 8, udpSize & 0xff, 0, 0, dnssecOk ? 0x80 : 0, 0, size >> 8, size & 0xff],
      questionEnd,
    );
    plain.set(options, questionEnd + OPT_SIZE);
  }
  return plain;
}
