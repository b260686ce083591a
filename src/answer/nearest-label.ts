// The label that somebody may have meant by one that is missing below a node: the first in order that differs in one
// edit, which is what `explain` says too. Where that would say something else, or may, there is none. Allocates nothing
// after construction.
import { LABEL_SIZE_MAX, NAME_SIZE_MAX } from "../dns/name.ts";
import {
  BYTE_BITS,
  findTag,
  groupAnywhere,
  LabelKeys,
  PAYLOAD_BITS,
  PROBES_MAX,
  tagOf,
  wholeKey,
} from "../table/label-index.ts";
import { ENTRY, ENTRY_FLAG, HEADER } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { LEVEL, NOTE_PREFIX } from "../table/reason-texts.ts";

/** Names that are looked up for one question. */
const LOOKUPS_MAX = 16;
const BYTE_MASK = (1 << BYTE_BITS) - 1;
const PAYLOAD_MASK = (1 << PAYLOAD_BITS) - 1;
const NO_NAME = new Uint8Array(1);

export class NearestLabel {
  readonly #reader: TableReader;
  readonly #keys = new LabelKeys();
  readonly #candidate = new Uint8Array(LABEL_SIZE_MAX + 2);
  /** A name to look up, with space for the prefix of a note. */
  readonly #key = new Uint8Array(2 * (LABEL_SIZE_MAX + 2) + NAME_SIZE_MAX);
  /** The label found, behind its size; 0: none. */
  readonly label = new Uint8Array(LABEL_SIZE_MAX + 1);
  #name: Uint8Array = NO_NAME;
  #at = 0;
  #end = 0;
  #below = 0;
  /** Of a group: the label of the member that it must have; -1: any. */
  #member = -1;
  #level: number = LEVEL.NONE;
  #lookups = 0;

  constructor(reader: TableReader) {
    this.#reader = reader;
  }

  /**
   * Finds the label nearest to the one at `below` in the name that ends at `end`, right before the node's name at `at`,
   * whose entry is `node`. `start`: where the name begins; `level`: of the names below the node. False: none.
   */
  find(name: Uint8Array, start: number, below: number, at: number, end: number, node: number, level: number): boolean {
    const { words } = this.#reader;
    const group = words[node + ENTRY.HASH]!;
    const labelEnd = below + 1 + name[below]!;
    if (words[HEADER.INDEX_SLOTS] === 0 || !this.#keys.fill(name, below + 1, labelEnd, group)) return false;
    this.#name = name;
    this.#at = at;
    this.#end = end;
    this.#below = below;
    this.#level = level;
    this.#member = -1;
    this.#lookups = 0;
    this.label[0] = 0;
    return this.#isWanted(start, group) && this.#findAll() && this.label[0] !== 0;
  }

  /** False: another name is nearer, or may be. Tells which member a group must have. */
  #isWanted(start: number, group: number): boolean {
    const name = this.#name;
    const below = this.#below;
    if (this.#level === LEVEL.MEMBER) {
      // Names of several labels below a namespace are nearly all from search lists, and should cost little.
      if (below !== start) return false;
      const above = this.#at + 1 + name[this.#at]!;
      return this.#countedAnywhere(below, this.#reader.hash(name, above, this.#end)) === -1;
    }
    if (below === start) return true;
    let member = start;
    while (member + 1 + name[member]! < below) member += 1 + name[member]!;
    // Member and group in the wrong order.
    const isMember = this.#countedAnywhere(below, group) !== -1;
    if (isMember && this.#has(name, below, name, member)) return false;
    const counted = this.#countedAnywhere(member, group);
    if (counted >= 0) this.#member = member;
    return counted !== -2;
  }

  /** As `findTag`, of the members that have the label. Leaves the keys of the missing label as they are. */
  #countedAnywhere(label: number, hash: number): number {
    const name = this.#name;
    const { words } = this.#reader;
    const key = wholeKey(name, label + 1, label + 1 + name[label]!, groupAnywhere(hash));
    const slots = words[HEADER.INDEX_SLOTS]!;
    return key === undefined ? -1 : findTag(words, words.length - slots, slots - 1, key);
  }

