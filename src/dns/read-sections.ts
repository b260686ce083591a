// The records of a message of our own making, names written out: what its answer and its authority section say.
// Pure; of bytes that are no message nothing is read.
import { TYPE } from "./constants.ts";
import { expandRdata } from "./expand-rdata.ts";
import { readName, readRecords } from "./message-records.ts";
import type { ResourceRecord } from "./resource-record.ts";

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
