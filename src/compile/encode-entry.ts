// Encodes RRsets for the table: the answer and additional sections of each set as they follow a question for their
// owner name, with compression pointers into the question and the answers (RFC 1035 4.1.4).
import { HEADER_SIZE, POINTER_OFFSET_MAX, RECORD_HEAD_SIZE, TYPE } from "../dns/constants.ts";
import { targetStart } from "../dns/rdata.ts";
import { EntryBuffer } from "../table/entry-buffer.ts";
import { readEntry } from "../table/entry.ts";
import { RECORDS_PER_SET_MAX } from "../table/layout.ts";
import type { EntryContent } from "../table/entry.ts";
import type { OwnerRecords, AnswerRRset, ZonePlace } from "./owner-records.ts";

const scratch = new EntryBuffer();

/** The entry of the name, for use later. */
export function encodeEntry(records: OwnerRecords, place: ZonePlace): EntryContent {
  writeRecords(scratch, records, place);
  return readEntry(scratch.words, scratch.bytes, 0).content;
}

/** Writes the entry of the name. */
export function writeRecords(entry: EntryBuffer, records: OwnerRecords, place: ZonePlace): void {
  const { name, sets, flags = 0, node = place.node ?? 0 } = records;
  entry.begin(name, { ...place, flags, node }, sets.length);
  for (const set of sets) writeSet(entry, set, answersStart(name.length));
  entry.end();
}

/** Where the answer section of a reply to a question for a name of that size begins. */
export function answersStart(nameSize: number): number {
  return HEADER_SIZE + nameSize + 4;
}

function writeSet(entry: EntryBuffer, set: AnswerRRset, start: number): void {
  const { type, ttlSeconds, additional = [] } = set;
  const count = Math.min(set.rdata.length, RECORDS_PER_SET_MAX);
  const rotates = type === TYPE.A || type === TYPE.AAAA;
  entry.beginSet(type, rotates ? RECORD_HEAD_SIZE + set.rdata[0]!.length : 0);
  let next = 0;
  let at = start;
  /** Where each set of addresses has its owner name: the target in an answer. */
  const targets: number[] = [];
  for (let i = 0; i < count; i++) {
    const rdata = set.rdata[i]!;
    for (; next < additional.length && additional[next]!.rdataIndex === i; next++)
      targets.push(at + RECORD_HEAD_SIZE + targetStart(type, rdata)!);
    writeRecord(entry, HEADER_SIZE, type, ttlSeconds, rdata);
    at += RECORD_HEAD_SIZE + rdata.length;
  }
  entry.endAnswers();
  // Sets beyond the reach of a pointer or of the count are left out: additional records are optional.
  let records = 0;
  targets.forEach((owner, i) => {
    const addresses = additional[i]!;
    if (owner > POINTER_OFFSET_MAX || records + addresses.rdata.length > RECORDS_PER_SET_MAX) return;
    records += addresses.rdata.length;
    for (const rdata of addresses.rdata)
      writeRecord(entry, owner, addresses.type, addresses.ttlSeconds ?? ttlSeconds, rdata);
  });
  entry.endSet();
}

/** Writes a record whose owner name is a pointer. */
function writeRecord(entry: EntryBuffer, owner: number, type: number, ttlSeconds: number, rdata: Uint8Array): void {
  const at = entry.addRecord(owner, type, ttlSeconds, rdata.length);
  entry.bytes.set(rdata, at);
}
