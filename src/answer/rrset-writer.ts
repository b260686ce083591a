// Writes records of the compiled zones to the reply: RRsets with their additional records, SOA, and the HINFO for ANY.
// Decides nothing about names; owners are offsets in the reply. Allocates nothing after construction.
// RFC 1035 4.1, RFC 2308 3, RFC 2181 9 (truncation), RFC 8482 4.2.
import { HEADER_SIZE, POINTER_OFFSET_MAX, TYPE } from "../dns/constants.ts";
import { ENTRY, SET, ZONE_SOA } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { recordSize, type Reply } from "./reply.ts";
import { Rotation } from "./rotation.ts";

/** HINFO RDATA of the answer to ANY (RFC 8482 4.2). */
const HINFO_RDATA = Uint8Array.from([7, ...Buffer.from("RFC8482"), 0]);

export class RRsetWriter {
  readonly #reader: TableReader;
  readonly #rotation: Rotation;

  /** `seed` as for `Rotation`. */
  constructor(reader: TableReader, seed: number) {
    this.#reader = reader;
    this.#rotation = new Rotation(seed);
  }

  /** The entry's RRset of `type`, else its CNAME, else 0. */
  findSet(entry: number, type: number): number {
    const words = this.#reader.words;
    const meta = words[entry + ENTRY.META]!;
    let set = entry + ENTRY.NAME + (((meta & 0xff) + 3) >> 2);
    for (let i = (meta >>> 8) & 0xff; i > 0; i--, set += SET.WORDS) {
      const setType = words[set]! & 0xffff;
      if (setType === type || setType === TYPE.CNAME) return set;
    }
    return 0;
  }

  /** Writes the RRset as the answer for the name at `owner`: rotated, the records that fit; additional RRsets whole. */
  writeSet(reply: Reply, entry: number, set: number, owner: number): void {
    reply.answers += this.#copySet(reply, entry, set, owner);
  }

  /** Writes the NS RRset of a delegation to the authority section. Without all its glue the reply is cut (RFC 9471). */
  writeReferral(reply: Reply, entry: number, set: number, owner: number): void {
    const before = reply.additional;
    reply.authority += this.#copySet(reply, entry, set, owner);
    if (reply.additional - before < this.#reader.words[set + SET.COUNTS]! >>> 16) reply.truncated = true;
  }

  /** Writes the answer for a name of `nameSize` bytes at `owner` that exists without an RRset of the type. */
  writeWithoutSet(reply: Reply, entry: number, type: number, nameSize: number, owner: number): void {
    const meta = this.#reader.words[entry + ENTRY.META]!;
    const apexSize = meta >>> 24;
    const zone = this.#reader.zoneOf(entry);
    const isApex = apexSize === nameSize;
    if (type === TYPE.SOA && isApex) {
      this.writeSoa(reply, zone, owner, false);
    } else if (type === TYPE.ANY && (isApex || (meta & 0xff00) !== 0)) {
      this.writeHinfo(reply, zone, owner);
    } else {
      this.writeSoa(reply, zone, owner + nameSize - apexSize, true);
    }
  }

  writeHinfo(reply: Reply, zone: number, owner: number): void {
    const ttl = this.#reader.words[this.#reader.zoneSoa(zone) + ZONE_SOA.TTL]!;
    if (!reply.writeHead(owner, TYPE.HINFO, ttl, HINFO_RDATA.length)) return;
    reply.copy(HINFO_RDATA, 0, HINFO_RDATA.length);
    reply.answers++;
  }

  /** Writes the SOA of the zone, whose apex is at `owner`: to the answer, or to the authority of a negative answer. */
  writeSoa(reply: Reply, zone: number, owner: number, negative: boolean): void {
    const { words, bytes } = this.#reader;
    const record = this.#reader.zoneSoa(zone);
    const mnameSize = words[record + ZONE_SOA.MNAME_SIZE]!;
    const rnameSize = words[record + ZONE_SOA.RNAME_SIZE]!;
    const tail = words[record + ZONE_SOA.RNAME_TAIL]!;
    const size = mnameSize + rnameSize + (tail < 0 ? 0 : 2) + 20;
    const ttl = words[record + (negative ? ZONE_SOA.NEGATIVE_TTL : ZONE_SOA.TTL)]!;
    if (!reply.writeHead(owner, TYPE.SOA, ttl, size)) return;
    const mname = reply.at;
    const data = (record + ZONE_SOA.BYTES) * 4;
    reply.copy(bytes, data, data + mnameSize + rnameSize);
    if (tail >= 0) reply.write16(0xc000 | (mname + tail));
    reply.write32(this.#reader.serial(zone));
    const times = data + mnameSize + rnameSize;
    reply.copy(bytes, times, times + 16);
    if (negative) reply.authority++;
    else reply.answers++;
  }

  /** Copies the records of the RRset that fit, and the additional ones; returns how many of the RRset fit. */
  #copySet(reply: Reply, entry: number, set: number, owner: number): number {
    const words = this.#reader.words;
    const bytes = this.#reader.bytes;
    const size = words[set + SET.ANSWER_SIZE]!;
    const data = entry * 4 + words[set + SET.DATA]!;
    const stride = words[set + SET.TYPE]! >>> 16;
    const count = words[set + SET.COUNTS]! & 0xffff;
    const first = reply.at;
    const available = reply.limit - first;
    let fitting = size;
    let written = count;
    if (size > available) {
      reply.truncated = true;
      fitting = 0;
      written = 0;
      for (let next = recordSize(bytes, data); fitting + next <= available; next = recordSize(bytes, data + fitting)) {
        fitting += next;
        written++;
      }
    }
    if (stride !== 0 && count > 1) this.#copyRotated(reply, data, size, stride, count, fitting);
    else reply.copy(bytes, data, data + fitting);
    if (owner !== HEADER_SIZE) reply.pointOwners(first, owner);
    if (reply.truncated || words[set + SET.ADDITIONAL_SIZE] === 0) return written;
    const additional = reply.at;
    // Pointers to targets are compiled for records right behind a question for their own name.
    const moved = first - (HEADER_SIZE + (words[entry + ENTRY.META]! & 0xff) + 4);
    if (moved !== 0 && additional > POINTER_OFFSET_MAX) return written;
    this.#copyAdditional(reply, set, data + size);
    if (moved !== 0) reply.movePointers(additional, moved);
    return written;
  }

  /** Copies `fitting` bytes of the RRset from a random record on, wrapping round. */
  #copyRotated(reply: Reply, data: number, size: number, stride: number, count: number, fitting: number): void {
    const start = this.#rotation.next(count) * stride;
    const head = size - start < fitting ? size - start : fitting;
    const bytes = this.#reader.bytes;
    reply.copy(bytes, data + start, data + start + head);
    reply.copy(bytes, data, data + fitting - head);
  }

  #copyAdditional(reply: Reply, set: number, data: number): void {
    const words = this.#reader.words;
    const bytes = this.#reader.bytes;
    const size = words[set + SET.ADDITIONAL_SIZE]!;
    if (size <= reply.limit - reply.at) {
      reply.copy(bytes, data, data + size);
      reply.additional += words[set + SET.COUNTS]! >>> 16;
      return;
    }
    for (let at = data; at < data + size;) {
      let end = at;
      let count = 0;
      // One RRset: the records with the same owner pointer and type.
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
}
