// Writes the reply to a rewritten question as the reply to the client's: its question, names changed back, and pointers
// of its own. What does not fit is cut. Allocates nothing for the common types; rdata.ts expands names in others.
// RFC 1035 4.1.4 (compression), RFC 2181 9 (truncation), RFC 3597 4 (names in rdata), RFC 8467 4.1 (padding).
import { FLAG, HEADER_SIZE, MESSAGE_SIZE_MAX, OPT_SIZE, OPTION, POINTER_OFFSET_MAX, TYPE } from "../dns/constants.ts";
import { compressedNameEnd, lowerByte, nameEnd } from "../dns/name.ts";
import { expandRdata, readNames } from "../dns/rdata.ts";
import { RECORD_TYPES } from "../dns/record-types.ts";
import type { RecordType } from "../dns/record-types.ts";
import { NameBuffer } from "./name-buffer.ts";
import type { QueryRewriter } from "./query-rewriter.ts";
import { OPTION_EDE_SIZE, writePadding } from "./reply-opt.ts";

/** Type, class, TTL and RDLENGTH. */
const HEAD_SIZE = 10;
/** Names that later names may point to; with more of them, replies are larger than they need to be. */
const TARGETS_MAX = 32;

/** The types whose name in rdata is changed: how many bytes are before it. NAPTR's name comes after texts. */
const VALUE_OFFSETS: ReadonlyMap<number, number> = new Map([
  [TYPE.NS, 0],
  [TYPE.CNAME, 0],
  [TYPE.PTR, 0],
  [TYPE.DNAME, 0],
  [TYPE.SOA, 0],
  [TYPE.MX, 2],
  [TYPE.SRV, 6],
]);

/** The types whose rdata may have names that are compressed. */
const EXPANDED_TYPES: ReadonlySet<number> = new Set(
  Object.values<RecordType>(RECORD_TYPES)
    .filter(({ fields }) => Object.values(fields).some((kind) => kind.endsWith("Name") && kind !== "plainName"))
    .map(({ code }) => code),
);

export class ReplyRestorer {
  readonly #rewriter: QueryRewriter;
  readonly #name = new NameBuffer();
  /** Where names begin that are written without a pointer, and their sizes. */
  readonly #targets = new Uint16Array(TARGETS_MAX);
  readonly #targetSizes = new Uint8Array(TARGETS_MAX);
  #targetCount = 0;
  #source: Uint8Array = new Uint8Array(0);
  #sourceEnd = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #base = 0;
  /** Where the next byte goes, and where records must end, from the first byte of the reply. */
  #at = 0;
  #limit = 0;

  constructor(rewriter: QueryRewriter) {
    this.#rewriter = rewriter;
  }

  /**
   * Writes the reply `source[0, sourceEnd)` to the question that `rewriter` has rewritten, as the reply to the query at
   * `query[start]`, to `reply` from `replyStart` on; it has at most `sizeMax` bytes. Returns its size.
   */
  restore(
    source: Uint8Array,
    sourceEnd: number,
    query: Uint8Array,
    start: number,
    reply: Uint8Array,
    replyStart: number,
    sizeMax: number,
  ): number {
    this.#source = source;
    this.#sourceEnd = sourceEnd;
    this.#bytes = reply;
    this.#base = replyStart;
    this.#at = 0;
    this.#limit = MESSAGE_SIZE_MAX;
    this.#targetCount = 0;
    this.#copy(source, 0, HEADER_SIZE);
    if (source[5] === 0) {
      this.#copy(source, HEADER_SIZE, sourceEnd);
      return this.#at;
    }
    // What has been changed is not what was signed.
    reply[replyStart + 3]! &= ~FLAG.AD;
    this.#copy(query, start + HEADER_SIZE, start + this.#rewriter.questionEnd);
    this.#addTarget(HEADER_SIZE, this.#rewriter.questionEnd - HEADER_SIZE - 4);
    const records = nameEnd(source, HEADER_SIZE)! + 4;
    const opt = this.#findOpt(records);
    this.#limit = sizeMax - (opt === sourceEnd ? 0 : this.#optSize(opt));
    this.#writeSections(records, opt === sourceEnd ? 0 : 1);
    if (opt !== sourceEnd) this.#writeOpt(opt, sizeMax);
    return this.#at;
  }

