// Reads other servers' messages: where records lie, and names without their compression (RFC 1035 4.1.4).
// Pure, and total: on any bytes it ends, in time that grows with the message alone (RFC 9267), and says undefined.
import { expandRdata } from "./expand-rdata.ts";
import { compressedNameEnd, readName } from "./name.ts";
import type { ResourceRecord } from "./resource-record.ts";
import { HEADER_SIZE, TYPE } from "./constants.ts";

/** A record's place in its message; offsets are bytes from the message's start. */
export interface RecordPlace {
  readonly section: "answer" | "authority" | "additional";
  readonly ownerAt: number;
  readonly type: number;
  readonly class: number;
  /** The 32 bits as they came. */
  readonly ttl: number;
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
