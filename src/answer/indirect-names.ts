// Names whose answer is not at their own entry: empty non-terminals, names at or below a zone cut, names that a
// wildcard or a rule stands for, names below a DNAME, and names that are not there. Writes their answers, or says with
// which entry to go on. Knows nothing of transports and headers; allocates nothing after construction.
// RFC 1034 4.3.2 step 3, RFC 4592 (wildcards), RFC 6672 (DNAME), RFC 2308 (negative answers).
import { RCODE, RECORD_HEAD_SIZE, TYPE } from "../dns/constants.ts";
import { NAME_SIZE_MAX } from "../dns/name.ts";
import { ENTRY, ENTRY_FLAG, SET, ZONE } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { readAddressLabel } from "./address-label.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { Reply } from "./reply.ts";

/** What `resolve` returns where it names no entry: the answer is written; the name is not ours; go on with `target`. */
export const ANSWERED = 0;
export const NOT_OURS = -1;
export const REDIRECTED = -2;

const ADDRESS_RULES = ENTRY_FLAG.ADDRESS_LABELS | ENTRY_FLAG.KNOWN_ADDRESS_LABELS;

export class IndirectNames {
  /** The name that a DNAME led to, in the first `targetSize` bytes, and where the reply holds it. */
  readonly target: Uint8Array = new Uint8Array(NAME_SIZE_MAX);
  targetSize = 0;
  targetOffset = 0;
  readonly #reader: TableReader;
  readonly #reply: Reply;
  readonly #records: RecordWriter;
  readonly #key = new Uint8Array(NAME_SIZE_MAX);
  readonly #address = new Uint8Array(16);
  #isReferral = false;
  /** The DNAMEs in the answer: a chain that comes by twice repeats no record. */
  readonly #redirections: Int32Array;
  #redirectionCount = 0;

  /** `redirectionsMax`: how many redirections there can be between two calls of `begin`. */
  constructor(reader: TableReader, reply: Reply, records: RecordWriter, redirectionsMax: number) {
    this.#reader = reader;
    this.#reply = reply;
    this.#records = records;
    this.#redirections = new Int32Array(redirectionsMax);
  }

  /** Begins another answer. */
  begin(): void {
    this.#isReferral = false;
    this.#redirectionCount = 0;
  }

  /** Whether the answer is a referral and nothing else: it is not ours to vouch for. */
  get isReferral(): boolean {
    return this.#isReferral && this.#reply.answers === 0;
  }

