// The data plane's one function: a plain question for a name inside our zones to its answer, out of the compiled
// zone. Allocates nothing, never waits, never throws on any bytes. What it can't answer at once it hands over.
// RFC 1034 4.3.2 (the algorithm), RFC 2308 (negative answers), RFC 2181 9 (truncation), RFC 6891 (EDNS).
import { FLAG, HEADER_SIZE, MESSAGE_SIZE_MAX, POINTER_OFFSET_MAX, RCODE } from "../dns/constants.ts";
import { RECORD_HEAD_SIZE, TYPE, UDP_SIZE_PLAIN } from "../dns/constants.ts";
import { ENTRY, ENTRY_FLAG, SET, ZONE } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { readAddressLabel } from "./address-label.ts";
import type { AnswerSettings } from "./answer-settings.ts";
import { HAND_OVER, type Answerer } from "./answerer.ts";
import type { Client } from "./client.ts";
import { newCounters, type AnswerCounters } from "./counters.ts";
import { Query } from "./query.ts";
import { ReplyOpt } from "./reply-opt.ts";
import { recordSize, Reply } from "./reply.ts";

/** A chain of more CNAMEs than this is taken for a loop. */
export const CNAME_COUNT_MAX = 10;

const NO_EDE = -1;

/** HINFO RDATA of the answer to ANY (RFC 8482 4.2). */
const HINFO_RDATA = Uint8Array.from([7, ...Buffer.from("RFC8482"), 0]);

