// Messages (RFC 1035 4.1): finds and reads the records of a message, writes a question and an OPT record. Pure. Reading
// accepts any bytes, takes time linear in the message's size (RFC 9267), and returns undefined for malformed messages.
import { expandRdata } from "./rdata.ts";
import { compressedNameEnd, nameEnd, readName } from "./name.ts";
import type { ResourceRecord } from "./resource-record.ts";
import { DNSSEC_OK, HEADER_SIZE, OPT_SIZE, TYPE } from "./constants.ts";

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
