// Messages (RFC 1035 4.1): finds and reads the records of a message, writes a query and an OPT record. Pure. Reading
// accepts any bytes, takes time linear in the message's size (RFC 9267), and returns undefined for malformed messages.
import { expandRdata } from "./rdata.ts";
import { compressedNameEnd, nameEnd, readName } from "./name.ts";
import type { ResourceRecord } from "./resource-record.ts";
import { DNSSEC_OK, FLAG, HEADER_SIZE, OPT_SIZE, TYPE } from "./constants.ts";

/** Where a record is in its message: offsets in bytes from the message's start; `ttl` has all 32 bits. */
export interface RecordPlace extends Pick<ResourceRecord, "type" | "class" | "ttl"> {
  readonly section: "answer" | "authority" | "additional";
  readonly ownerAt: number;
  readonly rdataAt: number;
  readonly rdataEnd: number;
}

/** The places of all records, in order. Of the header only the counts are read. Undefined: malformed. */
export function readRecords(message: Uint8Array): readonly RecordPlace[] | undefined {
  if (message.length < HEADER_SIZE) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const records: RecordPlace[] = [];
  let at: number | undefined = HEADER_SIZE;
  for (let i = 0; i < view.getUint16(4); i++) {
    at = compressedNameEnd(message, at);
    if (at === undefined || at + 4 > message.length) return undefined;
    at += 4;
  }
  for (const [index, section] of (["answer", "authority", "additional"] as const).entries()) {
    for (let i = view.getUint16(6 + index * 2); i > 0; i--) {
      const ownerAt: number = at;
      at = compressedNameEnd(message, ownerAt);
      if (at === undefined || at + 10 > message.length) return undefined;
      const rdataAt: number = at + 10;
      const rdataEnd: number = rdataAt + view.getUint16(at + 8);
      if (rdataEnd > message.length) return undefined;
      const [type, recordClass, ttl] = [view.getUint16(at), view.getUint16(at + 2), view.getUint32(at + 4)];
      records.push({ section, ownerAt, type, class: recordClass, ttl, rdataAt, rdataEnd });
      at = rdataEnd;
    }
  }
  return records;
}

/** All 12 bits of the response code; the upper ones are in the OPT record, if there is one (RFC 6891 6.1.3). */
export function rcodeOf(message: Uint8Array): { readonly rcode: number; readonly hasEdns: boolean } {
  const low = message[3]! & 0x0f;
  const opt = readRecords(message)?.find(({ section, type }) => section === "additional" && type === TYPE.OPT);
  return opt === undefined ? { rcode: low, hasEdns: false } : { rcode: ((opt.ttl >>> 24) << 4) | low, hasEdns: true };
}

/** The answer and authority sections of a message, without OPT records. */
export interface Sections {
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
}

/** Reads the records of both sections with their names expanded; empty sections for a malformed message. */
export function readSections(message: Uint8Array): Sections {
  const sections = { answer: [] as ResourceRecord[], authority: [] as ResourceRecord[] };
  for (const { section, ownerAt, type, class: recordClass, ttl, rdataAt, rdataEnd } of readRecords(message) ?? []) {
    const owner = readName(message, ownerAt);
    const rdata = expandRdata(message, type, rdataAt, rdataEnd);
    if (owner === undefined || rdata === undefined || section === "additional" || type === TYPE.OPT) continue;
    sections[section].push({ owner, type, class: recordClass, ttl, rdata });
  }
  return sections;
}

/** A question (RFC 1035 4.1.2); `name` is in wire form. */
export interface Question {
  readonly name: Uint8Array;
  readonly type: number;
  readonly class: number;
}

/** Creates a message with this question and `extraSize` zero bytes behind it. In the header, only QDCOUNT is set. */
export function writeQuestion(question: Question, extraSize = 0): Uint8Array {
  const end = HEADER_SIZE + question.name.length + 4;
  const message = new Uint8Array(end + extraSize);
  const view = new DataView(message.buffer);
  view.setUint16(4, 1);
  message.set(question.name, HEADER_SIZE);
  view.setUint16(end - 4, question.type);
  view.setUint16(end - 2, question.class);
  return message;
}

/** The OPT record of a query: the size of UDP replies that the asker accepts, bytes, and DO (RFC 3225). */
export interface QueryEdns {
  readonly udpSize: number;
  readonly dnssecOk: boolean;
}

/** The query with id 0 that asks this with RD, and with an OPT record if it has `edns` (RFC 6891 6.1.1). */
export function writeQuery(question: Question, edns?: QueryEdns): Uint8Array {
  const query = writeQuestion(question, edns === undefined ? 0 : OPT_SIZE);
  query[2] = FLAG.RD;
  if (edns === undefined) return query;
  query[11] = 1;
  writeOpt(query, query.length - OPT_SIZE, edns.udpSize, 0, edns.dnssecOk, 0);
  return query;
}

/** The end of the question of the message at `bytes[start]`, which must be well-formed and have one question. */
export function questionEnd(bytes: Uint8Array, start = 0): number {
  return nameEnd(bytes, start + HEADER_SIZE)! + 4;
}

/**
 * Writes the fixed part of an OPT record of version 0 at `at` (RFC 6891 6.1.2). `rcodeHigh`: the upper 8 bits of the
 * rcode; `optionsSize`: the size of the options that the caller writes behind it, bytes. Returns where they begin.
 */
export function writeOpt(
  bytes: Uint8Array,
  at: number,
  udpSize: number,
  rcodeHigh: number,
  dnssecOk: boolean,
  optionsSize: number,
): number {
  bytes[at] = 0;
  bytes[at + 1] = 0;
  bytes[at + 2] = TYPE.OPT;
  bytes[at + 3] = udpSize >>> 8;
  bytes[at + 4] = udpSize;
  bytes[at + 5] = rcodeHigh;
  bytes[at + 6] = 0;
  bytes[at + 7] = dnssecOk ? DNSSEC_OK : 0;
  bytes[at + 8] = 0;
  bytes[at + 9] = optionsSize >>> 8;
  bytes[at + 10] = optionsSize;
  return at + OPT_SIZE;
}
