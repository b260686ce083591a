// Writes why a question gets no records, for the extended error of the reply: the sentence of the table, with the
// labels of the name in its places. Decides who gets it. Does not know what names mean; allocates nothing after
// construction.
// RFC 8914 2 (EXTRA-TEXT is UTF-8: bytes that are no letters are escaped as in names, RFC 4343 2.1).
import { EDE, RECORD_HEAD_SIZE, TYPE } from "../dns/constants.ts";
import { LABEL_SIZE_MAX, NAME_SIZE_MAX } from "../dns/name.ts";
import { RECORD_TYPES } from "../dns/record-types.ts";
import type { AddressList } from "../net/address-list.ts";
import { ENTRY, ENTRY_FLAG, SET } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { DENIAL, DENIALS, LEVEL, NOTE_PREFIX, PLACE, TEXT_MIN } from "../table/reason-texts.ts";
import type { Denial, ReasonTexts } from "../table/reason-texts.ts";
import { readAddressLabel } from "./address-label.ts";
import type { Client } from "./client.ts";
import { NearestLabel } from "./nearest-label.ts";
import type { QueryContext } from "./query-context.ts";
import { TEXT_OFFSET } from "./reply-opt.ts";
import { readReverseName, TextBuffer } from "./text-buffer.ts";

const UNDERSCORE = 0x5f;
/** A sentence has at most so many names, a byte in them at most so many in text, and so many bytes beside them. */
const NAMES_MAX = 3;
const ESCAPED_MAX = 4;
const OTHER_TEXT_MAX = 200;
const UNKNOWN_TYPE = Uint8Array.from(Buffer.from("TYPE"));
const MNEMONICS: ReadonlyMap<number, Uint8Array> = new Map(
  Object.entries(RECORD_TYPES).map(([mnemonic, { code }]) => [code, Uint8Array.from(Buffer.from(mnemonic))]),
);

export class ReasonWriter {
  readonly #reader: TableReader;
  readonly #texts: ReasonTexts;
  readonly #allowed: AddressList | undefined;
  readonly #text = new TextBuffer();
  readonly #nearest: NearestLabel;
  readonly #address = new Uint8Array(16);
  readonly #key = new Uint8Array(NAME_SIZE_MAX);
  /** Of the denier: META, where its name begins in the name, and the label before that. */
  #meta = 0;
  #at = 0;
  #below = 0;

  /** `allowed`: clients that get sentences; undefined: all. */
  constructor(reader: TableReader, texts: ReasonTexts, allowed: AddressList | undefined) {
    this.#reader = reader;
    this.#nearest = new NearestLabel(reader);
    this.#texts = texts;
    this.#allowed = allowed;
  }

  /** Whether the client gets sentences. */
  mayTell(client: Client): boolean {
    return this.#allowed === undefined || this.#allowed.has(this.#address, client.readAddress(this.#address));
  }

