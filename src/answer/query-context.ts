// The query in hand: its bytes and client, the question parsed from them, the name being resolved, and the reply.
// A thread has one, begins it anew for each query, and every layer of the answer path works on it.
// Allocates nothing after construction.
import { HEADER_SIZE, FLAG, TYPE } from "../dns/constants.ts";
import { AddressList } from "../net/address-list.ts";
import { CAUSE } from "./answer-note.ts";
import type { Cause } from "./answer-note.ts";
import type { Denial } from "../table/reason-texts.ts";
import { ANSWERED_BY } from "./answered-by.ts";
import type { AnswerSettings } from "./answer-settings.ts";
import { KnownClient } from "./client.ts";
import type { Client } from "./client.ts";
import { Query } from "./query.ts";
import { NO_EDE, ReplyOpt } from "./reply-opt.ts";
import type { ExtendedError } from "./reply-opt.ts";
import { Reply } from "./reply.ts";

/** A chain of more CNAMEs than this counts as a loop. */
export const CNAME_COUNT_MAX = 10;

/** What became of a query. */
export const OUTCOME = {
  /** The reply is complete. */
  ANSWERED: 0,
  /** Send nothing. */
  SILENCE: 1,
  /** The answer needs upstreams. */
  HAND_OVER: 2,
  /** Not a plain question (`Query.read`): the full parser decides. */
  NOT_PLAIN: 3,
  /** The name lies outside the local zones. */
  OUTSIDE_NAME: 4,
  /** The name leads out of the local zones through CNAMEs. */
  OUTSIDE_CHAIN: 5,
} as const;
export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

/** The client of a question that the server asks itself. */
export const NO_CLIENT: Client = new KnownClient("tcp");
const NO_BYTES = new Uint8Array(0);

export class QueryContext {
  /** The query as it arrived: `bytes[start, end)`. */
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  /** The size of the query as it arrived, bytes. */
  querySize = 0;
  client: Client = NO_CLIENT;
  /** The question, once `readPlain` has read it. */
  readonly query = new Query();
  readonly reply = new Reply();
  readonly opt: ReplyOpt;
  /** The largest reply that the client accepts, bytes. */
  replySizeMax = 0;
  /** Extended error of the reply (RFC 8914), or `NO_EDE`. */
  ede = NO_EDE;
  /** What the reply denies, with the text of an extended error to say it; undefined: nothing. */
  denial: Denial | undefined = undefined;
  /** The table entry that denies `name`; 0: none. */
  denier = 0;
  /** What made the reply: for logs. */
  cause: Cause = CAUSE.LOCAL;
  /** The part of the server that has the answer, of `ANSWERED_BY`: for counters. */
  answeredBy: number = ANSWERED_BY.NONE;
  /** A chain that leaves the local zones is answered with its local part. */
  staysInside = false;
  /** False: what is not answered here is answered by nobody. */
  mayForward = true;
  /** The question is for a name that a hosts file gives addresses: it exists, whatever upstreams say. */
  isHostsName = false;

  /** What `NameResolution` resolves: the question's name or a CNAME's target, at `owner` of the reply. */
  name: Uint8Array = this.query.name;
  nameStart = 0;
  nameEnd = 0;
  owner = HEADER_SIZE;
  /** The table entry that answers for that name. */
  entry = 0;
  /** False for a referral, and for a zone that is not ready. */
  isAuthoritative = true;
  /** Entries of the DNAMEs in the answer, so that a chain that meets one again does not repeat it. */
  readonly redirections = new Int32Array(CNAME_COUNT_MAX + 1);
  redirectionCount = 0;

  readonly #ednsSize: number;
  readonly #nearSize: number;
  readonly #near: AddressList | undefined;
  readonly #address = new Uint8Array(16);
  /** The text of the extended error, and the code that it has unless `ede` has one. */
  readonly #error: ExtendedError = { code: NO_EDE, bytes: NO_BYTES, start: 0, textEnd: 0, end: 0 };

  constructor(settings: AnswerSettings) {
    this.opt = new ReplyOpt(settings);
    this.#ednsSize = settings.ednsSize;
    this.#nearSize = settings.near?.ednsSize ?? 0;
    this.#near = settings.near && new AddressList(settings.near.clients);
  }