export class ZoneAnswerer implements Answerer {
  readonly query = new Query();
  readonly #reader: TableReader;
  readonly #counters: AnswerCounters;
  readonly #ednsSize: number;
  readonly #recursion: boolean;
  readonly #address = new Uint8Array(16);
  readonly #knownName = new Uint8Array(256);
  readonly #reply = new Reply();
  readonly #opt: ReplyOpt;
  #random: number;

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
    this.#random = seed | 1;
  }

  /** As `Answerer.answer`, but HAND_OVER for every query that is not plain, not ours, or not to be had at once. */
  answer(bytes: Uint8Array, start: number, end: number, room: Uint8Array, roomStart: number, client: Client): number {
    // No query at all, or somebody's answer: answering that could go on for ever.
    if (end - start < HEADER_SIZE || (bytes[start + 2]! & FLAG.QR) !== 0) return 0;
    const query = this.query;
    if (!query.read(bytes, start, end) || !this.#reader.ready) return HAND_OVER;
    if (query.type === TYPE.AXFR || query.type === TYPE.IXFR) return HAND_OVER;
    const { transport } = client;
    const isUdp = transport === "udp";
    let sizeMax = MESSAGE_SIZE_MAX;
    if (isUdp) {
      sizeMax = UDP_SIZE_PLAIN;
      if (query.hasOpt && query.udpSize > sizeMax)
        sizeMax = query.udpSize < this.#ednsSize ? query.udpSize : this.#ednsSize;
    } else if (query.options.asked !== 0 && query.options.isMalformedOver(transport)) return HAND_OVER;
    const optSize = query.hasOpt ? this.#opt.prepare(bytes, query.options, query.dnssecOk, client) : 0;
    const reply = this.#reply;
    reply.begin(room, roomStart, sizeMax - optSize);
    reply.copy(bytes, start, start + HEADER_SIZE + query.nameSize + 4);
    if (!this.#resolve()) return HAND_OVER;
    const recursive = (query.recursionDesired ? FLAG.RD << 8 : 0) | (this.#recursion ? FLAG.RA : 0);
    reply.writeHeader(((FLAG.QR | FLAG.AA) << 8) | recursive, query.hasOpt);
    let size = reply.at;
    if (query.hasOpt) {
      const high = reply.rcode >>> 4;
      size = this.#opt.write(room, roomStart, roomStart + size, sizeMax, high, NO_EDE) - roomStart;
    }
    const counters = isUdp ? this.#counters.udp : this.#counters.stream;
    counters.count(query.type, reply.rcode, size, reply.truncated);
    return size;
  }

  /** Writes all sections for the question's name; false: hand over. Hot loop: one turn a CNAME, mostly one. */
  #resolve(): boolean {
    const reader = this.#reader;
    const type = this.query.type;
    let name = this.query.name;
    let nameStart = 0;
    let nameEnd = this.query.nameSize;
    let owner = HEADER_SIZE;
    for (let hops = 0; ; hops++) {
      const entry = reader.find(name, nameStart, nameEnd);
      if (entry === 0 || this.#isHidden(entry)) return this.#writeMissing(name, nameStart, nameEnd, owner, hops);
      const set = this.#findSet(entry, type);
      if (set === 0) {
        this.#writeWithoutSet(entry, nameEnd - nameStart, owner);
        return true;
      }
      const isAlias = (reader.words[set]! & 0xffff) === TYPE.CNAME && type !== TYPE.CNAME && type !== TYPE.ANY;
      if (isAlias && hops === CNAME_COUNT_MAX) return this.#giveUp();
      this.#writeSet(entry, set, owner);
      if (!isAlias || this.#reply.truncated) return true;
      name = reader.bytes;
      nameStart = entry * 4 + reader.words[set + SET.DATA]! + RECORD_HEAD_SIZE;
      nameEnd = nameStart + reader.words[set + SET.ANSWER_SIZE]! - RECORD_HEAD_SIZE;
      owner = this.#reply.at - (nameEnd - nameStart);
    }
  }

  #isHidden(entry: number): boolean {
    return (this.#reader.words[entry + ENTRY.META]! & (ENTRY_FLAG.HIDDEN << 16)) !== 0;
  }

  /** The entry's set of `type`, else its CNAME, else 0. */
  #findSet(entry: number, type: number): number {
    const words = this.#reader.words;
    const meta = words[entry + ENTRY.META]!;
    let set = entry + ENTRY.NAME + (((meta & 0xff) + 3) >> 2);
    for (let i = (meta >>> 8) & 0xff; i > 0; i--, set += SET.WORDS) {
      const setType = words[set]! & 0xffff;
      if (setType === type || setType === TYPE.CNAME) return set;
    }
    return 0;
  }

  /** The name exists, and no set of it fits the question's type. */
  #writeWithoutSet(entry: number, nameSize: number, owner: number): void {
    const meta = this.#reader.words[entry + ENTRY.META]!;
    const apexSize = meta >>> 24;
    const zone = this.#reader.words[entry + ENTRY.ZONE]! & 0xffff;
    const isApex = apexSize === nameSize;
    if (this.query.type === TYPE.SOA && isApex) {
      this.#writeSoa(zone, owner, false);
    } else if (this.query.type === TYPE.ANY && (isApex || (meta & 0xff00) !== 0)) {
      this.#writeHinfo(zone, owner);
    } else {
      this.#writeSoa(zone, owner + nameSize - apexSize, true);
    }
  }

  /** A chain of CNAMEs that does not end: nothing of it is of use. */
  #giveUp(): boolean {
    const reply = this.#reply;
    reply.rcode = RCODE.SERVFAIL;
    reply.answers = 0;
    reply.at = HEADER_SIZE + this.query.nameSize + 4;
    return true;
  }

  /** The name is not in the table: outside our zones, spelled by a rule, or not there. False: hand over. */
  #writeMissing(name: Uint8Array, start: number, end: number, owner: number, hops: number): boolean {
    const reader = this.#reader;
    const words = reader.words;
    const entry = reader.findEncloser(name, start, end);
    if (entry === 0) return hops > 0 && !(this.#recursion && this.query.recursionDesired);
    const meta = words[entry + ENTRY.META]!;
    const zone = words[entry + ENTRY.ZONE]! & 0xffff;
    const rule = (meta >>> 16) & (ENTRY_FLAG.ADDRESS_LABELS | ENTRY_FLAG.KNOWN_ADDRESS_LABELS);
    const apex = owner + (end - start) - (meta >>> 24);
    const parent = start + 1 + name[start]!;
    if (rule !== 0 && end - parent === (meta & 0xff)) {
      const size = readAddressLabel(name, start + 1, name[start]!, this.#address);
      if (size !== 0 && (rule === ENTRY_FLAG.ADDRESS_LABELS || this.#isKnown(size, name, parent, end))) {
        this.#writeSpelled(zone, size, owner, apex);
        return true;
      }
    }
    this.#reply.rcode = RCODE.NXDOMAIN;
    this.#writeSoa(zone, apex, true);
    return true;
  }

  /** Whether the hidden entry of the address just read stands below the name in `name[at, end)`. */
  #isKnown(size: number, name: Uint8Array, at: number, end: number): boolean {
    const key = this.#knownName;
    if (1 + size + end - at > 255) return false;
    key[0] = size;
    for (let i = 0; i < size; i++) key[1 + i] = this.#address[i]!;
    for (let i = at; i < end; i++) key[1 + size + i - at] = name[i]!;
    return this.#reader.find(key, 0, 1 + size + end - at) !== 0;
  }

  /** The answer of a name that spells an address. */
  #writeSpelled(zone: number, size: number, owner: number, apex: number): void {
    const reply = this.#reply;
    const type = size === 4 ? TYPE.A : TYPE.AAAA;
    if (this.query.type === TYPE.ANY) return this.#writeHinfo(zone, owner);
    if (this.query.type !== type) return this.#writeSoa(zone, apex, true);
    const ttl = this.#reader.words[this.#reader.zoneRecord(zone) + ZONE.TTL]!;
    if (!reply.writeHead(owner, type, ttl, size)) return;
    reply.copy(this.#address, 0, size);
    reply.answers++;
  }

  #writeHinfo(zone: number, owner: number): void {
    const reply = this.#reply;
    const ttl = this.#reader.words[this.#reader.zoneRecord(zone) + ZONE.TTL]!;
    if (!reply.writeHead(owner, TYPE.HINFO, ttl, HINFO_RDATA.length)) return;
    reply.copy(HINFO_RDATA, 0, HINFO_RDATA.length);
    reply.answers++;
  }

  /** Copies a set's records, rotated, as many as fit, and its additional ones, in whole sets. */
  #writeSet(entry: number, set: number, owner: number): void {
    const reply = this.#reply;
    const words = this.#reader.words;
    const bytes = this.#reader.bytes;
    const size = words[set + SET.ANSWER_SIZE]!;
    const data = entry * 4 + words[set + SET.DATA]!;
    const stride = words[set + SET.TYPE]! >>> 16;
    const count = words[set + SET.COUNTS]! & 0xffff;
    const first = reply.at;
    const room = reply.limit - first;
    let fitting = size;
    let written = count;
    if (size > room) {
      reply.truncated = true;
      fitting = 0;
      written = 0;
      for (let next = recordSize(bytes, data); fitting + next <= room; next = recordSize(bytes, data + fitting)) {
        fitting += next;
        written++;
      }
    }
    if (stride !== 0 && count > 1) this.#copyRotated(data, size, stride, count, fitting);
    else reply.copy(bytes, data, data + fitting);
    if (owner !== HEADER_SIZE) reply.pointOwners(first, owner);
    reply.answers += written;
    if (reply.truncated || words[set + SET.ADDITIONAL_SIZE] === 0) return;
    const additional = reply.at;
    // Behind a CNAME the records stand further on than behind a question for their own name, and so do their targets.
    const moved = first - (HEADER_SIZE + (words[entry + ENTRY.META]! & 0xff) + 4);
    if (moved !== 0 && additional > POINTER_OFFSET_MAX) return;
    this.#copyAdditional(set, data + size);
    if (moved !== 0) reply.movePointers(additional, moved);
  }

  /** Copies `fitting` bytes of the set from a record chosen anew each time, wrapping round. */
  #copyRotated(data: number, size: number, stride: number, count: number, fitting: number): void {
    // xorshift32 (Marsaglia): a counter would fall in step with clients that ask A, AAAA, A, AAAA.
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    const start = (((random >>> 17) * count) >>> 15) * stride;
    const head = size - start < fitting ? size - start : fitting;
    const bytes = this.#reader.bytes;
    this.#reply.copy(bytes, data + start, data + start + head);
    this.#reply.copy(bytes, data, data + fitting - head);
  }

  #copyAdditional(set: number, data: number): void {
    const words = this.#reader.words;
    const bytes = this.#reader.bytes;
    const reply = this.#reply;
    const size = words[set + SET.ADDITIONAL_SIZE]!;
    if (size <= reply.limit - reply.at) {
      reply.copy(bytes, data, data + size);
      reply.additional += words[set + SET.COUNTS]! >>> 16;
      return;
    }
    for (let at = data; at < data + size;) {
      let end = at;
      let count = 0;
      // One set: the records of the same owner pointer and type.
      while (
        end < data + size &&
        bytes[end] === bytes[at] &&
        bytes[end + 1] === bytes[at + 1] &&
        bytes[end + 3] === bytes[at + 3]
      ) {
        end += recordSize(bytes, end);
        count++;
      }
      if (end - at <= reply.limit - reply.at) {
        reply.copy(bytes, at, end);
        reply.additional += count;
      }
      at = end;
    }
  }

  /** The zone's SOA with its owner at `owner`: as the answer, or in a negative answer's authority. */
  #writeSoa(zone: number, owner: number, negative: boolean): void {
    const reply = this.#reply;
    const { words, bytes } = this.#reader;
    const record = this.#reader.zoneRecord(zone);
    const mnameSize = words[record + ZONE.MNAME_SIZE]!;
    const rnameSize = words[record + ZONE.RNAME_SIZE]!;
    const tail = words[record + ZONE.RNAME_TAIL]!;
    const size = mnameSize + rnameSize + (tail < 0 ? 0 : 2) + 20;
    const ttl = words[record + (negative ? ZONE.NEGATIVE_TTL : ZONE.TTL)]!;
    if (!reply.writeHead(owner, TYPE.SOA, ttl, size)) return;
    const mname = reply.at;
    const data = (record + ZONE.BYTES) * 4;
    reply.copy(bytes, data, data + mnameSize + rnameSize);
    if (tail >= 0) reply.write16(0xc000 | (mname + tail));
    reply.write32(this.#reader.serial(zone));
    const times = data + mnameSize + rnameSize;
    reply.copy(bytes, times, times + 16);
    if (negative) reply.authority++;
    else reply.answers++;
  }
}