  /** Looks at all labels that share a key with the missing one; false: there may be more. */
  #findAll(): boolean {
    const name = this.#name;
    const from = this.#below + 1;
    const size = name[this.#below]!;
    for (let i = 0; i <= size; i++) {
      if (i > 0 && i < size && name[from + i] === name[from + i - 1]) continue;
      if (!this.#findWithout(i)) return false;
    }
    return true;
  }

  /** Looks at the labels that share the key of the missing label without its byte `left`, or of the whole one. */
  #findWithout(left: number): boolean {
    const { words } = this.#reader;
    const slots = words[HEADER.INDEX_SLOTS]!;
    const start = words.length - slots;
    const key = this.#keys.keys[left]!;
    const tag = tagOf(key);
    for (let i = 0; i < PROBES_MAX; i++) {
      const slot = Atomics.load(words, start + ((key + i) & (slots - 1)));
      if (slot === 0) return true;
      if ((slot & ~PAYLOAD_MASK) !== tag) continue;
      if (this.#rebuild(left, slot & PAYLOAD_MASK) && this.#isOneEdit() && this.#isFirst()) {
        if (this.#lookups++ === LOOKUPS_MAX) return false;
        if (this.#isThere()) for (let j = 0; j <= this.#candidate[0]!; j++) this.label[j] = this.#candidate[j]!;
      }
    }
    return false;
  }

  /** Makes the candidate: the missing label without its byte `left`, with what the payload puts back. */
  #rebuild(left: number, payload: number): boolean {
    const name = this.#name;
    const candidate = this.#candidate;
    const from = this.#below + 1;
    const size = name[this.#below]!;
    const byte = payload & BYTE_MASK;
    const place = byte === 0 ? -1 : payload >> BYTE_BITS;
    if (left === size && byte === 0) return false;
    let out = 0;
    for (let i = 0; i < size; i++) {
      if (i === left) continue;
      if (out === place) candidate[1 + out++] = byte;
      candidate[1 + out++] = name[from + i]!;
    }
    if (out === place) candidate[1 + out++] = byte;
    candidate[0] = out;
    return out > 0 && out <= LABEL_SIZE_MAX;
  }

  /** Whether one insertion, deletion, substitution or swap of neighbours makes the missing label of the candidate. */
  #isOneEdit(): boolean {
    const name = this.#name;
    const candidate = this.#candidate;
    const from = this.#below + 1;
    let a = name[this.#below]!;
    let b = candidate[0]!;
    let same = 0;
    while (same < a && same < b && name[from + same] === candidate[1 + same]) same++;
    while (a > same && b > same && name[from + a - 1] === candidate[b]) {
      a--;
      b--;
    }
    if (a === same && b === same) return false;
    if (a - same <= 1 && b - same <= 1) return true;
    const isPair = a - same === 2 && b - same === 2;
    return isPair && name[from + same] === candidate[2 + same] && name[from + same + 1] === candidate[1 + same];
  }

  /** Whether the candidate comes before the label found so far. */
  #isFirst(): boolean {
    const [candidate, label] = [this.#candidate, this.label];
    const size = label[0]!;
    if (size === 0) return true;
    let i = 1;
    while (i <= size && i <= candidate[0]! && candidate[i] === label[i]) i++;
    return i > candidate[0]! ? candidate[0]! < size : i <= size && candidate[i]! < label[i]!;
  }

  #isThere(): boolean {
    if (this.#level === LEVEL.MEMBER) return this.#has(this.#candidate, 0, NO_NAME, -1);
    return this.#member < 0
      ? this.#has(NO_NAME, -1, this.#candidate, 0)
      : this.#has(this.#name, this.#member, this.#candidate, 0);
  }

  /** Whether the node has the member of the label at `first` in the group of that at `second`; -1: none of them. */
  #has(firstOf: Uint8Array, first: number, secondOf: Uint8Array, second: number): boolean {
    const key = this.#key;
    let end = this.#put(firstOf, first, 1);
    end = this.#put(secondOf, second, end);
    for (let i = this.#at; i < this.#end; i++) key[end++] = this.#name[i]!;
    if (end - 1 > NAME_SIZE_MAX) return false;
    const { words } = this.#reader;
    const entry = this.#reader.find(key, 1, end);
    if (entry !== 0) return (words[entry + ENTRY.META]! & (ENTRY_FLAG.HIDDEN << 16)) === 0;
    const size = key[1]!;
    if (first < 0 || size === LABEL_SIZE_MAX || end > NAME_SIZE_MAX) return false;
    // A member without records has a note alone.
    key[0] = size + 1;
    key[1] = NOTE_PREFIX;
    return this.#reader.find(key, 0, end) !== 0;
  }

  #put(of: Uint8Array, label: number, at: number): number {
    if (label < 0) return at;
    const size = of[label]!;
    for (let i = 0; i <= size; i++) this.#key[at + i] = of[label + i]!;
    return at + 1 + size;
  }
}
