// Names that have no answer at an entry of their own: empty non-terminals, names at or below a delegation or a DNAME,
// names that a wildcard or a rule synthesizes, and names that do not exist. Starts from the closest encloser.
// Knows no transports or headers; allocates nothing after construction.
// RFC 1034 4.3.2 step 3, RFC 4592 (wildcards), RFC 6672 (DNAME), RFC 2308 (negative answers).
import { RCODE, RECORD_HEAD_SIZE, TYPE } from "../dns/constants.ts";
import { NAME_SIZE_MAX } from "../dns/name.ts";
import { ENTRY, ENTRY_FLAG, SET, ZONE_SOA } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { DENIAL } from "../table/reason-texts.ts";
import { readAddressLabel } from "./address-label.ts";
import { CAUSE } from "./answer-note.ts";
import type { QueryContext } from "./query-context.ts";
import type { RRsetWriter } from "./rrset-writer.ts";

/** How a name resolves. */
export const RESOLUTION = {
  /** `context.entry` has the answer. */
  ENTRY: 0,
  /** The answer is written. */
  ANSWERED: 1,
  /** The name lies outside the local zones. */
  OUTSIDE: 2,
  /** A DNAME leads to the name that the context now has. */
  REDIRECTED: 3,
} as const;
export type Resolution = (typeof RESOLUTION)[keyof typeof RESOLUTION];

const ADDRESS_RULES = ENTRY_FLAG.ADDRESS_LABELS | ENTRY_FLAG.KNOWN_ADDRESS_LABELS;

export class NameResolution {
  readonly #reader: TableReader;
  readonly #rrsets: RRsetWriter;
  /** Scratch memory: the target of a DNAME, a name to look up, an address. */
  readonly #target = new Uint8Array(NAME_SIZE_MAX);
  readonly #key = new Uint8Array(NAME_SIZE_MAX);
  readonly #address = new Uint8Array(16);

  constructor(reader: TableReader, rrsets: RRsetWriter) {
    this.#reader = reader;
    this.#rrsets = rrsets;
  }

