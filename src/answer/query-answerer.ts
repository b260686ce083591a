// Answers any query. Clients outside `allow` get REFUSED; plain questions go to the zones, then to the cache; the full
// parser looks at everything else: malformed queries, other opcodes and classes, TSIG, names that are not served.
// Replies to clients over their rate are cut at the end.
// RFC 1035 4.1, RFC 6891 6.1, RFC 8906 (answer everything), RFC 8914 (extended errors), RFC 9619 (one question).
import { writeOpt } from "../dns/message.ts";
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
  UDP_SIZE_PLAIN,
} from "../dns/constants.ts";
import { badKeyRecord } from "../dns/tsig.ts";
import type { Tsig } from "../dns/tsig.ts";
import { AddressList } from "../net/address-list.ts";
import { Clock } from "../std/clock.ts";
import type { TableReader } from "../table/reader.ts";
import { DENIAL } from "../table/reason-texts.ts";
import type { Denial } from "../table/reason-texts.ts";
import { CAUSE } from "./answer-note.ts";
import type { AnswerNote, Cause } from "./answer-note.ts";
import type { AnswerSettings } from "./answer-settings.ts";
import { ANSWERED_BY } from "./answered-by.ts";
import { HAND_OVER } from "./answerer.ts";
import type { Answerer } from "./answerer.ts";
import { CacheAnswerer } from "./cache-answerer.ts";
import type { Client } from "./client.ts";
import { newCounters } from "./counters.ts";
import type { AnswerCounters } from "./counters.ts";
import { parseQuery } from "./parse-query.ts";
import type { ParsedOpt, ParsedQuery } from "./parse-query.ts";
import { NO_CLIENT, OUTCOME, QueryContext } from "./query-context.ts";
import type { Outcome } from "./query-context.ts";
import { ANSWER_CLASS, RateLimiter } from "./rate-limiter.ts";
import { ReasonWriter } from "./reason-writer.ts";
import { NO_EDE } from "./reply-opt.ts";
import type { Reply } from "./reply.ts";
import { identityAsked, writeIdentity } from "./server-identity.ts";
import { ZoneAnswerer } from "./zone-answerer.ts";

export class QueryAnswerer implements Answerer {
  readonly #context: QueryContext;
  readonly #zones: ZoneAnswerer;
  readonly #cache: CacheAnswerer | undefined;
  readonly #settings: AnswerSettings;
  readonly #walksSearch: boolean;
  readonly #counters: readonly AnswerCounters[];
  readonly #allow: AddressList | undefined;
  readonly #allowRecursion: AddressList | undefined;
  readonly #limiter: RateLimiter | undefined;
  readonly #reasons: ReasonWriter | undefined;
  readonly #address = new Uint8Array(16);

