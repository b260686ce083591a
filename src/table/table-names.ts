// Walks all names of a table, for lists and tools: each name with its records, with compression pointers expanded. Sees
// a table that is being written in between; knows nothing of answers. Layout in layout.ts; RFC 1035 4.1.4.
import { CLASS_IN, HEADER_SIZE } from "../dns/constants.ts";
import { readRecords } from "../dns/message.ts";
import { readName } from "../dns/name.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import { assert } from "../std/assert.ts";
import { readEntry } from "./entry.ts";
import type { EncodedSet, EntryContent, EntryHead } from "./entry.ts";
import { HEADER, SLOTS_START } from "./layout.ts";

/** A name and what is written about it. */
export interface TableEntry {
  readonly name: Uint8Array;
  readonly content: EntryContent;
}

/** A name with the records of its answers, and those that come with them in additional sections. */
export interface TableName extends EntryHead {
  readonly name: Uint8Array;
  readonly records: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

/** Every entry of the table, in no order; `words` and `bytes` are its memory. */
export function* tableEntries(words: Int32Array, bytes: Uint8Array): Generator<TableEntry> {
  const end = SLOTS_START + words[HEADER.SLOT_COUNT]!;
  for (let slot = SLOTS_START; slot < end; slot++) {
    const value = Atomics.load(words, slot);
    if (value > 0) yield readEntry(words, bytes, value * 2);
  }
}

/** Every name of the table, in no order. */
export function* tableNames(words: Int32Array, bytes: Uint8Array): Generator<TableName> {
  for (const entry of tableEntries(words, bytes)) yield readTableName(entry);
}

/** A name with its records as values. */
export function readTableName({ name, content }: TableEntry): TableName {
  const { sets, ...head } = content;
  const read = sets.map((set) => readSet(name, set));
  return {
    ...head,
    name,
    records: read.flatMap(({ answer }) => answer),
    additional: read.flatMap(({ additional }) => additional),
  };
}

/** The records of a set, read from a reply that has it behind a question for its name. */
function readSet(
  name: Uint8Array,
  set: EncodedSet,
): { answer: readonly ResourceRecord[]; additional: readonly ResourceRecord[] } {
  const head = new Uint8Array(HEADER_SIZE + name.length + 4);
  const view = new DataView(head.buffer);
  view.setUint16(4, 1);
  view.setUint16(6, set.answerCount);
  view.setUint16(10, set.additionalCount);
  head.set(name, HEADER_SIZE);
  const reply = Buffer.concat([head, set.answers, set.additional]);
  const places = readRecords(reply);
  assert(places !== undefined, "a set of the table is a part of a message");
  const records = places.map(({ section, ownerAt, type, ttl, rdataAt, rdataEnd }) => {
    const owner = readName(reply, ownerAt);
    assert(owner !== undefined, "a record of the table has an owner");
    // Rdata has no pointers here: it is compressed, if at all, while a reply is written.
    const rdata = new Uint8Array(reply.subarray(rdataAt, rdataEnd));
    return { section, record: { owner, type, class: CLASS_IN, ttl, rdata } };
  });
  const of = (wanted: string): readonly ResourceRecord[] =>
    records.filter(({ section }) => section === wanted).map(({ record }) => record);
  return { answer: of("answer"), additional: of("additional") };
}