  /** Where the OPT begins, which is the last record; without one, the end of the reply. */
  #findOpt(records: number): number {
    const source = this.#source;
    const end = this.#sourceEnd;
    let last = end;
    for (let at = records; at < end; at = this.#recordEnd(at)) last = at;
    return last < end && source[last] === 0 && source[last + 1] === 0 && source[last + 2] === TYPE.OPT ? last : end;
  }

  #recordEnd(at: number): number {
    const head = compressedNameEnd(this.#source, at)!;
    return head + HEAD_SIZE + ((this.#source[head + 8]! << 8) | this.#source[head + 9]!);
  }

  /** Writes the records that fit; `optCount`: how many records of the additional section are an OPT. */
  #writeSections(records: number, optCount: number): void {
    const source = this.#source;
    const first = this.#at;
    let at = records;
    const answers = (source[6]! << 8) | source[7]!;
    for (let section = 0; section < 3; section++) {
      const countAt = 6 + 2 * section;
      const count = ((source[countAt]! << 8) | source[countAt + 1]!) - (section === 2 ? optCount : 0);
      const sectionStart = this.#at;
      for (let i = 0; i < count; i++) {
        if (!this.#writeRecord(at)) {
          // Additional records are left out, except those that a referral needs (RFC 9471).
          if (section === 2 && answers > 0) this.#dropFrom(sectionStart, countAt, optCount);
          else this.#cut(first, optCount);
          return;
        }
        at = this.#recordEnd(at);
      }
    }
  }

  #dropFrom(at: number, countAt: number, count: number): void {
    this.#at = at;
    this.#bytes[this.#base + countAt] = 0;
    this.#bytes[this.#base + countAt + 1] = count;
  }