  /** `seed` as for `Rotation`; `counters`: by the number of the listener. */
  constructor(
    reader: TableReader,
    settings: AnswerSettings,
    seed: number,
    counters: readonly AnswerCounters[] = [newCounters()],
  ) {
    const { allow, allowRecursion, rateLimit, reasons, clock } = settings;
    this.#context = new QueryContext(settings);
    this.#allowRecursion = allowRecursion && new AddressList(allowRecursion);
    this.#reasons =
      reasons && new ReasonWriter(reader, reasons.texts, reasons.toAll ? undefined : this.#allowRecursion);
    this.#zones = new ZoneAnswerer(reader, settings.recursion, seed, this.#reasons);
    this.#cache = settings.cache && new CacheAnswerer(settings.cache, new Clock(clock), seed, this.#reasons);
    this.#settings = settings;
    this.#walksSearch = settings.autopath === true;
    this.#counters = counters;
    this.#allow = allow && new AddressList(allow);
    this.#limiter = rateLimit && new RateLimiter(rateLimit, new Clock(clock));
  }

  answer(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    client: Client,
    note?: AnswerNote,
  ): number {
    const context = this.#context;
    context.begin(query, start, end, reply, replyStart, client);
    return this.#send(context, this.#answer(context, this.#walksSearch), note);
  }

  /** Answers SERVFAIL to a question that can't be asked as it would have to be; for the rest, as `answer`. */
  answerFailure(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    client: Client,
    note?: AnswerNote,
  ): number {
    const context = this.#context;
    context.begin(query, start, end, reply, replyStart, client);
    const isAllowed = this.#allow === undefined || this.#isIn(this.#allow, client);
    return this.#send(context, this.#answerOther(context, isAllowed, false, true), note);
  }

  /** The query without what does not change its answer: what the methods below take. Undefined: no question. */
  toBareQuestion(query: Uint8Array): Uint8Array | undefined {
    const isQuery = query.length >= HEADER_SIZE && (query[2]! & FLAG.QR) === 0;
    const parsed = isQuery ? parseQuery(query) : undefined;
    return parsed?.question === undefined ? undefined : bareQuestion(query, parsed.questionEnd, parsed.opt);
  }

  /** The answer of the local zones alone to a bare question, in `buffer`; undefined: its name lies outside them. */
  answerInside(bare: Uint8Array, buffer: Uint8Array): Uint8Array | undefined {
    const context = this.#context;
    context.begin(bare, 0, bare.length, buffer, 0, NO_CLIENT);
    context.staysInside = true;
    const isAnswered = context.readPlain() && this.#zones.answer(context) === OUTCOME.ANSWERED;
    return isAnswered ? buffer.subarray(0, context.reply.at) : undefined;
  }

  /** As `answer` for a bare question, without a walk of the client's search list. */
  answerUnsearched(bare: Uint8Array, buffer: Uint8Array, client: Client, note?: AnswerNote): number {
    const context = this.#context;
    context.begin(bare, 0, bare.length, buffer, 0, client);
    return this.#send(context, this.#answer(context, false), note);
  }

  /** Answers a bare question with a cache entry, in `buffer`; `aa`: `FLAG.AA` or 0. Returns the reply's size. */
  writeEntry(
    bare: Uint8Array,
    entry: Int32Array,
    buffer: Uint8Array,
    client: Client,
    aa: number,
    note?: AnswerNote,
  ): number {
    const context = this.#context;
    context.begin(bare, 0, bare.length, buffer, 0, client);
    if (this.#cache === undefined || !context.readPlain()) return 0;
    context.isHostsName = this.#zones.isHostsName(context.query);
    this.#cache.write(context, entry, aa);
    return this.#send(context, OUTCOME.ANSWERED, note);
  }

  /** Returns `ANSWERED`, `SILENCE` or `HAND_OVER`. */
  #answer(context: QueryContext, walksSearch: boolean): Outcome {
    if (!context.isQuery) return OUTCOME.SILENCE;
    const isAllowed = this.#allow === undefined || this.#isIn(this.#allow, context.client);
    if (isAllowed) {
      const outcome = this.#answerPlain(context, walksSearch);
      if (outcome === OUTCOME.ANSWERED || outcome === OUTCOME.HAND_OVER) return outcome;
    }
    return this.#answerOther(context, isAllowed, walksSearch);
  }

  /** Counts the reply, cuts it where the client is over its rate, notes it, and returns what `Answerer.answer` does. */
  #send(context: QueryContext, outcome: Outcome, note: AnswerNote | undefined): number {
    if (outcome !== OUTCOME.ANSWERED) return outcome === OUTCOME.SILENCE ? 0 : HAND_OVER;
    const { reply, client, query } = context;
    const isUdp = client.transport === "udp";
    const { udp, stream } = this.#counters[client.listener]!;
    const counters = isUdp ? udp : stream;
    counters.count(context.answeredBy, query.type, reply.rcode, context.querySize, reply.at);
    if (reply.truncated) counters.countTruncated();
    if (query.dnssecOk) counters.countDnssecOk();
    const limiter = this.#limiter;
    if (limiter !== undefined && isUdp && !context.opt.cookieIsValid && limiter.isOver(client, classOf(reply))) {
      counters.countLimited();
      cut(context);
    }
    if (note !== undefined) fillIn(note, context);
    return reply.at;
  }

  /**
   * Answers a plain question: `ANSWERED`, `HAND_OVER`, `NOT_PLAIN`, or `OUTSIDE_NAME` for a name that is not forwarded
   * for this client.
   */
  #answerPlain(context: QueryContext, walksSearch: boolean): Outcome {
    if (!context.readPlain()) return OUTCOME.NOT_PLAIN;
    const outcome = this.#zones.answer(context);
    if (outcome === OUTCOME.ANSWERED)
      return walksSearch && this.#mayBeSearched(context) ? OUTCOME.HAND_OVER : OUTCOME.ANSWERED;
    const isDesired = this.#settings.recursion && context.query.recursionDesired;
    if (!isDesired || !this.#mayRecurse(context.client))
      return outcome === OUTCOME.OUTSIDE_CHAIN || context.isHostsName ? this.#stayInside(context) : outcome;
    if (this.#cache === undefined || outcome === OUTCOME.OUTSIDE_CHAIN) return OUTCOME.HAND_OVER;
    return this.#cache.answer(context) ? OUTCOME.ANSWERED : OUTCOME.HAND_OVER;
  }

  /** Answers a chain that leaves the local zones with its local part, and a name of a hosts file with what it has. */
  #stayInside(context: QueryContext): Outcome {
    context.staysInside = true;
    context.mayForward = false;
    context.readPlain();
    return this.#zones.answer(context);
  }