  /** Resolves the context's name, whose own entry is `entry`, 0 for none. */
  resolve(context: QueryContext, entry: number): Resolution {
    const reader = this.#reader;
    const { name, nameStart, nameEnd, query } = context;
    const size = nameEnd - nameStart;
    const exists = entry !== 0 && (this.#flags(entry) & ENTRY_FLAG.HIDDEN) === 0;
    const isDeniedApex = entry !== 0 && !exists && reader.words[entry + ENTRY.META]! >>> 24 === size;
    const encloser = exists || isDeniedApex ? entry : reader.findEncloser(name, nameStart, nameEnd);
    const nearest = encloser === 0 ? 0 : reader.nearestOwner(encloser, name, nameEnd);
    const isLine = nearest !== 0 && reader.isHostsLine(nearest);
    if (isLine && nearest === entry && this.#answersItself(context, entry)) {
      context.entry = entry;
      return RESOLUTION.ENTRY;
    }
    const owner = isLine ? reader.ownerAround(nearest, name, nameEnd) : nearest;
    if (owner === 0 || (this.#flags(owner) & ENTRY_FLAG.FOREIGN) !== 0) {
      context.isHostsName = isLine && nearest === entry;
      return RESOLUTION.OUTSIDE;
    }
    const meta = reader.words[owner + ENTRY.META]!;
    const flags = (meta >>> 16) & 0xff;
    const isBelow = size > (meta & 0xff);
    context.entry = owner;
    if ((flags & ENTRY_FLAG.CUT) !== 0) {
      // At a delegation the parent is authoritative for DS alone (RFC 4035 3.1.4.1).
      if (!isBelow && query.type === TYPE.DS) return RESOLUTION.ENTRY;
      return this.#refer(context);
    }
    if (isBelow && (flags & ENTRY_FLAG.REDIRECTS) !== 0) return this.#redirect(context);
    if (!exists && !isDeniedApex && owner === encloser) {
      if ((flags & ENTRY_FLAG.WILDCARD) !== 0) {
        const wildcard = this.#findWildcard(name, nameEnd - (meta & 0xff), nameEnd);
        if (wildcard !== 0) {
          context.entry = wildcard;
          return RESOLUTION.ENTRY;
        }
      }
      if ((flags & ADDRESS_RULES) !== 0 && this.#synthesizeAddress(context)) return RESOLUTION.ANSWERED;
    }
    if (!exists) context.reply.rcode = RCODE.NXDOMAIN;
    if (isLine && exists) context.deny(DENIAL.RECORDS, nearest);
    else context.deny(exists ? DENIAL.EMPTY : DENIAL.LABEL, owner);
    const apex = context.owner + size - (meta >>> 24);
    this.#rrsets.writeSoa(context.reply, reader.zoneOf(owner), apex, true);
    return RESOLUTION.ANSWERED;
  }

  /**
   * The entry that answers DS for the name in `name[start, end)`, whose own entry is `entry`: for a zone's apex that of
   * the parent zone (RFC 4035 3.1.4.1), where it is a local zone with another SOA.
   */
  parentSide(entry: number, name: Uint8Array, start: number, end: number): number {
    const { words } = this.#reader;
    const above = start + 1 + name[start]!;
    if (words[entry + ENTRY.META]! >>> 24 !== end - start || above >= end) return entry;
    const parent = this.#reader.find(name, above, end);
    const owner = parent === 0 ? 0 : this.#reader.nearestOwner(parent, name, end);
    const isOther = owner !== 0 && this.#reader.zoneOf(owner) !== this.#reader.zoneOf(entry);
    return isOther && (this.#flags(owner) & (ENTRY_FLAG.CUT | ENTRY_FLAG.FOREIGN)) === 0 ? owner : entry;
  }

  /**
   * Whether the line of a hosts file answers the question for its own name: addresses, of which one family may be
   * missing, or a pointer; all types where nothing else can answer.
   */
  #answersItself({ query, mayForward }: QueryContext, line: number): boolean {
    const { type } = query;
    const rrsets = this.#rrsets;
    if (!mayForward || rrsets.findSet(line, type) !== 0) return true;
    if (type !== TYPE.A && type !== TYPE.AAAA && type !== TYPE.ANY) return false;
    return rrsets.findSet(line, TYPE.A) !== 0 || rrsets.findSet(line, TYPE.AAAA) !== 0;
  }

  #flags(entry: number): number {
    return (this.#reader.words[entry + ENTRY.META]! >>> 16) & 0xff;
  }

  /** Writes the referral to the zone that the context's entry delegates. */
  #refer(context: QueryContext): Resolution {
    const { entry } = context;
    const set = this.#rrsets.findSet(entry, TYPE.NS);
    const size = this.#reader.words[entry + ENTRY.META]! & 0xff;
    context.isAuthoritative = context.reply.answers > 0;
    if (!context.isAuthoritative) context.cause = CAUSE.REFERRAL;
    const cut = context.owner + context.nameEnd - context.nameStart - size;
    if (set !== 0) this.#rrsets.writeReferral(context.reply, entry, set, cut);
    return RESOLUTION.ANSWERED;
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

  /** Writes the DNAME of the context's entry and the CNAME synthesized from it for the name below. */
  #redirect(context: QueryContext): Resolution {
    const { words, bytes } = this.#reader;
    const { entry, name, nameStart, nameEnd, owner, reply, query } = context;
    const set = this.#rrsets.findSet(entry, TYPE.DNAME);
    if (set === 0) return RESOLUTION.ANSWERED;
    const kept = nameEnd - nameStart - (words[entry + ENTRY.META]! & 0xff);
    if (!isRepeated(context)) this.#rrsets.writeSet(reply, entry, set, owner + kept);
    if (reply.truncated) return RESOLUTION.ANSWERED;
    const record = entry * 4 + words[set + SET.DATA]!;
    const suffix = record + RECORD_HEAD_SIZE;
    const suffixSize = words[set + SET.ANSWER_SIZE]! - RECORD_HEAD_SIZE;
    const size = kept + suffixSize;
    if (size > NAME_SIZE_MAX) {
      // RFC 6672 2.2.
      reply.rcode = RCODE.YXDOMAIN;
      return RESOLUTION.ANSWERED;
    }
    // The name may be the target of a DNAME before: the labels that it keeps are then in place already.
    const target = this.#target;
    for (let i = 0; i < kept; i++) target[i] = name[nameStart + i]!;
    for (let i = 0; i < suffixSize; i++) target[kept + i] = bytes[suffix + i]!;
    const ttl =
      (bytes[record + 6]! << 24) | (bytes[record + 7]! << 16) | (bytes[record + 8]! << 8) | bytes[record + 9]!;
    if (!reply.writeHead(owner, TYPE.CNAME, ttl, size)) return RESOLUTION.ANSWERED;
    context.resolveNext(target, 0, size, reply.at);
    reply.copy(target, 0, size);
    reply.answers++;
    return query.type === TYPE.CNAME || query.type === TYPE.ANY ? RESOLUTION.ANSWERED : RESOLUTION.REDIRECTED;
  }

  /**
   * Answers for a name right below the context's entry, a rule, whose first label spells an address. False: the name
   * does not exist.
   */
  #synthesizeAddress(context: QueryContext): boolean {
    const { entry, name, nameStart, nameEnd, owner, reply, query } = context;
    const words = this.#reader.words;
    const meta = words[entry + ENTRY.META]!;
    const parent = nameStart + 1 + name[nameStart]!;
    if (nameEnd - parent !== (meta & 0xff)) return false;
    const size = readAddressLabel(name, nameStart + 1, name[nameStart]!, this.#address);
    if (size === 0) return false;
    const isEveryAddress = (meta & (ENTRY_FLAG.ADDRESS_LABELS << 16)) !== 0;
    if (!isEveryAddress && !this.#hasAddressKey(size, name, parent, nameEnd)) return false;
    const zone = this.#reader.zoneOf(entry);
    const addressType = size === 4 ? TYPE.A : TYPE.AAAA;
    if (query.type === TYPE.ANY) {
      this.#rrsets.writeHinfo(reply, zone, owner);
    } else if (query.type !== addressType) {
      this.#rrsets.writeSoa(reply, zone, owner + nameEnd - nameStart - (meta >>> 24), true);
      context.deny(DENIAL.TYPE, entry);
    } else if (reply.writeHead(owner, addressType, words[this.#reader.zoneSoa(zone) + ZONE_SOA.TTL]!, size)) {
      reply.copy(this.#address, 0, size);
      reply.answers++;
    }
    return true;
  }

  /** Whether the address just read has a hidden entry below the name in `name[at, end)`. */
  #hasAddressKey(size: number, name: Uint8Array, at: number, end: number): boolean {
    const key = this.#key;
    if (1 + size + end - at > NAME_SIZE_MAX) return false;
    key[0] = size;
    for (let i = 0; i < size; i++) key[1 + i] = this.#address[i]!;
    for (let i = at; i < end; i++) key[1 + size + i - at] = name[i]!;
    return this.#reader.find(key, 0, 1 + size + end - at) !== 0;
  }
}

/** Whether the answer has the DNAME of the context's entry already; notes it. */
function isRepeated(context: QueryContext): boolean {
  const { entry, redirections, redirectionCount } = context;
  for (let i = 0; i < redirectionCount; i++) if (redirections[i] === entry) return true;
  redirections[redirectionCount] = entry;
  context.redirectionCount = redirectionCount + 1;
  return false;
}
