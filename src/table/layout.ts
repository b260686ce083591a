// Where everything lies in a compiled zone's shared memory. Writer and reader agree on this file alone.
// One picture, then the words of each part.
//
//   header │ zones │ slots (open addressing, linear probing) │ heap: entries and zone records, appended only
//
// Everything is 32-bit words in the machine's byte order, but names and records, which are bytes as they go out.
// A slot holds an entry's place in units of 8 bytes, 0 for free, TOMBSTONE for removed. An entry never changes after
// its slot shows it (its child count apart, which only the writer reads), so a reader needs no lock: it sees the
// old entry or the new.

export const MAGIC = 0x444e5331;

/** Header words. From NOT_READY on they are read with Atomics; those before are fixed in a buffer's life. */
export const HEADER = {
  MAGIC: 0,
  SLOT_COUNT: 1,
  HASH_KEY_0: 2,
  HASH_KEY_1: 3,
  /** How many zones are not ready, plus one while ZONES_KNOWN is 0: 0 means that every name can be answered. */
  NOT_READY: 4,
  /** 0 until every zone is in the table: a name outside its zones may belong to one that is still being read. */
  ZONES_KNOWN: 5,
  ZONES: 6,
} as const;

/** Zones with an SOA of their own. */
export const ZONES_MAX = 1024;
/** A zone: the word offset of its SOA record, the serial, and 1 where its names are not all in the table yet. */
export const ZONE = { SOA: 0, SERIAL: 1, NOT_READY: 2, WORDS: 3 } as const;

export const SLOTS_START = HEADER.ZONES + ZONES_MAX * ZONE.WORDS;
export const TOMBSTONE = -1;

/** A zone record: what its SOA is written from. After these words: MNAME, RNAME, and 16 bytes REFRESH to MINIMUM. */
export const ZONE_SOA = {
  TTL: 0,
  NEGATIVE_TTL: 1,
  MNAME_SIZE: 2,
  RNAME_SIZE: 3,
  /** Where in MNAME the rest of RNAME stands (RNAME is then cut there and ends in a pointer); -1: RNAME is whole. */
  RNAME_TAIL: 4,
  BYTES: 5,
} as const;

/** An entry: these words, the name padded to whole words, its sets, their bytes. */
export const ENTRY = {
  HASH: 0,
  /** name size │ set count << 8 │ flags << 16 │ apex size << 24 */
  META: 1,
  /** Whose SOA. */
  ZONE: 2,
  SIZE: 3,
  CHILDREN: 4,
  NAME: 5,
} as const;

/** A set of an entry. */
export const SET = {
  /** type │ stride << 16: where every record has the same size, that size, and the set rotates; else 0. */
  TYPE: 0,
  /** answer records │ additional records << 16 */
  COUNTS: 1,
  ANSWER_SIZE: 2,
  ADDITIONAL_SIZE: 3,
  /** Byte offset of the answer section from the entry's start; the additional section follows it. */
  DATA: 4,
  WORDS: 5,
} as const;

/** Flags of an entry. */
export const ENTRY_FLAG = {
  /**
   * Put by the compiler; without it the name is there only because names below it are (an empty non-terminal), and
   * belongs to where the nearest name above it that was put belongs.
   */
  OWNER: 1,
  /** Not there for questions: reached by a rule only, or a zone's apex that is denied as all below it. */
  HIDDEN: 2,
  /** Rule: the label left of this name spells an address. */
  ADDRESS_LABELS: 4,
  /** Rule: the same, but only where a hidden entry, its label the address's bytes, stands below. */
  KNOWN_ADDRESS_LABELS: 8,
  /** The zone ends here: its NS set leads on, and nothing but it and DS is answered. */
  CUT: 16,
  /** Has a DNAME: what would be below this name is below its target. */
  REDIRECTS: 32,
  /** `*` is right below: it stands for the names that are not there. */
  WILDCARD: 64,
  /** This name and what is below it belong to others. */
  FOREIGN: 128,
} as const;

export const RECORDS_PER_SET_MAX = 0xffff;