  /**
   * Answers a question of `type` for the name in `name[start, end)`, which the reply holds at `owner`; `entry` is its
   * own one, or 0. Returns the entry to answer with, or `ANSWERED`, `NOT_OURS` or `REDIRECTED`.
   */
  resolve(entry: number, name: Uint8Array, start: number, end: number, owner: number, type: number): number {
    const reader = this.#reader;
    const isThere = entry !== 0 && (this.#flags(entry) & ENTRY_FLAG.HIDDEN) === 0;
    const isDenied = entry !== 0 && !isThere && reader.words[entry + ENTRY.META]! >>> 24 === end - start;
    const encloser = isThere || isDenied ? entry : reader.findEncloser(name, start, end);
    const put = encloser === 0 ? 0 : reader.findPut(encloser, name, end);
    if (put === 0) return NOT_OURS;
    const meta = reader.words[put + ENTRY.META]!;
    const flags = (meta >>> 16) & 0xff;
    if ((flags & ENTRY_FLAG.FOREIGN) !== 0) return NOT_OURS;
    const isBelow = end - start > (meta & 0xff);
    const above = owner + end - start - (meta & 0xff);
    if ((flags & ENTRY_FLAG.CUT) !== 0) {
      // Of the child's name the parent has one thing to say (RFC 4035 3.1.4.1).
      if (!isBelow && type === TYPE.DS) return put;
      return this.#refer(put, above);
    }
    if (isBelow && (flags & ENTRY_FLAG.REDIRECTS) !== 0) return this.#redirect(put, name, start, end, owner, type);
    if (!isThere && !isDenied && put === encloser) {
      if ((flags & ENTRY_FLAG.WILDCARD) !== 0) {
        const wildcard = this.#findWildcard(name, end - (meta & 0xff), end);
        if (wildcard !== 0) return wildcard;
      }
      if ((flags & ADDRESS_RULES) !== 0 && this.#spell(put, name, start, end, owner, type)) return ANSWERED;
    }
    if (!isThere) this.#reply.rcode = RCODE.NXDOMAIN;
    this.#records.writeSoa(reader.words[put + ENTRY.ZONE]!, owner + end - start - (meta >>> 24), true);
    return ANSWERED;
  }

  /**
   * The entry that answers for DS of the name in `name[start, end)`, whose own one is `entry`: that of the zone around
   * where the name is a zone's apex (RFC 4035 3.1.4.1), and there is one of another SOA.
   */
  parentSide(entry: number, name: Uint8Array, start: number, end: number): number {
    const { words } = this.#reader;
    const above = start + 1 + name[start]!;
    if (words[entry + ENTRY.META]! >>> 24 !== end - start || above >= end) return entry;
    const parent = this.#reader.find(name, above, end);
    const put = parent === 0 ? 0 : this.#reader.findPut(parent, name, end);
    const isOther = put !== 0 && words[put + ENTRY.ZONE] !== words[entry + ENTRY.ZONE];
    return isOther && (this.#flags(put) & (ENTRY_FLAG.CUT | ENTRY_FLAG.FOREIGN)) === 0 ? put : entry;
  }

  #flags(entry: number): number {
    return (this.#reader.words[entry + ENTRY.META]! >>> 16) & 0xff;
  }

  #refer(cut: number, owner: number): number {
    const set = this.#records.findSet(cut, TYPE.NS);
    this.#isReferral = true;
    if (set !== 0) this.#records.writeReferral(cut, set, owner);
    return ANSWERED;
  }

  /** The entry of `*` below the name in `name[at, end)`. */
  #findWildcard(name: Uint8Array, at: number, end: number): number {
    const size = 2 + end - at;
    if (size > NAME_SIZE_MAX) return 0;
    const key = this.#key;
    key[0] = 1;
    key[1] = 0x2a;
    for (let i = at; i < end; i++) key[2 + i - at] = name[i]!;
    return this.#reader.find(key, 0, size);
  }

  /** Writes the DNAME of the entry `put` and the CNAME that it makes of the name below it. */
  #redirect(put: number, name: Uint8Array, start: number, end: number, owner: number, type: number): number {
    const { words, bytes } = this.#reader;
    const set = this.#records.findSet(put, TYPE.DNAME);
    if (set === 0) return ANSWERED;
    const reply = this.#reply;
    const kept = end - start - (words[put + ENTRY.META]! & 0xff);
    if (!this.#isRepeated(put)) this.#records.writeSet(put, set, owner + kept);
    if (reply.truncated) return ANSWERED;
    const record = put * 4 + words[set + SET.DATA]!;
    const suffix = record + RECORD_HEAD_SIZE;
    const suffixSize = words[set + SET.ANSWER_SIZE]! - RECORD_HEAD_SIZE;
    const size = kept + suffixSize;
    if (size > NAME_SIZE_MAX) {
      // RFC 6672 2.2.
      reply.rcode = RCODE.YXDOMAIN;
      return ANSWERED;
    }
    // What is kept of a name that stands there already stays where it is.
    const target = this.target;
    for (let i = 0; i < kept; i++) target[i] = name[start + i]!;
    for (let i = 0; i < suffixSize; i++) target[kept + i] = bytes[suffix + i]!;
    const ttl =
      (bytes[record + 6]! << 24) | (bytes[record + 7]! << 16) | (bytes[record + 8]! << 8) | bytes[record + 9]!;
    if (!reply.writeHead(owner, TYPE.CNAME, ttl, size)) return ANSWERED;
    this.targetSize = size;
    this.targetOffset = reply.at;
    reply.copy(target, 0, size);
    reply.answers++;
    return type === TYPE.CNAME || type === TYPE.ANY ? ANSWERED : REDIRECTED;
  }

  #isRepeated(entry: number): boolean {
    const count = this.#redirectionCount;
    for (let i = 0; i < count; i++) if (this.#redirections[i] === entry) return true;
    this.#redirections[count] = entry;
    this.#redirectionCount = count + 1;
    return false;
  }

  /** Answers a name whose first label spells an address, right below the entry that says so; false: it does not. */
  #spell(rule: number, name: Uint8Array, start: number, end: number, owner: number, type: number): boolean {
    const words = this.#reader.words;
    const meta = words[rule + ENTRY.META]!;
    const parent = start + 1 + name[start]!;
    if (end - parent !== (meta & 0xff)) return false;
    const size = readAddressLabel(name, start + 1, name[start]!, this.#address);
    if (size === 0) return false;
    const isTaken = (meta & (ENTRY_FLAG.ADDRESS_LABELS << 16)) !== 0 || this.#isKnown(size, name, parent, end);
    if (!isTaken) return false;
    const zone = words[rule + ENTRY.ZONE]!;
    const reply = this.#reply;
    const addressType = size === 4 ? TYPE.A : TYPE.AAAA;
    if (type === TYPE.ANY) {
      this.#records.writeHinfo(zone, owner);
    } else if (type !== addressType) {
      this.#records.writeSoa(zone, owner + end - start - (meta >>> 24), true);
    } else if (reply.writeHead(owner, type, words[this.#reader.zoneRecord(zone) + ZONE.TTL]!, size)) {
      reply.copy(this.#address, 0, size);
      reply.answers++;
    }
    return true;
  }

  /** Whether the hidden entry of the address just read stands below the name in `name[at, end)`. */
  #isKnown(size: number, name: Uint8Array, at: number, end: number): boolean {
    const key = this.#key;
    if (1 + size + end - at > NAME_SIZE_MAX) return false;
    key[0] = size;
    for (let i = 0; i < size; i++) key[1 + i] = this.#address[i]!;
    for (let i = at; i < end; i++) key[1 + size + i - at] = name[i]!;
    return this.#reader.find(key, 0, 1 + size + end - at) !== 0;
  }
}
