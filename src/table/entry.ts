// The entry of one name in the table's memory: writes, reads and compares entries.
// Layout in layout.ts. Knows no slots, readers or publication.
import { assert } from "../std/assert.ts";
import { ENTRY, RECORDS_PER_SET_MAX, SET } from "./layout.ts";

const NOTHING = new Uint8Array(0);

/** The records of one type at one name, ready to be copied behind a question for that name. */
export interface EncodedSet {
  readonly type: number;
  /** Size of each record where the set rotates, else 0. */
  readonly stride: number;
  readonly answerCount: number;
  readonly answers: Uint8Array;
  readonly additionalCount: number;
  readonly additional: Uint8Array;
}

/** The content of one name apart from its RRsets. Sizes of names are bytes of the wire form. */
export interface EntryHead {
  /** Flags of `ENTRY_FLAG`, OWNER apart. */
  readonly flags: number;
  /** Size of the apex of the name's zone: the owner of the SOA in negative answers. */
  readonly apexSize: number;
  /** Index of the zone whose SOA the name has. */
  readonly zone: number;
  /** Of `ZONE_KIND`. */
  readonly kind: number;
  /** The row of `ReasonTexts` that says what is not there; 0 by default. */
  readonly node?: number;
}

/** The content of one name. */
export interface EntryContent extends EntryHead {
  readonly sets: readonly EncodedSet[];
}

/** The input of `writeEntry`; `size`: words, from `entryWords`. */
export interface Entry {
  readonly size: number;
  readonly hash: number;
  readonly name: Uint8Array;
  readonly content: EntryContent;
}

/** The word `ENTRY.ZONE` of a name. */
export function zoneWord({ zone, kind, node = 0 }: EntryHead): number {
  return zone | (kind << 16) | (node << 24);
}

/** Size of an entry in words; even, since slots give its place in units of 8 bytes. */
export function entryWords(name: Uint8Array, content: EntryContent): number {
  let byteSize = (ENTRY.NAME + ((name.length + 3) >> 2) + content.sets.length * SET.WORDS) * 4;
  for (const set of content.sets) byteSize += set.answers.length + set.additional.length;
  return evenWords((byteSize + 3) >> 2);
}

/** Writes an entry at the word offset `at`; its child count is 0. */
export function writeEntry(
  words: Int32Array,
  bytes: Uint8Array,
  entry: number,
  { size, hash, name, content }: Entry,
): void {
  words.fill(0, entry, entry + size);
  words[entry + ENTRY.HASH] = hash;
  words[entry + ENTRY.META] =
    name.length | (content.sets.length << 8) | (content.flags << 16) | (content.apexSize << 24);
  words[entry + ENTRY.ZONE] = zoneWord(content);
  words[entry + ENTRY.SIZE] = size;
  bytes.set(name, (entry + ENTRY.NAME) * 4);
  let set = entry + ENTRY.NAME + ((name.length + 3) >> 2);
  let data = (set + content.sets.length * SET.WORDS) * 4;
  for (const encoded of content.sets) {
    assert(
      encoded.answerCount <= RECORDS_PER_SET_MAX && encoded.additionalCount <= RECORDS_PER_SET_MAX,
      "set too large",
    );
    words[set + SET.TYPE] = encoded.type | (encoded.stride << 16);
    words[set + SET.COUNTS] = encoded.answerCount | (encoded.additionalCount << 16);
    words[set + SET.ANSWER_SIZE] = encoded.answers.length;
    words[set + SET.ADDITIONAL_SIZE] = encoded.additional.length;
    words[set + SET.DATA] = data - entry * 4;
    bytes.set(encoded.answers, data);
    bytes.set(encoded.additional, data + encoded.answers.length);
    data += encoded.answers.length + encoded.additional.length;
    set += SET.WORDS;
  }
}

/** Whether two entries have the same content; their child counts may differ. */
export function sameEntries(words: Int32Array, a: number, b: number): boolean {
  const size = words[a + ENTRY.SIZE]!;
  if (size !== words[b + ENTRY.SIZE]) return false;
  for (let i = 0; i < size; i++) {
    if (words[a + i] !== words[b + i] && i !== ENTRY.CHILDREN) return false;
  }
  return true;
}

/** Reads an entry as it was put. */
export function readEntry(
  words: Int32Array,
  bytes: Uint8Array,
  entry: number,
): { name: Uint8Array; content: EntryContent } {
  const meta = words[entry + ENTRY.META]!;
  const node = words[entry + ENTRY.ZONE]! >>> 24;
  const nameAt = (entry + ENTRY.NAME) * 4;
  const sets: EncodedSet[] = [];
  let set = entry + ENTRY.NAME + (((meta & 0xff) + 3) >> 2);
  for (let i = (meta >>> 8) & 0xff; i > 0; i--, set += SET.WORDS) {
    const data = entry * 4 + words[set + SET.DATA]!;
    const additionalAt = data + words[set + SET.ANSWER_SIZE]!;
    sets.push({
      type: words[set + SET.TYPE]! & 0xffff,
      stride: words[set + SET.TYPE]! >>> 16,
      answerCount: words[set + SET.COUNTS]! & 0xffff,
      answers: bytes.slice(data, additionalAt),
      additionalCount: words[set + SET.COUNTS]! >>> 16,
      additional: sliceOf(bytes, additionalAt, words[set + SET.ADDITIONAL_SIZE]!),
    });
  }
  return {
    name: bytes.slice(nameAt, nameAt + (meta & 0xff)),
    content: {
      flags: (meta >>> 16) & 0xff,
      apexSize: meta >>> 24,
      zone: words[entry + ENTRY.ZONE]! & 0xffff,
      kind: (words[entry + ENTRY.ZONE]! >>> 16) & 0xff,
      ...(node !== 0 && { node }),
      sets,
    },
  };
}

// Most sets have no additional records, and an array of its own takes 200 bytes even if it is empty.
function sliceOf(bytes: Uint8Array, at: number, size: number): Uint8Array {
  return size === 0 ? NOTHING : bytes.slice(at, at + size);
}

/** Rounds up to an even number of words. */
export function evenWords(words: number): number {
  return (words + 1) & ~1;
}
