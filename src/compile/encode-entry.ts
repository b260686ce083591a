// Encodes RRsets for the table: the answer and additional sections of each set as they follow a question for their
// owner name, with compression pointers into the question and the answers (RFC 1035 4.1.4).
import { CLASS_IN, HEADER_SIZE, POINTER_OFFSET_MAX, RECORD_HEAD_SIZE, TYPE } from "../dns/constants.ts";
import { targetStart } from "../dns/rdata.ts";
import { RECORDS_PER_SET_MAX } from "../table/layout.ts";
import type { EncodedSet, EntryContent } from "../table/entry.ts";
import type { AddressSet, OwnerRecords, AnswerRRset, ZonePlace } from "./owner-records.ts";

const NO_BYTES = new Uint8Array(0);

export function encodeEntry(records: OwnerRecords, place: ZonePlace): EntryContent {
  const answersStart = HEADER_SIZE + records.name.length + 4;
  return { ...place, flags: records.flags ?? 0, sets: records.sets.map((set) => encodeSet(set, answersStart)) };
}

function encodeSet(set: AnswerRRset, answersStart: number): EncodedSet {
  const rdata = set.rdata.length > RECORDS_PER_SET_MAX ? set.rdata.slice(0, RECORDS_PER_SET_MAX) : set.rdata;
  let size = 0;
  for (const data of rdata) size += RECORD_HEAD_SIZE + data.length;
  const answers = new Uint8Array(size);
  const starts: number[] = [];
  let at = 0;
  for (const data of rdata) {
    starts.push(at);
    at = writeRecord(answers, at, HEADER_SIZE, set.type, set.ttlSeconds, data);
  }
  const rotates = set.type === TYPE.A || set.type === TYPE.AAAA;
  const additional = (set.additional ?? []).filter(({ rdataIndex }) => rdataIndex < starts.length);
  return {
    type: set.type,
    stride: rotates ? RECORD_HEAD_SIZE + rdata[0]!.length : 0,
    answerCount: rdata.length,
    answers,
    ...encodeAdditional(additional, set, (index) => {
      return answersStart + starts[index]! + RECORD_HEAD_SIZE + targetStart(set.type, rdata[index]!)!;
    }),
  };
}

function encodeAdditional(
  sets: readonly AddressSet[],
  of: AnswerRRset,
  targetOffset: (rdataIndex: number) => number,
): { additionalCount: number; additional: Uint8Array } {
  // Sets beyond the reach of a pointer or of the count are left out: additional records are optional.
  const kept: AddressSet[] = [];
  let size = 0;
  let count = 0;
  for (const set of sets) {
    if (targetOffset(set.rdataIndex) > POINTER_OFFSET_MAX || count + set.rdata.length > RECORDS_PER_SET_MAX) continue;
    kept.push(set);
    for (const data of set.rdata) size += RECORD_HEAD_SIZE + data.length;
    count += set.rdata.length;
  }
  if (count === 0) return { additionalCount: 0, additional: NO_BYTES };
  const additional = new Uint8Array(size);
  let at = 0;
  for (const { rdataIndex, type, rdata, ttlSeconds = of.ttlSeconds } of kept) {
    for (const data of rdata) at = writeRecord(additional, at, targetOffset(rdataIndex), type, ttlSeconds, data);
  }
  return { additionalCount: count, additional };
}

/** Writes a record whose owner name is a pointer; returns its end. */
function writeRecord(
  bytes: Uint8Array,
  at: number,
  owner: number,
  type: number,
  ttl: number,
  rdata: Uint8Array,
): number {
  bytes[at] = 0xc0 | (owner >> 8);
  bytes[at + 1] = owner;
  bytes[at + 2] = type >> 8;
  bytes[at + 3] = type;
  bytes[at + 4] = 0;
  bytes[at + 5] = CLASS_IN;
  bytes[at + 6] = ttl >>> 24;
  bytes[at + 7] = ttl >>> 16;
  bytes[at + 8] = ttl >>> 8;
  bytes[at + 9] = ttl;
  bytes[at + 10] = rdata.length >> 8;
  bytes[at + 11] = rdata.length;
  bytes.set(rdata, at + RECORD_HEAD_SIZE);
  return at + RECORD_HEAD_SIZE + rdata.length;
}
