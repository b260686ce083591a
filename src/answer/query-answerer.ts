// Every query to its answer: plain questions through the data plane's function, all others here. What is malformed,
// of another opcode, class or EDNS version, outside our zones, or too early gets the error that says so.
// RFC 1035 4.1, RFC 6891 6.1, RFC 8906 (answer everything), RFC 8914 (extended errors), RFC 9619 (one question).
import { CLASS_IN, EDE, FLAG, HEADER_SIZE, OPT_SIZE, RCODE, TYPE } from "../dns/constants.ts";
import type { TableReader } from "../table/reader.ts";
import { HAND_OVER } from "./answerer.ts";
import type { Answerer, AnswerKind } from "./answerer.ts";
import { newCounters } from "./counters.ts";
import type { AnswerCounters } from "./counters.ts";
import { parseQuery } from "./parse-query.ts";
import type { ParsedQuery } from "./parse-query.ts";
import { ZoneAnswerer } from "./zone-answerer.ts";
import type { AnswerSettings } from "./zone-answerer.ts";

export class QueryAnswerer implements Answerer {
  readonly #zones: ZoneAnswerer;
  readonly #reader: TableReader;
  readonly #settings: AnswerSettings;
  readonly #counters: AnswerCounters;

  /** `seed` as for `ZoneAnswerer`. */
  constructor(reader: TableReader, settings: AnswerSettings, seed: number, counters: AnswerCounters = newCounters()) {
    this.#zones = new ZoneAnswerer(reader, settings, seed, counters);
    this.#counters = counters;
    this.#reader = reader;
    this.#settings = settings;
  }

  answer(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    kind: AnswerKind,
  ): number {
    const size = this.#zones.answer(query, start, end, reply, replyStart, kind);
    return size === HAND_OVER ? this.answerOther(query.subarray(start, end), reply, replyStart, kind) : size;
  }

  /** Answers a query that the data plane handed over. May allocate. */
  answerOther(query: Uint8Array, reply: Uint8Array, replyStart: number, kind: AnswerKind): number {
    if (query.length < HEADER_SIZE || (query[2]! & FLAG.QR) !== 0) return 0;
    const parsed = (query[2]! & FLAG.OPCODE) === 0 ? parseQuery(query) : undefined;
    const error = (rcode: number, ede?: number): number => {
      const size = this.#writeError(query, parsed, rcode, ede, reply, replyStart);
      (kind === "udp" ? this.#counters.udp : this.#counters.stream).count(parsed?.type ?? 0, rcode, size, false);
      return size;
    };
    if (parsed === undefined) return error((query[2]! & FLAG.OPCODE) === 0 ? RCODE.FORMERR : RCODE.NOTIMP);
    if (parsed.opt !== undefined && parsed.opt.version !== 0) return error(RCODE.BADVERS);
    if (parsed.class !== CLASS_IN) return error(RCODE.REFUSED, EDE.NOT_SUPPORTED);
    if (parsed.hasTsig) return error(RCODE.NOTAUTH);
    if (parsed.type === TYPE.AXFR || parsed.type === TYPE.IXFR) return error(RCODE.REFUSED, EDE.NOT_SUPPORTED);
    // Records beside the question change nothing: ask again without them.
    const plain = plainQuery(query, parsed);
    const size = this.#zones.answer(plain, 0, plain.length, reply, replyStart, kind);
    if (size !== HAND_OVER) return size;
    return this.#isOurs() ? error(RCODE.SERVFAIL, EDE.NOT_READY) : error(RCODE.REFUSED, EDE.NOT_AUTHORITATIVE);
  }

  /** Whether the name of the query read last lies in our zones. */
  #isOurs(): boolean {
    const { name, nameSize } = this.#zones.query;
    return this.#reader.find(name, 0, nameSize) !== 0 || this.#reader.findEncloser(name, 0, nameSize) !== 0;
  }

  /** A reply without records; without a parsed query it is the header alone. */
  #writeError(
    query: Uint8Array,
    parsed: ParsedQuery | undefined,
    rcode: number,
    ede: number | undefined,
    reply: Uint8Array,
    at: number,
  ): number {
    const questionEnd = parsed === undefined ? HEADER_SIZE : parsed.questionEnd;
    const isQuery = (query[2]! & FLAG.OPCODE) === 0;
    reply.fill(0, at, at + HEADER_SIZE);
    reply.set(query.subarray(HEADER_SIZE, questionEnd), at + HEADER_SIZE);
    reply[at] = query[0]!;
    reply[at + 1] = query[1]!;
    reply[at + 2] = FLAG.QR | (query[2]! & (isQuery ? FLAG.OPCODE | FLAG.RD : FLAG.OPCODE));
    reply[at + 3] = (isQuery && this.#settings.recursion ? FLAG.RA : 0) | (rcode & 0x0f);
    reply[at + 5] = parsed === undefined ? 0 : 1;
    if (parsed?.opt === undefined) return questionEnd;
    reply[at + 11] = 1;
    const options = ede === undefined ? [] : [0, 15, 0, 2, ede >> 8, ede & 0xff];
    const { ednsSize } = this.#settings;
    const flags = parsed.opt.dnssecOk ? 0x80 : 0;
    reply.set(
      [0, 0, TYPE.OPT, ednsSize >> 8, ednsSize & 0xff, rcode >> 4, 0, flags, 0, 0, options.length, ...options],
      at + questionEnd,
    );
    return questionEnd + OPT_SIZE + options.length;
  }
}

/** The same question, with nothing beside it but its OPT without options. */
function plainQuery(query: Uint8Array, parsed: ParsedQuery): Uint8Array {
  const plain = new Uint8Array(parsed.questionEnd + (parsed.opt === undefined ? 0 : OPT_SIZE));
  plain.set(query.subarray(0, parsed.questionEnd));
  plain.fill(0, 6, HEADER_SIZE);
  if (parsed.opt !== undefined) {
    plain[11] = 1;
    const { udpSize, dnssecOk } = parsed.opt;
    plain.set([0, 0, TYPE.OPT, udpSize >> 8, udpSize & 0xff, 0, 0, dnssecOk ? 0x80 : 0], parsed.questionEnd);
  }
  return plain;
}