  /** Sets the text of the context's extended error, where it denies something to a client that gets sentences. */
  write(context: QueryContext): void {
    const { denial, denier, query, name, nameStart, nameEnd } = context;
    if (denial === undefined || !context.opt.isPrepared || !this.mayTell(context.client)) return;
    const { words } = this.#reader;
    const meta = denier === 0 ? 0 : words[denier + ENTRY.META]!;
    const node = denier === 0 ? 0 : this.#reader.nodeOf(denier);
    const at = nameEnd - (meta & 0xff);
    const below = labelBefore(name, nameStart, at);
    this.#meta = meta;
    this.#at = at;
    this.#below = below;
    let exact = denial;
    if (denial === DENIAL.LABEL) {
      if (words[denier + ENTRY.CHILDREN]! < 0 && this.#writeNote(context)) return;
      const level = this.#texts.levelsBelow[node]!;
      const isNear = level !== LEVEL.NONE && this.#nearest.find(name, nameStart, below, at, nameEnd, denier, level);
      exact = isNear ? DENIAL.NEAREST : this.#denialOfName(context, node);
    } else if (denial === DENIAL.RECORDS) {
      exact = denialOfType(query.type, (meta & 0xff00) === 0);
    }
    const start = this.#texts.starts[node * DENIALS + exact]!;
    this.#begin(context);
    this.#expand(context, start + 1);
    const text = this.#text;
    if (text.isWhole) context.tell(this.#texts.bytes[start]!, text.bytes, text.start, text.end);
  }

  /** Begins the text: in its place in the reply, where there is room for any. */
  #begin({ reply, opt, replySizeMax, name, nameStart, nameEnd, query }: QueryContext): void {
    const asked = name === query.name ? nameEnd - nameStart : query.nameSize + nameEnd - nameStart;
    const most = OTHER_TEXT_MAX + NAMES_MAX * ESCAPED_MAX * asked;
    const at = reply.at + TEXT_OFFSET;
    if (at + most + opt.size <= replySizeMax) this.#text.beginIn(reply.bytes, reply.base + at);
    else this.#text.begin();
  }

  /** What is denied of a name below the node, as far as the node's kind has sentences for it. */
  #denialOfName({ name, nameStart }: QueryContext, node: number): Denial {
    const { starts } = this.#texts;
    const first = node * DENIALS;
    const below = this.#below;
    const label = starts[first];
    if (starts[first + DENIAL.REVERSE] !== label && readReverseName(name, nameStart, this.#address) !== 0)
      return DENIAL.REVERSE;
    if (below > nameStart) {
      const isPort = starts[first + DENIAL.PORT] !== label && name[below + 1] === UNDERSCORE;
      return isPort && name[labelBefore(name, nameStart, below) + 1] === UNDERSCORE ? DENIAL.PORT : DENIAL.DEEPER;
    }
    const isAddress =
      starts[first + DENIAL.ADDRESS] !== label &&
      readAddressLabel(name, nameStart + 1, name[nameStart]!, this.#address) !== 0;
    return isAddress ? DENIAL.ADDRESS : DENIAL.LABEL;
  }

  /** Tells the sentence that a hidden name has about the label below the node; false: there is none. */
  #writeNote(context: QueryContext): boolean {
    const { name, nameEnd } = context;
    const { words, bytes } = this.#reader;
    const below = this.#below;
    const size = name[below]!;
    if (below === this.#at || size >= LABEL_SIZE_MAX || 1 + nameEnd - below > NAME_SIZE_MAX) return false;
    const key = this.#key;
    key[0] = size + 1;
    key[1] = NOTE_PREFIX;
    for (let i = below + 1; i < nameEnd; i++) key[i - below + 1] = name[i]!;
    const keySize = 1 + nameEnd - below;
    const note = this.#reader.find(key, 0, keySize);
    if (note === 0) return false;
    // A name of that form that a zone file has is no note, and neither is the address of a pod.
    const meta = words[note + ENTRY.META]!;
    if (((meta >>> 16) & ENTRY_FLAG.HIDDEN) === 0 || (meta & 0xff00) === 0) return false;
    const set = note + ENTRY.NAME + ((keySize + 3) >> 2);
    const text = note * 4 + words[set + SET.DATA]! + RECORD_HEAD_SIZE;
    context.tell(EDE.OTHER, bytes, text + 1, text + 1 + bytes[text]!);
    return true;
  }

  /** Writes the sentence at `at` of the texts. */
  #expand(context: QueryContext, at: number): void {
    const { bytes } = this.#texts;
    const text = this.#text;
    for (let end = text.putRun(bytes, at, TEXT_MIN); bytes[end] !== 0; end = text.putRun(bytes, end + 1, TEXT_MIN))
      this.#fill(context, bytes[end]!);
  }

  /** Writes what `place` stands for. */
  #fill({ name, nameStart, nameEnd, query }: QueryContext, place: number): void {
    const text = this.#text;
    const at = this.#at;
    switch (place) {
      case PLACE.BELOW:
        return text.putLabel(name, this.#below);
      case PLACE.OWN:
        return text.putLabel(name, at);
      case PLACE.PARENT:
        return text.putLabel(name, at + 1 + name[at]!);
      case PLACE.NAME:
        return text.putName(name, nameStart);
      case PLACE.QUESTION:
        return text.putName(query.name, 0);
      case PLACE.APEX:
        return text.putName(name, nameEnd - (this.#meta >>> 24));
      case PLACE.NEAREST:
        return text.putLabel(this.#nearest.label, 0);
      case PLACE.PORT:
        return text.putPort(name, labelBefore(name, nameStart, this.#below));
      case PLACE.PROTOCOL:
        return text.putProtocol(name, this.#below);
      case PLACE.TYPE:
        return this.#putType(query.type);
      case PLACE.ADDRESS:
        return text.putAddress(this.#address, readReverseName(name, nameStart, this.#address));
    }
  }

  #putType(type: number): void {
    const mnemonic = MNEMONICS.get(type);
    this.#text.putAll(mnemonic ?? UNKNOWN_TYPE);
    if (mnemonic === undefined) this.#text.putNumber(type);
  }
}

function denialOfType(type: number, hasNothing: boolean): Denial {
  // The parent's side answers DS, for a name that may have other records.
  if (hasNothing && type !== TYPE.DS) return DENIAL.EMPTY;
  return type === TYPE.A ? DENIAL.A : type === TYPE.AAAA ? DENIAL.AAAA : DENIAL.TYPE;
}

/** Where the label right before the one at `at` begins in the name at `start`; `start` where there is none. */
function labelBefore(name: Uint8Array, start: number, at: number): number {
  let label = start;
  while (label < at && label + 1 + name[label]! < at) label += 1 + name[label]!;
  return label;
}
