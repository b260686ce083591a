// The data plane's one function: a plain question for a name inside our zones to its answer, out of the compiled
// zone. Allocates nothing, never waits, never throws on any bytes. What it can't answer at once it hands over.
// RFC 1034 4.3.2 (the algorithm), RFC 2308 (negative answers), RFC 2181 9 (truncation), RFC 6891 (EDNS).
import { FLAG, HEADER_SIZE, RCODE } from "../dns/constants.ts";
import { RECORD_HEAD_SIZE, TYPE } from "../dns/constants.ts";
import { ENTRY, ENTRY_FLAG, SET } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import type { AnswerSettings } from "./answer-settings.ts";
import { HAND_OVER, type Answerer } from "./answerer.ts";
import type { Client } from "./client.ts";
import { newCounters, type AnswerCounters } from "./counters.ts";
import { ANSWERED, IndirectNames, NOT_OURS, REDIRECTED } from "./indirect-names.ts";
import { Query } from "./query.ts";
import { RecordWriter } from "./record-writer.ts";
import { NO_EDE, ReplyOpt } from "./reply-opt.ts";
import { Reply } from "./reply.ts";

/** A chain of more CNAMEs than this is taken for a loop. */
export const CNAME_COUNT_MAX = 10;

/** Whether the name of a question, or the end of its chain of CNAMEs, lies outside our zones. */
export const OUTSIDE = { NO: 0, NAME: 1, CHAIN: 2 } as const;

/** Of an entry's flags: those of a name that is answered with its own sets. */
const PLAIN_MASK = (ENTRY_FLAG.EXPLICIT | ENTRY_FLAG.HIDDEN | ENTRY_FLAG.CUT | ENTRY_FLAG.FOREIGN) << 16;
const PLAIN = ENTRY_FLAG.EXPLICIT << 16;

export class ZoneAnswerer implements Answerer {
  readonly query = new Query();
  /** Of `OUTSIDE`, for the query answered or handed over last. */
  outside: number = OUTSIDE.NO;
  /** A chain that leads outside is answered by what is ours of it, whoever asks. */
  staysInside = false;
  readonly #reader: TableReader;
  readonly #counters: AnswerCounters;
  readonly #ednsSize: number;
  readonly #recursion: boolean;
  readonly #reply = new Reply();
  readonly #records: RecordWriter;
  readonly #indirect: IndirectNames;
  readonly #opt: ReplyOpt;

  /** `seed`: any number, not the same for two answerers, so that their rotations differ. */
  constructor(
    reader: TableReader,
    settings: AnswerSettings,
    seed: number,
    counters: AnswerCounters = newCounters(),
    opt: ReplyOpt = new ReplyOpt(settings),
  ) {
    this.#reader = reader;
    this.#opt = opt;
    this.#counters = counters;
    this.#ednsSize = settings.ednsSize;
    this.#recursion = settings.recursion;
    this.#records = new RecordWriter(reader, this.#reply, seed);
    this.#indirect = new IndirectNames(reader, this.#reply, this.#records, CNAME_COUNT_MAX + 1);
  }