  /** Whether the reply is NXDOMAIN to a client that may be walking its search list. */
  #mayBeSearched({ reply, query, client }: QueryContext): boolean {
    const isMissing = reply.rcode === RCODE.NXDOMAIN && reply.answers === 0;
    const isAddress = query.type === TYPE.A || query.type === TYPE.AAAA;
    return isMissing && isAddress && query.recursionDesired && this.#mayRecurse(client);
  }

  #mayRecurse(client: Client): boolean {
    return this.#allowRecursion === undefined || this.#isIn(this.#allowRecursion, client);
  }

  #isIn(list: AddressList, client: Client): boolean {
    return list.has(this.#address, client.readAddress(this.#address));
  }

  /** Answers a query that is not a plain question for a local name; with `fails`, no question at all. May allocate. */
  #answerOther(context: QueryContext, isAllowed: boolean, walksSearch: boolean, fails = false): Outcome {
    const { client, opt: replyOpt } = context;
    replyOpt.reset();
    const query = context.bytes.subarray(context.start, context.end);
    context.replaceQuery(query, 0, query.length);
    const isQuery = (query[2]! & FLAG.OPCODE) === 0;
    const parsed = isQuery ? parseQuery(query) : undefined;
    const error = (rcode: number, cause: Cause, ede?: number, denial?: Denial): Outcome =>
      this.#writeError(context, parsed, { rcode, cause, ede, denial });
    if (!isQuery) return error(RCODE.NOTIMP, CAUSE.UNSUPPORTED);
    if (parsed === undefined) return error(RCODE.FORMERR, CAUSE.MALFORMED);
    const { question, opt } = parsed;
    if (opt !== undefined) replyOpt.prepare(query, opt.options, opt.dnssecOk, client);
    const hasTail = client.transport === "https" && parsed.end !== query.length;
    if (hasTail || opt?.options.isMalformedOver(client.transport)) return error(RCODE.FORMERR, CAUSE.MALFORMED);
    if (!isAllowed) return error(RCODE.REFUSED, CAUSE.NOT_ALLOWED, EDE.PROHIBITED);
    if (opt !== undefined && opt.version !== 0) return error(RCODE.BADVERS, CAUSE.UNSUPPORTED);
    if (question === undefined)
      return opt?.options.asksCookie === true
        ? error(RCODE.NOERROR, CAUSE.COOKIE)
        : error(RCODE.FORMERR, CAUSE.MALFORMED);
    if (parsed.tsig !== undefined) return error(RCODE.NOTAUTH, CAUSE.UNSUPPORTED);
    if (fails) return error(RCODE.SERVFAIL, CAUSE.REWRITE);
    if (question.class === CLASS_CH) return this.#answerChaos(context, parsed);
    if (question.class !== CLASS_IN) return error(RCODE.REFUSED, CAUSE.UNSUPPORTED, EDE.NOT_SUPPORTED);
    if (question.type === TYPE.AXFR || question.type === TYPE.IXFR)
      return error(RCODE.REFUSED, CAUSE.UNSUPPORTED, EDE.NOT_SUPPORTED);
    // Records beside the question change nothing: ask again without them.
    const bare = bareQuestion(query, parsed.questionEnd, opt);
    context.replaceQuery(bare, 0, bare.length);
    const outcome = this.#answerPlain(context, walksSearch);
    if (outcome === OUTCOME.ANSWERED || outcome === OUTCOME.HAND_OVER) return outcome;
    if (!this.#mayRecurse(client)) return error(RCODE.REFUSED, CAUSE.NOT_ALLOWED, EDE.PROHIBITED, DENIAL.NOT_ALLOWED);
    const denial = this.#settings.recursion ? DENIAL.NOT_DESIRED : DENIAL.NOT_SERVED;
    return error(RCODE.REFUSED, CAUSE.NOT_SERVED, EDE.NOT_AUTHORITATIVE, denial);
  }

  #answerChaos(context: QueryContext, parsed: ParsedQuery): Outcome {
    const asked = identityAsked(context.bytes, parsed.questionEnd);
    const { nsid } = this.#settings;
    if (asked !== "id" || nsid === undefined) {
      const ede = asked === undefined ? EDE.NOT_SUPPORTED : EDE.PROHIBITED;
      return this.#writeError(context, parsed, { rcode: RCODE.REFUSED, cause: CAUSE.UNSUPPORTED, ede });
    }
    this.#beginReply(context, parsed, RCODE.NOERROR);
    writeIdentity(context.reply, context.query.type, nsid);
    context.cause = CAUSE.IDENTITY;
    context.finish(this.#flags(context));
    return OUTCOME.ANSWERED;
  }

  /** A reply without records; without a parsed query it is the header alone. */
  #writeError(
    context: QueryContext,
    parsed: ParsedQuery | undefined,
    { rcode, cause, ede = NO_EDE, denial }: ErrorReply,
  ): Outcome {
    this.#beginReply(context, parsed, rcode);
    context.ede = ede;
    context.cause = cause;
    if (denial !== undefined) {
      context.resolveNext(context.query.name, 0, context.query.nameSize, HEADER_SIZE);
      context.deny(denial, 0);
      this.#reasons?.write(context);
    }
    context.finish(this.#flags(context));
    if (rcode === RCODE.NOTAUTH && parsed?.tsig !== undefined) appendBadKey(context, parsed.tsig);
    return OUTCOME.ANSWERED;
  }

  #beginReply(context: QueryContext, parsed: ParsedQuery | undefined, rcode: number): void {
    const { reply, bytes, start } = context;
    context.answeredBy = ANSWERED_BY.NONE;
    context.keepSilent();
    context.query.type = parsed?.question?.type ?? 0;
    context.replySizeMax = context.client.transport === "udp" ? UDP_SIZE_PLAIN : MESSAGE_SIZE_MAX;
    reply.begin(context.replySizeMax, bytes, start, parsed?.questionEnd ?? HEADER_SIZE);
    reply.rcode = rcode;
  }

  /** The header flags of a reply that does not come from a zone. */
  #flags({ bytes, start }: QueryContext): number {
    const asked = bytes[start + 2]!;
    if ((asked & FLAG.OPCODE) !== 0) return (FLAG.QR | (asked & FLAG.OPCODE)) << 8;
    return ((FLAG.QR | (asked & FLAG.RD)) << 8) | (this.#settings.recursion ? FLAG.RA : 0);
  }
}

