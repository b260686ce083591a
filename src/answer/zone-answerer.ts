// Answers plain questions from the compiled zones. Allocates nothing, never waits, never throws on any bytes.
// RFC 1034 4.3.2 (the algorithm), RFC 2308 (negative answers), RFC 2181 9 (truncation).
import { EDE, FLAG, HEADER_SIZE, RCODE, RECORD_HEAD_SIZE, TYPE } from "../dns/constants.ts";
import { ENTRY, ENTRY_FLAG, SET } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { DENIAL } from "../table/reason-texts.ts";
import { CAUSE } from "./answer-note.ts";
import { ANSWERED_BY } from "./answered-by.ts";
import { NameResolution, RESOLUTION } from "./name-resolution.ts";
import { CNAME_COUNT_MAX, OUTCOME } from "./query-context.ts";
import type { Outcome, QueryContext } from "./query-context.ts";
import type { Query } from "./query.ts";
import type { ReasonWriter } from "./reason-writer.ts";
import { RRsetWriter } from "./rrset-writer.ts";

/** The flags of an entry that tell whether its own sets are the answer. */
const PLAIN_MASK = (ENTRY_FLAG.OWNER | ENTRY_FLAG.HIDDEN | ENTRY_FLAG.CUT | ENTRY_FLAG.FOREIGN) << 16;
const PLAIN = ENTRY_FLAG.OWNER << 16;

export class ZoneAnswerer {
  readonly #reader: TableReader;
  readonly #recursion: boolean;
  readonly #rrsets: RRsetWriter;
  readonly #names: NameResolution;
  readonly #reasons: ReasonWriter | undefined;

  /** `recursion`: names outside the zones can be forwarded. `seed` as for `Rotation`. */
  constructor(reader: TableReader, recursion: boolean, seed: number, reasons?: ReasonWriter) {
    this.#reasons = reasons;
    this.#reader = reader;
    this.#recursion = recursion;
    this.#rrsets = new RRsetWriter(reader, seed);
    this.#names = new NameResolution(reader, this.#rrsets);
  }