  /** As `Answerer.answer`, but HAND_OVER for every query that is not plain, not ours, or not to be had at once. */
  answer(bytes: Uint8Array, start: number, end: number, room: Uint8Array, roomStart: number, client: Client): number {
    // No query at all, or somebody's answer: answering that could go on for ever.
    if (end - start < HEADER_SIZE || (bytes[start + 2]! & FLAG.QR) !== 0) return 0;
    const query = this.query;
    this.outside = OUTSIDE.NO;
    if (!query.read(bytes, start, end) || !this.#reader.ready) return HAND_OVER;
    if (query.type === TYPE.AXFR || query.type === TYPE.IXFR) return HAND_OVER;
    const { transport } = client;
    if (query.options.asked !== 0 && query.options.isMalformedOver(transport)) return HAND_OVER;
    // A body has no room for what no message needs (RFC 8484 6); elsewhere it is let be.
    if (transport === "https" && query.end !== end) return HAND_OVER;
    const sizeMax = query.replySizeMax(transport, this.#ednsSize);
    const optSize = query.hasOpt ? this.#opt.prepare(bytes, query.options, query.dnssecOk, client) : 0;
    const reply = this.#reply;
    reply.begin(room, roomStart, sizeMax - optSize);
    reply.copy(bytes, start, start + HEADER_SIZE + query.nameSize + 4);
    if (!this.#resolve()) return HAND_OVER;
    const recursive = (query.recursionDesired ? FLAG.RD << 8 : 0) | (this.#recursion ? FLAG.RA : 0);
    const authoritative = this.#indirect.isReferral ? 0 : FLAG.AA;
    reply.writeHeader(((FLAG.QR | authoritative) << 8) | recursive, query.hasOpt);
    let size = reply.at;
    if (query.hasOpt) {
      const high = reply.rcode >>> 4;
      size = this.#opt.write(room, roomStart, roomStart + size, sizeMax, high, NO_EDE) - roomStart;
    }
    const counters = transport === "udp" ? this.#counters.udp : this.#counters.stream;
    counters.count(query.type, reply.rcode, size, reply.truncated);
    return size;
  }

  /** Writes all sections for the question's name; false: hand over. Hot loop: one turn a CNAME, mostly one. */
  #resolve(): boolean {
    const reader = this.#reader;
    const records = this.#records;
    const type = this.query.type;
    let name = this.query.name;
    let nameStart = 0;
    let nameEnd = this.query.nameSize;
    let owner = HEADER_SIZE;
    this.#indirect.begin();
    for (let hops = 0; ; hops++) {
      let entry = reader.find(name, nameStart, nameEnd);
      if (entry === 0 || (reader.words[entry + ENTRY.META]! & PLAIN_MASK) !== PLAIN) {
        entry = this.#indirect.resolve(entry, name, nameStart, nameEnd, owner, type);
        if (entry === ANSWERED) return true;
        if (entry === NOT_OURS) return this.#leave(hops);
        if (entry === REDIRECTED) {
          if (hops === CNAME_COUNT_MAX) return this.#giveUp();
          name = this.#indirect.target;
          nameStart = 0;
          nameEnd = this.#indirect.targetSize;
          owner = this.#indirect.targetOffset;
          continue;
        }
      }
      const set = records.findSet(entry, type);
      if (set === 0) {
        if (type === TYPE.DS) entry = this.#indirect.parentSide(entry, name, nameStart, nameEnd);
        records.writeWithoutSet(entry, type, nameEnd - nameStart, owner);
        return true;
      }
      const isAlias = (reader.words[set]! & 0xffff) === TYPE.CNAME && type !== TYPE.CNAME && type !== TYPE.ANY;
      if (isAlias && hops === CNAME_COUNT_MAX) return this.#giveUp();
      records.writeSet(entry, set, owner);
      if (!isAlias || this.#reply.truncated) return true;
      name = reader.bytes;
      nameStart = entry * 4 + reader.words[set + SET.DATA]! + RECORD_HEAD_SIZE;
      nameEnd = nameStart + reader.words[set + SET.ANSWER_SIZE]! - RECORD_HEAD_SIZE;
      owner = this.#reply.at - (nameEnd - nameStart);
    }
  }

  /** The name after so many CNAMEs lies outside our zones; false: hand over. */
  #leave(hops: number): boolean {
    this.outside = hops === 0 ? OUTSIDE.NAME : OUTSIDE.CHAIN;
    return hops > 0 && (this.staysInside || !(this.#recursion && this.query.recursionDesired));
  }

  /** A chain of CNAMEs that does not end: nothing of it is of use. */
  #giveUp(): boolean {
    const reply = this.#reply;
    reply.rcode = RCODE.SERVFAIL;
    reply.answers = 0;
    reply.at = HEADER_SIZE + this.query.nameSize + 4;
    return true;
  }
}
