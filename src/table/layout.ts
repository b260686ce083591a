// Layout of the shared memory of the compiled zones: all that writer and readers have in common.
// One picture, then the words of each part.
//
//   header │ zones │ slots (open addressing, linear probing) │ heap: entries and SOA records, append-only │ labels
//
// Numbers are 32-bit words in the machine's byte order; names and records are bytes in wire form. A slot has the place
// of an entry in units of 8 bytes, 0 for free, TOMBSTONE for removed. A published entry never changes, except for the
// word of its children, of which readers read one bit: they need no lock, and see either the old entry or the new one.

export const MAGIC = 0x444e5331;

/** Header words. Those before NOT_READY never change in the life of a buffer; the rest is read with Atomics. */
export const HEADER = {
  MAGIC: 0,
  SLOT_COUNT: 1,
  HASH_KEY_0: 2,
  HASH_KEY_1: 3,
  /** Of the index of labels (label-index.ts); 0: there is none. */
  INDEX_SLOTS: 4,
  /** Number of zones that are not ready, plus one while ZONES_KNOWN is 0. With 0, every name can be answered. */
  NOT_READY: 5,
  /** 0 until the table has every zone: until then a name outside its zones may belong to one that is being read. */
  ZONES_KNOWN: 6,
  /** Even, so that entries begin at whole units. */
  ZONES: 8,
} as const;

/** Zones with an SOA of their own. */
export const ZONES_MAX = 1058;
/** A zone: the word offset of its SOA record, the serial, and how much the table lacks of its names. */
export const ZONE = { SOA: 0, SERIAL: 1, NOT_READY: 2, WORDS: 3 } as const;

/** Values of `ZONE.NOT_READY`. `SOME`: what the table has is right, and what it has not is not known yet. */
export const LACKS = { NOTHING: 0, ALL: 1, SOME: 2 } as const;

export const SLOTS_START = HEADER.ZONES + ZONES_MAX * ZONE.WORDS;
export const TOMBSTONE = -1;

/** An SOA record. MNAME, RNAME and the 16 bytes from REFRESH to MINIMUM follow these words. */
export const ZONE_SOA = {
  TTL: 0,
  NEGATIVE_TTL: 1,
  MNAME_SIZE: 2,
  RNAME_SIZE: 3,
  /** Offset in MNAME of the tail that RNAME shares: a pointer replaces it (RFC 1035 4.1.4). -1: RNAME is whole. */
  RNAME_TAIL: 4,
  BYTES: 5,
} as const;

/** An entry: these words, the name padded to whole words, its sets, the sets' bytes. */
export const ENTRY = {
  HASH: 0,
  /** name size │ set count << 8 │ flags << 16 │ apex size << 24 */
  META: 1,
  /** Index of the zone whose SOA the name has │ `ZONE_KIND` << 16 │ kind of node << 24, see reason-texts.ts */
  ZONE: 2,
  SIZE: 3,
  /** How many names are right below it │ `HAS_NOTES` */
  CHILDREN: 4,
  NAME: 5,
} as const;

/** Of `ENTRY.CHILDREN`: notes may be right below the name (`NOTE_PREFIX`). It stays when the last one goes. */
export const HAS_NOTES = 1 << 31;

/** What a name belongs to, for those who ask where an answer comes from: zones of several kinds share an SOA. */
export const ZONE_KIND = {
  /** Names of services and pods. */
  CLUSTER: 0,
  /** Reverse names of the cluster's addresses. */
  REVERSE: 1,
  /** A zone of a zone file. */
  FILE: 2,
  /** Names of hosts files, and their reverse names. */
  HOSTS: 3,
  /** Special-use names, such as localhost. */
  SPECIAL: 4,
} as const;

/** An RRset of an entry. */
export const SET = {
  /** type │ stride << 16. The stride is the size of each record of a set that rotates, else 0. */
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
   * An owner name. A name without this flag is an empty non-terminal: it exists because of the names below it, and its
   * zone is that of the nearest owner name above.
   */
  OWNER: 1,
  /** Does not exist for questions: a key that only a rule looks up, or the apex of a zone that denies all its names. */
  HIDDEN: 2,
  /** Rule: a label that spells an address exists below this name. */
  ADDRESS_LABELS: 4,
  /** Rule: the same, where a hidden entry below this name has the bytes of the address as its label. */
  KNOWN_ADDRESS_LABELS: 8,
  /** A delegation: the NS set goes into referrals, and only DS is answered. */
  CUT: 16,
  /** Has a DNAME: names below this one are redirected below its target. */
  REDIRECTS: 32,
  /** Has a wildcard child. */
  WILDCARD: 64,
  /**
   * This name and those below it lie outside the local zones: they are forwarded. With records, of hosts files: what
   * they do not answer is answered as if the name were not there.
   */
  FOREIGN: 128,
} as const;

export const RECORDS_PER_SET_MAX = 0xffff;