  /** Leaves no records, and says so. */
  #cut(first: number, optCount: number): void {
    for (let section = 0; section < 3; section++) this.#dropFrom(first, 6 + 2 * section, section === 2 ? optCount : 0);
    this.#bytes[this.#base + 2]! |= FLAG.TC;
  }

  /** False: it does not fit. */
  #writeRecord(at: number): boolean {
    const source = this.#source;
    const head = compressedNameEnd(source, at)!;
    const rdata = head + HEAD_SIZE;
    const end = this.#recordEnd(at);
    const type = (source[head]! << 8) | source[head + 1]!;
    if (!this.#writeName(at, "name", true) || !this.#copy(source, head, rdata)) return false;
    const start = this.#at;
    if (!this.#writeRdata(type, rdata, end)) return false;
    const size = this.#at - start;
    this.#bytes[this.#base + start - 2] = size >>> 8;
    this.#bytes[this.#base + start - 1] = size;
    return true;
  }

  #writeRdata(type: number, at: number, end: number): boolean {
    const source = this.#source;
    if (!EXPANDED_TYPES.has(type)) return this.#copy(source, at, end);
    const offset = VALUE_OFFSETS.get(type);
    if (offset === undefined) return this.#writeExpanded(type, at, end);
    const mayPoint = type !== TYPE.SRV && type !== TYPE.DNAME;
    if (!this.#copy(source, at, at + offset) || !this.#writeName(at + offset, "value", mayPoint)) return false;
    if (type !== TYPE.SOA) return true;
    const rname = compressedNameEnd(source, at)!;
    return this.#writeName(rname, undefined, true) && this.#copy(source, compressedNameEnd(source, rname)!, end);
  }

  /** Writes rdata of other types with its names expanded; NAPTR's is changed. */
  #writeExpanded(type: number, at: number, end: number): boolean {
    const expanded = expandRdata(this.#source.subarray(0, this.#sourceEnd), type, at, end);
    if (expanded === undefined) return this.#copy(this.#source, at, end);
    const name = type === TYPE.NAPTR ? readNames(type, expanded).at(-1) : undefined;
    if (name === undefined) return this.#copy(expanded, 0, expanded.length);
    this.#name.set(expanded.subarray(name.start, name.end));
    this.#rewriter.restore(this.#name, "value");
    return this.#copy(expanded, 0, name.start) && this.#copy(this.#name.bytes, 0, this.#name.size);
  }

  /** Writes the name at `at` of the source, changed as `part`; as a pointer where that is possible and permitted. */
  #writeName(at: number, part: "name" | "value" | undefined, mayPoint: boolean): boolean {
    const name = this.#name;
    if (!name.read(this.#source, 0, this.#sourceEnd, at)) return false;
    if (part !== undefined) this.#rewriter.restore(name, part);
    const target = mayPoint && name.size > 2 ? this.#findTarget() : 0;
    if (target !== 0) {
      if (this.#at + 2 > this.#limit) return false;
      this.#bytes[this.#base + this.#at++] = 0xc0 | (target >> 8);
      this.#bytes[this.#base + this.#at++] = target & 0xff;
      return true;
    }
    const start = this.#at;
    if (!this.#copy(name.bytes, 0, name.size)) return false;
    this.#addTarget(start, name.size);
    return true;
  }

  /** Where the name is written already; 0: nowhere. The question's letter case is the client's, for every owner. */
  #findTarget(): number {
    const { bytes, size } = this.#name;
    for (let i = 0; i < this.#targetCount; i++) {
      const target = this.#base + this.#targets[i]!;
      if (this.#targetSizes[i] !== size) continue;
      let same = 0;
      while (same < size && lowerByte(bytes[same]!) === lowerByte(this.#bytes[target + same]!)) same++;
      if (same === size) return this.#targets[i]!;
    }
    return 0;
  }

  #addTarget(at: number, size: number): void {
    if (this.#targetCount === TARGETS_MAX || at > POINTER_OFFSET_MAX) return;
    this.#targets[this.#targetCount] = at;
    this.#targetSizes[this.#targetCount++] = size;
  }

  /** The size of the OPT at `at` without padding and the text of an extended error. */
  #optSize(at: number): number {
    let size = OPT_SIZE;
    for (let option = at + OPT_SIZE; option < this.#sourceEnd; option = this.#optionEnd(option))
      if (this.#isOf(option, OPTION.EDE)) size += OPTION_EDE_SIZE;
      else if (!this.#isOf(option, OPTION.PADDING)) size += this.#optionEnd(option) - option;
    return size;
  }

  #writeOpt(at: number, sizeMax: number): void {
    this.#limit = sizeMax;
    const start = this.#at;
    const source = this.#source;
    this.#copy(source, at, at + OPT_SIZE);
    let isPadded = false;
    let room = sizeMax - start - this.#optSize(at);
    for (let option = at + OPT_SIZE; option < this.#sourceEnd; option = this.#optionEnd(option)) {
      if (this.#isOf(option, OPTION.PADDING)) isPadded = true;
      else if (this.#isOf(option, OPTION.EDE)) room -= this.#writeError(option, room);
      else this.#copy(source, option, this.#optionEnd(option));
    }
    if (isPadded) this.#at = writePadding(this.#bytes, this.#base + this.#at, this.#base, sizeMax) - this.#base;
    const size = this.#at - start - OPT_SIZE;
    this.#bytes[this.#base + start + 9] = size >>> 8;
    this.#bytes[this.#base + start + 10] = size;
  }

  /** Writes an extended error; its text may take `room` bytes, or is left out: records come first. Returns its size. */
  #writeError(at: number, room: number): number {
    const end = this.#optionEnd(at);
    const start = this.#base + this.#at;
    const textSize = end - at - OPTION_EDE_SIZE > room ? 0 : end - at - OPTION_EDE_SIZE;
    this.#copy(this.#source, at, at + OPTION_EDE_SIZE + textSize);
    const size = this.#base + this.#at - start - 4;
    this.#bytes[start + 2] = size >>> 8;
    this.#bytes[start + 3] = size;
    return textSize;
  }

  #optionEnd(at: number): number {
    return at + 4 + ((this.#source[at + 2]! << 8) | this.#source[at + 3]!);
  }

  #isOf(at: number, code: number): boolean {
    return this.#source[at] === 0 && this.#source[at + 1] === code;
  }

  /** Copies `from[start, end)`; false: it does not fit. */
  #copy(from: Uint8Array, start: number, end: number): boolean {
    if (this.#at + end - start > this.#limit) return false;
    const bytes = this.#bytes;
    let at = this.#base + this.#at;
    for (let i = start; i < end; i++) bytes[at++] = from[i]!;
    this.#at = at - this.#base;
    return true;
  }
}