  /** Begins the query in `bytes[start, end)`; its reply goes to `reply` from `replyStart`. */
  begin(bytes: Uint8Array, start: number, end: number, reply: Uint8Array, replyStart: number, client: Client): void {
    this.replaceQuery(bytes, start, end);
    this.querySize = end - start;
    this.client = client;
    this.reply.attach(reply, replyStart);
    this.opt.reset();
    this.ede = NO_EDE;
    this.keepSilent();
    this.cause = CAUSE.LOCAL;
    this.answeredBy = ANSWERED_BY.NONE;
    this.query.dnssecOk = false;
    this.staysInside = false;
    this.mayForward = true;
    this.isHostsName = false;
  }

  /** Goes on with other bytes in place of the query's. */
  replaceQuery(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** Whether it is a query at all. Answering a reply could go on for ever. */
  get isQuery(): boolean {
    return this.end - this.start >= HEADER_SIZE && (this.bytes[this.start + 2]! & FLAG.QR) === 0;
  }

  /**
   * Reads a plain question, prepares the OPT, and begins the reply with header and question. False: the full parser has
   * to look at the query.
   */
  readPlain(): boolean {
    const { bytes, start, end, query, client } = this;
    if (!query.read(bytes, start, end)) return false;
    if (query.type === TYPE.AXFR || query.type === TYPE.IXFR) return false;
    const { transport } = client;
    if (query.options.asked !== 0 && query.options.isMalformedOver(transport)) return false;
    // Over HTTPS trailing bytes are an error (RFC 8484 6); other transports ignore them.
    if (transport === "https" && query.end !== end) return false;
    const sizeMax = query.replySizeMax(transport, this.#ednsSizeOfClient());
    this.replySizeMax = sizeMax;
    const optSize = query.hasOpt ? this.opt.prepare(bytes, query.options, query.dnssecOk, client) : 0;
    this.reply.begin(sizeMax - optSize, bytes, start, HEADER_SIZE + query.nameSize + 4);
    return true;
  }

  /** The size of the largest UDP answer, without regard to what the client advertises. */
  #ednsSizeOfClient(): number {
    // Most clients advertise no more than all get: their addresses don't matter.
    if (this.#near === undefined || this.query.udpSize <= this.#ednsSize) return this.#ednsSize;
    const size = this.client.readAddress(this.#address);
    return this.#near.has(this.#address, size) ? this.#nearSize : this.#ednsSize;
  }

  /** Makes `name[start, end)`, at `owner` of the reply, the name to resolve. */
  resolveNext(name: Uint8Array, start: number, end: number, owner: number): void {
    this.name = name;
    this.nameStart = start;
    this.nameEnd = end;
    this.owner = owner;
  }

  /** Notes that `denier` denies the name that is being resolved. */
  deny(denial: Denial, denier: number): void {
    this.denial = denial;
    this.denier = denier;
  }

  /**
   * Gives the reply an extended error with the text in `bytes[start, textEnd)`, and with further ones as options up to
   * `end`; `code`: unless it has one.
   */
  tell(code: number, bytes: Uint8Array, start: number, textEnd: number, end: number = textEnd): void {
    const error = this.#error;
    error.code = code;
    error.bytes = bytes;
    error.start = start;
    error.textEnd = textEnd;
    error.end = end;
  }

  /** Gives the reply no text. */
  keepSilent(): void {
    this.denial = undefined;
    const error = this.#error;
    error.code = NO_EDE;
    error.start = error.textEnd = error.end = 0;
  }

  /** Completes the reply: OPT and header. `flags`: header bytes 2 and 3 without TC and rcode. */
  finish(flags: number): void {
    const { reply, opt } = this;
    reply.writeHeader(flags, opt.isPrepared);
    if (!opt.isPrepared) return;
    const { bytes, base } = reply;
    if (this.ede !== NO_EDE) this.#error.code = this.ede;
    reply.at = opt.write(bytes, base, base + reply.at, this.replySizeMax, reply.rcode >>> 4, this.#error) - base;
  }
}