  /** Answers the plain question that the context has read: `ANSWERED`, `OUTSIDE_NAME` or `OUTSIDE_CHAIN`. */
  answer(context: QueryContext): Outcome {
    const outcome = this.#resolve(context);
    if (outcome !== OUTCOME.ANSWERED) return outcome;
    if (context.denial !== undefined) this.#reasons?.write(context);
    const high = FLAG.QR | (context.isAuthoritative ? FLAG.AA : 0) | (context.query.recursionDesired ? FLAG.RD : 0);
    context.finish((high << 8) | (this.#recursion ? FLAG.RA : 0));
    return OUTCOME.ANSWERED;
  }

  /** Whether a hosts file gives the name of the question addresses, and leaves the rest to upstreams. */
  isHostsName({ name, nameSize }: Query): boolean {
    const entry = this.#reader.find(name, 0, nameSize);
    return entry !== 0 && this.#reader.isHostsLine(entry);
  }

  /** Writes all sections. Hot loop: one turn for each CNAME, mostly one turn; so the name is in local variables. */
  #resolve(context: QueryContext): Outcome {
    const reader = this.#reader;
    const rrsets = this.#rrsets;
    const { query, reply } = context;
    const { type } = query;
    const isReady = reader.isReady;
    let name = query.name;
    let start = 0;
    let end = query.nameSize;
    let owner = HEADER_SIZE;
    context.isAuthoritative = true;
    context.redirectionCount = 0;
    context.keepSilent();
    for (let hops = 0; ; hops++) {
      if (!isReady && !reader.isNameReady(name, start, end) && !this.#isThere(name, start, end, type))
        return this.#answerNotReady(context, name, start, end);
      let entry = reader.find(name, start, end);
      if (entry === 0 || (reader.words[entry + ENTRY.META]! & PLAIN_MASK) !== PLAIN) {
        context.resolveNext(name, start, end, owner);
        const resolution = this.#names.resolve(context, entry);
        if (resolution === RESOLUTION.ANSWERED) {
          context.answeredBy = reader.kindOf(context.entry);
          return OUTCOME.ANSWERED;
        }
        if (resolution === RESOLUTION.OUTSIDE) return this.#leave(context, hops);
        if (resolution === RESOLUTION.REDIRECTED) {
          if (hops === CNAME_COUNT_MAX) return answerLoop(context);
          ({ name, nameStart: start, nameEnd: end, owner } = context);
          continue;
        }
        entry = context.entry;
      }
      context.answeredBy = reader.kindOf(entry);
      const set = rrsets.findSet(entry, type);
      if (set === 0) {
        if (type === TYPE.DS) {
          entry = this.#names.parentSide(entry, name, start, end);
          if (!reader.isZoneReady(reader.zoneOf(entry))) return this.#answerNotReady(context, name, start, end);
        }
        rrsets.writeWithoutSet(reply, entry, type, end - start, owner);
        if (reply.authority > 0) {
          context.resolveNext(name, start, end, owner);
          context.deny(DENIAL.RECORDS, entry);
        }
        return OUTCOME.ANSWERED;
      }
      const isAlias = (reader.words[set]! & 0xffff) === TYPE.CNAME && type !== TYPE.CNAME && type !== TYPE.ANY;
      if (isAlias && hops === CNAME_COUNT_MAX) return answerLoop(context);
      rrsets.writeSet(reply, entry, set, owner);
      if (!isAlias || reply.truncated) return OUTCOME.ANSWERED;
      name = reader.bytes;
      start = entry * 4 + reader.words[set + SET.DATA]! + RECORD_HEAD_SIZE;
      end = start + reader.words[set + SET.ANSWER_SIZE]! - RECORD_HEAD_SIZE;
      owner = reply.at - (end - start);
    }
  }

  /**
   * Whether a zone that is ready in part has records for the question that no later object of the cluster denies. What
   * tells of the zone itself, such as its SOA, comes with the whole zone.
   */
  #isThere(name: Uint8Array, start: number, end: number, type: number): boolean {
    const { words } = this.#reader;
    const entry = this.#reader.find(name, start, end);
    if (entry === 0 || (words[entry + ENTRY.META]! & PLAIN_MASK) !== PLAIN) return false;
    if (!this.#reader.isZoneReadyInPart(this.#reader.zoneOf(entry))) return false;
    const isOfObjects = type === TYPE.A || type === TYPE.AAAA || type === TYPE.SRV || type === TYPE.PTR;
    return isOfObjects && this.#rrsets.findSet(entry, type) !== 0;
  }

  /** The name, or the chain to it, ends in a zone that is not loaded, or may be in one that is not known yet. */
  #answerNotReady(context: QueryContext, name: Uint8Array, start: number, end: number): Outcome {
    context.reply.dropRecords();
    context.reply.rcode = RCODE.SERVFAIL;
    context.isAuthoritative = false;
    context.answeredBy = ANSWERED_BY.NONE;
    context.ede = EDE.NOT_READY;
    context.cause = CAUSE.NOT_READY;
    const zone = this.#reader.findZone(name, start, end);
    context.resolveNext(name, start, end, HEADER_SIZE);
    context.deny(zone === 0 ? DENIAL.NOT_LOADED : DENIAL.ZONE_NOT_LOADED, zone);
    return OUTCOME.ANSWERED;
  }

  /** The name after so many CNAMEs lies outside the local zones. */
  #leave(context: QueryContext, hops: number): Outcome {
    if (hops === 0) return OUTCOME.OUTSIDE_NAME;
    const isForwarded = this.#recursion && context.query.recursionDesired && !context.staysInside;
    return isForwarded ? OUTCOME.OUTSIDE_CHAIN : OUTCOME.ANSWERED;
  }
}

/** The chain of CNAMEs does not end: none of it is of use. */
function answerLoop(context: QueryContext): Outcome {
  context.reply.dropRecords();
  context.reply.rcode = RCODE.SERVFAIL;
  context.cause = CAUSE.LOOP;
  context.deny(DENIAL.LOOP, 0);
  return OUTCOME.ANSWERED;
}
