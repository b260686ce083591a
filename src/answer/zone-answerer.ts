// The data plane's one function: a plain question for a name inside our zones to its answer, out of the compiled
// zone. Allocates nothing, never waits, never throws on any bytes. What it can't answer at once it hands over.
// RFC 1034 4.3.2 (the algorithm), RFC 2308 (negative answers), RFC 2181 9 (truncation), RFC 6891 (EDNS).
import {
  CLASS_IN,
  FLAG,
  HEADER_SIZE,
  MESSAGE_SIZE_MAX,
  OPT_SIZE,
  POINTER_OFFSET_MAX,
  RCODE,
  RECORD_HEAD_SIZE,
} from "../dns/constants.ts";
import { TYPE, UDP_SIZE_PLAIN } from "../dns/constants.ts";
import { ENTRY, ENTRY_FLAG, SET, ZONE } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { readAddressLabel } from "./address-label.ts";
import { HAND_OVER, type Answerer, type AnswerKind } from "./answerer.ts";
import { newCounters, type AnswerCounters } from "./counters.ts";
import { Query } from "./query.ts";

/** A chain of more CNAMEs than this is taken for a loop. */
export const CNAME_COUNT_MAX = 10;

export interface AnswerSettings {
  /** Largest UDP answer, bytes. */
  readonly ednsSize: number;
  /** Whether names outside our zones can be asked elsewhere. */
  readonly recursion: boolean;
}

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
  #random: number;

  // The reply being written: positions count from the message's first byte.
  #reply: Uint8Array = new Uint8Array(0);
  #base = 0;
  #at = 0;
  #limit = 0;
  #answers = 0;
  #authority = 0;
  #additional = 0;
  #rcode = 0;
  #truncated = false;

  /** `seed`: any number, not the same for two answerers, so that their rotations differ. */
  constructor(reader: TableReader, settings: AnswerSettings, seed: number, counters: AnswerCounters = newCounters()) {
    this.#reader = reader;
    this.#counters = counters;
    this.#ednsSize = settings.ednsSize;
    this.#recursion = settings.recursion;
    this.#random = seed | 1;
  }

  /** As `Answerer.answer`, but HAND_OVER for every query that is not plain, not ours, or not to be had at once. */
  answer(
    bytes: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    kind: AnswerKind,
  ): number {
    // No query at all, or somebody's answer: answering that could go on for ever.
    if (end - start < HEADER_SIZE || (bytes[start + 2]! & FLAG.QR) !== 0) return 0;
    const query = this.query;
    if (!query.read(bytes, start, end) || !this.#reader.ready) return HAND_OVER;
    if (query.type === TYPE.AXFR || query.type === TYPE.IXFR) return HAND_OVER;
    let limit = MESSAGE_SIZE_MAX;
    if (kind === "udp") {
      limit = UDP_SIZE_PLAIN;
      if (query.hasOpt && query.udpSize > limit)
        limit = query.udpSize < this.#ednsSize ? query.udpSize : this.#ednsSize;
    }
    this.#reply = reply;
    this.#base = replyStart;
    this.#limit = query.hasOpt ? limit - OPT_SIZE : limit;
    this.#answers = this.#authority = this.#additional = this.#rcode = 0;
    this.#truncated = false;
    const questionEnd = HEADER_SIZE + query.nameSize + 4;
    for (let i = 0; i < questionEnd; i++) reply[replyStart + i] = bytes[start + i]!;
    this.#at = questionEnd;
    if (!this.#resolve()) return HAND_OVER;
    this.#writeHeader();
    if (query.hasOpt) this.#writeOpt();
    const counters = kind === "udp" ? this.#counters.udp : this.#counters.stream;
    counters.count(query.type, this.#rcode, this.#at, this.#truncated);
    return this.#at;
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
      if (!isAlias || this.#truncated) return true;
      name = reader.bytes;
      nameStart = entry * 4 + reader.words[set + SET.DATA]! + RECORD_HEAD_SIZE;
      nameEnd = nameStart + reader.words[set + SET.ANSWER_SIZE]! - RECORD_HEAD_SIZE;
      owner = this.#at - (nameEnd - nameStart);
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
    this.#rcode = RCODE.SERVFAIL;
    this.#answers = 0;
    this.#at = HEADER_SIZE + this.query.nameSize + 4;
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
    this.#rcode = RCODE.NXDOMAIN;
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
    const type = size === 4 ? TYPE.A : TYPE.AAAA;
    if (this.query.type === TYPE.ANY) return this.#writeHinfo(zone, owner);
    if (this.query.type !== type) return this.#writeSoa(zone, apex, true);
    const ttl = this.#reader.words[this.#reader.zoneRecord(zone) + ZONE.TTL]!;
    if (!this.#writeHead(owner, type, ttl, size)) return;
    for (let i = 0; i < size; i++) this.#reply[this.#base + this.#at++] = this.#address[i]!;
    this.#answers++;
    return;
  }

  #writeHinfo(zone: number, owner: number): void {
    const ttl = this.#reader.words[this.#reader.zoneRecord(zone) + ZONE.TTL]!;
    if (!this.#writeHead(owner, TYPE.HINFO, ttl, HINFO_RDATA.length)) return;
    for (let i = 0; i < HINFO_RDATA.length; i++) this.#reply[this.#base + this.#at++] = HINFO_RDATA[i]!;
    this.#answers++;
  }

  /** Copies a set's records, rotated, as many as fit, and its additional ones, in whole sets. */
  #writeSet(entry: number, set: number, owner: number): void {
    const words = this.#reader.words;
    const bytes = this.#reader.bytes;
    const size = words[set + SET.ANSWER_SIZE]!;
    const data = entry * 4 + words[set + SET.DATA]!;
    const stride = words[set + SET.TYPE]! >>> 16;
    const count = words[set + SET.COUNTS]! & 0xffff;
    const first = this.#at;
    const room = this.#limit - first;
    let fitting = size;
    let written = count;
    if (size > room) {
      this.#truncated = true;
      fitting = 0;
      written = 0;
      for (let next = recordSize(bytes, data); fitting + next <= room; next = recordSize(bytes, data + fitting)) {
        fitting += next;
        written++;
      }
    }
    if (stride !== 0 && count > 1) this.#copyRotated(data, size, stride, count, fitting);
    else this.#copy(data, data + fitting);
    if (owner !== HEADER_SIZE) this.#pointOwners(first, this.#at, owner);
    this.#answers += written;
    if (this.#truncated || words[set + SET.ADDITIONAL_SIZE] === 0) return;
    const additional = this.#at;
    // Behind a CNAME the records stand further on than behind a question for their own name, and so do their targets.
    const moved = first - (HEADER_SIZE + (words[entry + ENTRY.META]! & 0xff) + 4);
    if (moved !== 0 && additional > POINTER_OFFSET_MAX) return;
    this.#copyAdditional(set, data + size);
    if (moved !== 0) this.#movePointers(additional, this.#at, moved);
  }

  #copy(from: number, to: number): void {
    const bytes = this.#reader.bytes;
    const reply = this.#reply;
    let at = this.#base + this.#at;
    for (let i = from; i < to; i++) reply[at++] = bytes[i]!;
    this.#at = at - this.#base;
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
    this.#copy(data + start, data + start + head);
    this.#copy(data, data + fitting - head);
  }

  #copyAdditional(set: number, data: number): void {
    const words = this.#reader.words;
    const size = words[set + SET.ADDITIONAL_SIZE]!;
    if (size <= this.#limit - this.#at) {
      this.#copy(data, data + size);
      this.#additional += words[set + SET.COUNTS]! >>> 16;
      return;
    }
    const bytes = this.#reader.bytes;
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
      if (end - at <= this.#limit - this.#at) {
        this.#copy(at, end);
        this.#additional += count;
      }
      at = end;
    }
  }

  /** Records are stored as the question's; behind a CNAME they belong to its target. */
  #pointOwners(from: number, to: number, owner: number): void {
    const reply = this.#reply;
    for (let at = this.#base + from; at < this.#base + to; at += recordSize(reply, at)) {
      reply[at] = 0xc0 | (owner >> 8);
      reply[at + 1] = owner & 0xff;
    }
  }

  /** Moves the owners of the records, all pointers, by so many bytes. */
  #movePointers(from: number, to: number, by: number): void {
    const reply = this.#reply;
    for (let at = this.#base + from; at < this.#base + to; at += recordSize(reply, at)) {
      const pointer = ((reply[at]! << 8) | reply[at + 1]!) + by;
      reply[at] = pointer >> 8;
      reply[at + 1] = pointer;
    }
  }

  /** The zone's SOA with its owner at `owner`: as the answer, or in a negative answer's authority. */
  #writeSoa(zone: number, owner: number, negative: boolean): void {
    const words = this.#reader.words;
    const record = this.#reader.zoneRecord(zone);
    const mnameSize = words[record + ZONE.MNAME_SIZE]!;
    const rnameSize = words[record + ZONE.RNAME_SIZE]!;
    const tail = words[record + ZONE.RNAME_TAIL]!;
    const size = mnameSize + rnameSize + (tail < 0 ? 0 : 2) + 20;
    const ttl = words[record + (negative ? ZONE.NEGATIVE_TTL : ZONE.TTL)]!;
    if (!this.#writeHead(owner, TYPE.SOA, ttl, size)) return;
    const mname = this.#at;
    const data = (record + ZONE.BYTES) * 4;
    this.#copy(data, data + mnameSize + rnameSize);
    if (tail >= 0) this.#write16(0xc000 | (mname + tail));
    this.#write32(this.#reader.serial(zone));
    const times = data + mnameSize + rnameSize;
    this.#copy(times, times + 16);
    if (negative) this.#authority++;
    else this.#answers++;
  }

  /** A record's head; false, and the answer is cut, when the whole record does not fit. */
  #writeHead(owner: number, type: number, ttl: number, rdataSize: number): boolean {
    if (this.#at + RECORD_HEAD_SIZE + rdataSize > this.#limit) {
      this.#truncated = true;
      return false;
    }
    this.#write16(0xc000 | owner);
    this.#write16(type);
    this.#write16(CLASS_IN);
    this.#write32(ttl);
    this.#write16(rdataSize);
    return true;
  }

  #write16(value: number): void {
    const at = this.#base + this.#at;
    this.#reply[at] = value >>> 8;
    this.#reply[at + 1] = value;
    this.#at += 2;
  }

  #write32(value: number): void {
    this.#write16(value >>> 16);
    this.#write16(value & 0xffff);
  }

  #writeHeader(): void {
    const reply = this.#reply;
    const base = this.#base;
    reply[base + 2] = FLAG.QR | FLAG.AA | (this.#truncated ? FLAG.TC : 0) | (this.query.recursionDesired ? FLAG.RD : 0);
    reply[base + 3] = (this.#recursion ? FLAG.RA : 0) | this.#rcode;
    reply[base + 4] = 0;
    reply[base + 5] = 1;
    reply[base + 6] = this.#answers >>> 8;
    reply[base + 7] = this.#answers;
    reply[base + 8] = 0;
    reply[base + 9] = this.#authority;
    const additional = this.#additional + (this.query.hasOpt ? 1 : 0);
    reply[base + 10] = additional >>> 8;
    reply[base + 11] = additional;
  }

  /** OPT (RFC 6891 6.1.2): our size, version 0, DO as asked, no options. */
  #writeOpt(): void {
    this.#reply[this.#base + this.#at++] = 0;
    this.#write16(TYPE.OPT);
    this.#write16(this.#ednsSize);
    this.#write32(this.query.dnssecOk ? 0x8000 : 0);
    this.#write16(0);
  }
}

/** The size of the record at `at`, whose owner is a pointer. */
function recordSize(bytes: Uint8Array, at: number): number {
  return RECORD_HEAD_SIZE + ((bytes[at + 10]! << 8) | bytes[at + 11]!);
}
