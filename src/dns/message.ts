// Reads other servers' messages: where records lie, and names without their compression (RFC 1035 4.1.4).
// Pure, and total: on any bytes it ends, in time that grows with the message alone (RFC 9267), and says undefined.
import { expandRdata } from "./rdata.ts";
import { compressedNameEnd, nameEnd, readName } from "./name.ts";
import type { ResourceRecord } from "./resource-record.ts";
import { DNSSEC_OK, HEADER_SIZE, OPT_SIZE, TYPE } from "./constants.ts";

/** Where a record of a message lies: offsets are bytes from the message's start; the TTL is as it came, 32 bits. */
export interface RecordPlace extends Pick<ResourceRecord, "type" | "class" | "ttl"> {
  readonly section: "answer" | "authority" | "additional";
  readonly ownerAt: number;
  readonly rdataAt: number;
  readonly rdataEnd: number;
}

/** Header and question are not looked at but for the counts; undefined when a name or a length does not fit. */
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

/** The two sections that answers are made of; an OPT belongs to neither. */
export interface Sections {
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
}

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

/** What is asked; `name` is in wire form. */
export interface Question {
  readonly name: Uint8Array;
  readonly type: number;
  readonly class: number;
}

/** A message with that one question and `extraSize` bytes of room behind it; all of its header but QDCOUNT is 0. */
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

/** Where the one question ends of a message at `start` of `bytes` that is known to be well-formed. */
export function questionEnd(bytes: Uint8Array, start = 0): number {
  return nameEnd(bytes, start + HEADER_SIZE)! + 4;
}

/**
 * Writes an OPT record at `at`, up to its options (RFC 6891 6.1.2): version 0, `rcodeHigh` the upper bits of the rcode,
 * `optionsSize` the size of the options that follow. Returns where these begin.
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