/** A reply without records. */
interface ErrorReply {
  readonly rcode: number;
  readonly cause: Cause;
  readonly ede?: number | undefined;
  /** What the reply denies to the name that was read. */
  readonly denial?: Denial | undefined;
}

function fillIn(note: AnswerNote, { cause, reply, ede }: QueryContext): void {
  note.cause = cause;
  note.rcode = reply.rcode;
  note.ede = ede;
}

/** The class in which the rate limiter counts the reply. */
function classOf({ rcode, answers }: Reply): number {
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return ANSWER_CLASS.ERROR;
  return answers === 0 ? ANSWER_CLASS.NEGATIVE : ANSWER_CLASS.POSITIVE;
}

/** Leaves header, question and OPT of a reply, with TC: the client asks again over TCP. */
function cut(context: QueryContext): void {
  const { reply } = context;
  reply.dropRecords();
  reply.truncated = true;
  context.ede = NO_EDE;
  context.keepSilent();
  context.cause = CAUSE.RATE_LIMITED;
  context.finish(reply.flags);
}

/** Appends the TSIG record that says that the key is unknown, where it fits (RFC 8945 5.2.1). */
function appendBadKey({ reply, bytes, start, client }: QueryContext, tsig: Tsig): void {
  const record = badKeyRecord(tsig, (bytes[start]! << 8) | bytes[start + 1]!);
  if (client.transport === "udp" && reply.at + record.length > UDP_SIZE_PLAIN) return;
  reply.copy(record, 0, record.length);
  reply.bytes[reply.base + 11]!++;
}

const NO_OPTIONS = new Uint8Array(0);

/** The query with its question and OPT alone. */
function bareQuestion(query: Uint8Array, questionEnd: number, opt: ParsedOpt | undefined): Uint8Array {
  const options = opt === undefined ? NO_OPTIONS : query.subarray(opt.start, opt.end);
  const bare = new Uint8Array(questionEnd + (opt === undefined ? 0 : OPT_SIZE + options.length));
  bare.set(query.subarray(0, questionEnd));
  bare.fill(0, 6, HEADER_SIZE);
  if (opt !== undefined) {
    bare[11] = 1;
    bare.set(options, writeOpt(bare, questionEnd, opt.udpSize, 0, opt.dnssecOk, options.length));
  }
  return bare;
}
