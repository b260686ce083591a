// An entry that is being written, in the layout of the table. One buffer serves for entry after entry, so that writing
// one allocates nothing. Knows no slots and no zones.
import { CLASS_IN, RECORD_HEAD_SIZE } from "../dns/constants.ts";
import { lowerByte } from "../dns/name.ts";
import { assert } from "../std/assert.ts";
import { entryWords, evenWords, writeEntry, zoneWord } from "./entry.ts";
import type { EntryContent, EntryHead } from "./entry.ts";
import { ENTRY, RECORDS_PER_SET_MAX, SET } from "./layout.ts";

const WORDS_MIN = 1 << 10;

export class EntryBuffer {
  words = new Int32Array(WORDS_MIN);
  bytes = new Uint8Array(this.words.buffer);
  #nameSize = 0;
  /** The word offset of the RRset that is being written, and how many records it has. */
  #set = 0;
  #records = 0;
  /** Where the next byte goes, and where the section began that it belongs to. */
  #end = 0;
  #sectionStart = 0;

  /** Where the name begins, bytes. */
  readonly nameAt = ENTRY.NAME * 4;

  get nameSize(): number {
    return this.#nameSize;
  }

  /** Words of the whole entry. */
  get size(): number {
    return this.words[ENTRY.SIZE]!;
  }

  /** Replaces what it holds by an entry with that content. */
  fill(name: Uint8Array, content: EntryContent): void {
    const size = entryWords(name, content);
    this.#reserve(size * 4);
    writeEntry(this.words, this.bytes, 0, { size, hash: 0, name, content });
    this.#nameSize = name.length;
  }

  /** Begins an entry of the name with so many RRsets. */
  begin(name: Uint8Array, head: EntryHead, sets: number): void {
    this.#begin(0, name, head, sets);
  }

  /** The same for the name of one label, ASCII, below `parent`; the label is put in lower case. */
  beginLabel(label: string, parent: Uint8Array, head: EntryHead, sets: number): void {
    this.bytes[this.nameAt] = label.length;
    for (let i = 0; i < label.length; i++) this.bytes[this.nameAt + 1 + i] = lowerByte(label.charCodeAt(i));
    this.#begin(1 + label.length, parent, head, sets);
  }

  #begin(prefixSize: number, parent: Uint8Array, head: EntryHead, sets: number): void {
    const { words } = this;
    const { flags, apexSize } = head;
    this.bytes.set(parent, this.nameAt + prefixSize);
    this.#nameSize = prefixSize + parent.length;
    words[ENTRY.META] = this.#nameSize | (sets << 8) | (flags << 16) | (apexSize << 24);
    words[ENTRY.ZONE] = zoneWord(head);
    words[ENTRY.CHILDREN] = 0;
    const nameWords = (this.#nameSize + 3) >> 2;
    // Entries are compared word by word.
    this.bytes.fill(0, this.nameAt + this.#nameSize, this.nameAt + nameWords * 4);
    this.#set = ENTRY.NAME + nameWords;
    this.#end = (this.#set + sets * SET.WORDS) * 4;
  }

  /** Begins the next RRset, with its answer section. `stride`: see `SET.TYPE`. */
  beginSet(type: number, stride: number): void {
    this.words[this.#set + SET.TYPE] = type | (stride << 16);
    this.words[this.#set + SET.DATA] = this.#end;
    this.#sectionStart = this.#end;
    this.#records = 0;
  }

  /**
   * Adds a record whose owner name is a pointer to the offset `owner` of the message. Returns where its rdata begins in
   * `bytes`: the caller writes it.
   */
  addRecord(owner: number, type: number, ttlSeconds: number, rdataSize: number): number {
    const at = this.#end;
    this.#reserve(at + RECORD_HEAD_SIZE + rdataSize + 8);
    writeRecordHead(this.bytes, at, owner, type, ttlSeconds, rdataSize);
    this.#records++;
    this.#end = at + RECORD_HEAD_SIZE + rdataSize;
    return at + RECORD_HEAD_SIZE;
  }

  /** Ends the answer section; the records that follow are additional ones. */
  endAnswers(): void {
    this.words[this.#set + SET.ANSWER_SIZE] = this.#end - this.#sectionStart;
    this.words[this.#set + SET.COUNTS] = this.#records;
    assert(this.#records <= RECORDS_PER_SET_MAX, "set too large");
    this.#sectionStart = this.#end;
    this.#records = 0;
  }

  /** Ends the RRset. */
  endSet(): void {
    this.words[this.#set + SET.ADDITIONAL_SIZE] = this.#end - this.#sectionStart;
    this.words[this.#set + SET.COUNTS]! |= this.#records << 16;
    assert(this.#records <= RECORDS_PER_SET_MAX, "set too large");
    this.#set += SET.WORDS;
  }

  /** Ends the entry. */
  end(): void {
    const size = evenWords((this.#end + 3) >> 2);
    this.bytes.fill(0, this.#end, size * 4);
    this.words[ENTRY.SIZE] = size;
  }

  #reserve(size: number): void {
    if (size <= this.bytes.length) return;
    const words = new Int32Array(Math.max(this.words.length * 2, (size + 3) >> 2));
    words.set(this.words);
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
  }
}

/** Writes all of a record before its rdata; the owner name is a pointer (RFC 1035 4.1.4). */
function writeRecordHead(
  bytes: Uint8Array,
  at: number,
  owner: number,
  type: number,
  ttlSeconds: number,
  rdataSize: number,
): void {
  bytes[at] = 0xc0 | (owner >> 8);
  bytes[at + 1] = owner;
  bytes[at + 2] = type >> 8;
  bytes[at + 3] = type;
  bytes[at + 4] = 0;
  bytes[at + 5] = CLASS_IN;
  bytes[at + 6] = ttlSeconds >>> 24;
  bytes[at + 7] = ttlSeconds >>> 16;
  bytes[at + 8] = ttlSeconds >>> 8;
  bytes[at + 9] = ttlSeconds;
  bytes[at + 10] = rdataSize >> 8;
  bytes[at + 11] = rdataSize;
}
