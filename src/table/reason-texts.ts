// Why questions get no records, in the form that the compiler of zones and the answer path share: sentences with places
// for what was asked, by the kind of node that denies it and by what it denies. Who answers knows no more than that.
// Extended DNS errors (RFC 8914) carry the sentences.

/** What is denied. The first five: names below the node, or the node's own. */
export const DENIAL = {
  /** A name one label below the node, or the name of a node that is hidden. */
  LABEL: 0,
  /** A name further below. */
  DEEPER: 1,
  /** A name one label below whose label spells an address. */
  ADDRESS: 2,
  /** A name that begins with `_port._protocol`, right below the node. */
  PORT: 3,
  /** The reverse name of an address. */
  REVERSE: 4,
  /** Records of a type, at a name that has others. */
  A: 5,
  AAAA: 6,
  TYPE: 7,
  /** Records of any type, at a name that has none. */
  EMPTY: 8,
  /** All names of a zone that is not loaded, or of a zone that is not known yet. */
  ZONE_NOT_LOADED: 9,
  NOT_LOADED: 10,
  LOOP: 11,
  NOT_SERVED: 12,
  NOT_DESIRED: 13,
  NOT_ALLOWED: 14,
  /** A name that upstreams deny. */
  UPSTREAM_NAME: 15,
  /** Records of the type that was asked: one of the four above, whichever it is. */
  RECORDS: 16,
  /** As LABEL and DEEPER, where one label of the name is one edit from another name's. */
  NEAREST: 17,
} as const;
export type Denial = (typeof DENIAL)[keyof typeof DENIAL];
export const DENIALS = Object.keys(DENIAL).length;

/** Bytes of a sentence that stand for something. Names are written without the final dot. */
export const PLACE = {
  /** The label right below the node. */
  BELOW: 1,
  /** The first and the second label of the node's own name. */
  OWN: 2,
  PARENT: 3,
  /** The name that has no records, and the name that was asked, which may lead there. */
  NAME: 4,
  QUESTION: 5,
  /** The apex of the node's zone. */
  APEX: 6,
  /** The labels `_port` and `_protocol` without `_`; the protocol in capitals. */
  PORT: 7,
  PROTOCOL: 8,
  TYPE: 9,
  /** The address whose reverse name it is. */
  ADDRESS: 10,
  /** The label that may be meant by the one below the node. */
  NEAREST: 11,
} as const;

/** What names are to the index of labels, by the kind of node: members of groups below one name. */
export const LEVEL = { NONE: 0, GROUP: 1, MEMBER: 2 } as const;
/** Bytes from this one on stand for themselves; 0 ends a sentence. */
export const TEXT_MIN = 0x20;

/** The sentences, as they are posted to threads. */
export interface ReasonTexts {
  /** Sentences, each behind the code of its extended error. */
  readonly bytes: Uint8Array;
  /** Where the sentence begins of a node's kind and a denial: kind * DENIALS + denial. */
  readonly starts: Uint16Array;
  /** By the kind of node: the `LEVEL` of the names right below it that may be told as nearest ones. */
  readonly levelsBelow: Uint8Array;
}

/** Before a label: the hidden name whose rdata is the sentence about the name with that label. */
export const NOTE_PREFIX = 0;
