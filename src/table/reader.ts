// Looks up names in the compiled zones; any number of readers, in any thread, work beside the one writer.
// The answer path reads entries through `words` and `bytes` by layout.ts. Allocates nothing after `attach`.
import { assert } from "../std/assert.ts";
import { hashBytes } from "../std/hash.ts";
import { ENTRY, ENTRY_FLAG, HEADER, LACKS, MAGIC, SLOTS_START, ZONE, ZONE_KIND } from "./layout.ts";

export class TableReader {
  words: Int32Array = new Int32Array(0);
  bytes: Uint8Array = new Uint8Array(0);
  /** Offsets of the labels of a name: at most 127, and the root. */
  readonly #offsets = new Uint8Array(128);
  #slotMask = 0;
  #key0 = 0;
  #key1 = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.attach(buffer);
  }

  /** Switches to `buffer`, the writer's new one. */
  attach(buffer: SharedArrayBuffer): void {
    this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    assert(this.words[HEADER.MAGIC] === MAGIC, "a compiled zone begins with its magic number");
    this.#slotMask = this.words[HEADER.SLOT_COUNT]! - 1;
    this.#key0 = this.words[HEADER.HASH_KEY_0]!;
    this.#key1 = this.words[HEADER.HASH_KEY_1]!;
  }

  /** Whether all zones are known and ready: then no name needs a check with `isNameReady`. */
  get isReady(): boolean {
    return Atomics.load(this.words, HEADER.NOT_READY) === 0;
  }

  /**
   * Whether the zone of the lower-case wire name in `key[start, end)` is ready; for a name outside the zones, whether
   * all zones are known.
   */
  isNameReady(key: Uint8Array, start: number, end: number): boolean {
    const owner = this.findZone(key, start, end);
    if (owner !== 0) return this.isZoneReady(this.zoneOf(owner));
    return Atomics.load(this.words, HEADER.ZONES_KNOWN) !== 0;
  }

  /** The entry that decides the local zone of the lower-case wire name in `key[start, end)`; 0: it is in none. */
  findZone(key: Uint8Array, start: number, end: number): number {
    const own = this.find(key, start, end);
    const entry = own !== 0 ? own : this.findEncloser(key, start, end);
    const owner = entry === 0 ? 0 : this.nearestOwner(entry, key, end);
    return owner !== 0 && this.#isForeign(owner) && this.kindOf(owner) !== ZONE_KIND.HOSTS ? 0 : owner;
  }

  /** The index of the zone whose SOA the entry has. */
  zoneOf(entry: number): number {
    return this.words[entry + ENTRY.ZONE]! & 0xffff;
  }

  /** What the name belongs to, of `ZONE_KIND`. */
  kindOf(entry: number): number {
    return (this.words[entry + ENTRY.ZONE]! >>> 16) & 0xff;
  }

  /** The kind of node, for `ReasonTexts`. */
  nodeOf(entry: number): number {
    return this.words[entry + ENTRY.ZONE]! >>> 24;
  }

  isZoneReady(zone: number): boolean {
    return this.#lacks(zone) === LACKS.NOTHING;
  }

  /** Whether what the table has of the zone is right, and what it has not is not known yet. */
  isZoneReadyInPart(zone: number): boolean {
    return this.#lacks(zone) === LACKS.SOME;
  }

  #lacks(zone: number): number {
    return Atomics.load(this.words, HEADER.ZONES + zone * ZONE.WORDS + ZONE.NOT_READY);
  }

  /** The word offset of the zone's SOA record. */
  zoneSoa(zone: number): number {
    return Atomics.load(this.words, HEADER.ZONES + zone * ZONE.WORDS + ZONE.SOA);
  }

  serial(zone: number): number {
    return Atomics.load(this.words, HEADER.ZONES + zone * ZONE.WORDS + ZONE.SERIAL);
  }

  /** The hash of the name in `key[start, end)`, as the name's entry has it. */
  hash(key: Uint8Array, start: number, end: number): number {
    return hashBytes(key, start, end, this.#key0, this.#key1);
  }

  /** The word offset of the entry of the lower-case wire name in `key[start, end)`, or 0. */
  find(key: Uint8Array, start: number, end: number): number {
    const words = this.words;
    const bytes = this.bytes;
    const size = end - start;
    const hash = hashBytes(key, start, end, this.#key0, this.#key1);
    for (let i = hash & this.#slotMask; ; i = (i + 1) & this.#slotMask) {
      const value = Atomics.load(words, SLOTS_START + i);
      if (value === 0) return 0;
      if (value < 0) continue;
      const entry = value * 2;
      if (words[entry + ENTRY.HASH] !== hash || (words[entry + ENTRY.META]! & 0xff) !== size) continue;
      const at = (entry + ENTRY.NAME) << 2;
      let same = 0;
      while (same < size && bytes[at + same] === key[start + same]) same++;
      if (same === size) return entry;
    }
  }

  /**
   * The entry of the closest encloser (RFC 4592 3.3.1) of the name in `key[start, end)`, which does not exist; 0: none.
   * Takes few look-ups for any number of labels: mostly the parent exists; otherwise bisection finds the encloser,
   * as all ancestors of an existing name exist, except the root.
   */
  findEncloser(key: Uint8Array, start: number, end: number): number {
    const offsets = this.#offsets;
    let labels = 0;
    for (let at = start; key[at] !== 0; at += 1 + key[at]!) offsets[labels++] = at - start;
    offsets[labels] = end - 1 - start;
    if (labels === 0) return 0;
    const above = this.find(key, start + offsets[1]!, end);
    if (above !== 0) return above;
    let found = 0;
    let low = 0;
    let high = labels - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const entry = this.find(key, start + offsets[labels - middle]!, end);
      if (entry === 0) {
        high = middle;
      } else {
        found = entry;
        low = middle;
      }
    }
    return found !== 0 ? found : this.find(key, end - 1, end);
  }

  /**
   * The owner name that decides the zone of `entry`, whose name ends at `key[end]`: the entry itself, or for an empty
   * non-terminal the nearest owner name above. 0: no zone.
   */
  nearestOwner(entry: number, key: Uint8Array, end: number): number {
    return this.#isOwner(entry) ? entry : this.#ownerAbove(entry, key, end);
  }

  /** Whether the entry has the records of lines of hosts files and nothing else: other types are answered elsewhere. */
  isHostsLine(entry: number): boolean {
    return this.#isForeign(entry) && this.kindOf(entry) === ZONE_KIND.HOSTS;
  }

  /** The owner name above the line of a hosts file that decides the zone of what the line does not answer; 0: none. */
  ownerAround(line: number, key: Uint8Array, end: number): number {
    let owner = line;
    while (owner !== 0 && this.isHostsLine(owner)) owner = this.#ownerAbove(owner, key, end);
    return owner;
  }

  #ownerAbove(entry: number, key: Uint8Array, end: number): number {
    let at = end - (this.words[entry + ENTRY.META]! & 0xff);
    while (key[at] !== 0) {
      at += 1 + key[at]!;
      const above = this.find(key, at, end);
      if (above !== 0 && this.#isOwner(above)) return above;
    }
    return 0;
  }

  #isForeign(entry: number): boolean {
    return (this.words[entry + ENTRY.META]! & (ENTRY_FLAG.FOREIGN << 16)) !== 0;
  }

  #isOwner(entry: number): boolean {
    return (this.words[entry + ENTRY.META]! & (ENTRY_FLAG.OWNER << 16)) !== 0;
  }
}
