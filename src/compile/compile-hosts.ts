// Compiles lines of hosts files into table entries: each name with all of its addresses, each address's reverse name
// with the first names of its lines. Each name is a zone of its own, so that its siblings and parents are unaffected;
// unless the files are authoritative, other types and the names below are those of the zone around it or of upstreams.
// An entry is made when it is written, and kept nowhere else.
import { HEADER_SIZE, RECORD_HEAD_SIZE, TYPE } from "../dns/constants.ts";
import { foldedKey, isAtOrBelow, nameKey, parseName } from "../dns/name.ts";
import type { Sliced } from "../std/sliced.ts";
import { EntryBuffer } from "../table/entry-buffer.ts";
import { readEntry } from "../table/entry.ts";
import { ENTRY_FLAG, RECORDS_PER_SET_MAX, ZONE_KIND } from "../table/layout.ts";
import { namesStart, nameSizeAt, NO_LINES } from "../zonefile/hosts-lines.ts";
import type { HostsLines } from "../zonefile/hosts-lines.ts";
import { addressOfReverseName } from "../zonefile/reverse-name.ts";
import { HostsIndex } from "./hosts-index.ts";
import type { HashOf } from "./hosts-index.ts";
import type { NamedEntry } from "./name-layers.ts";
import { reverseName } from "./reverse-zones.ts";

interface HostsSettings {
  readonly ttlSeconds: number;
  /** The names have no other types, and no names below them. */
  readonly isAuthoritative: boolean;
  /** The zone whose SOA and readiness the name with this key has. */
  readonly zoneOf: (key: string) => number;
  readonly hashOf: HashOf;
}

/** Lines with their indexes. */
interface IndexedLines {
  readonly lines: HostsLines;
  readonly names: HostsIndex;
  readonly addresses: HostsIndex;
}

/** Gets a name that has changed; `pointer` as in `HostsNames.write`. */
type OnName = (name: Uint8Array, pointer?: number) => void;

/** How many names change between two pauses. */
const SLICE = 200;
const ARPA = foldedKey(parseName("arpa")!);

/** The names of all hosts files. */
export class HostsNames {
  readonly #settings: HostsSettings;
  #indexed: IndexedLines | undefined;
  readonly #entry = new EntryBuffer();
  /** Results of `hasAtOrBelow` for the current lines. */
  readonly #hasBelow = new Map<string, boolean>();

  constructor(settings: HostsSettings) {
    this.#settings = settings;
  }

  /** Whether a line has the name. */
  has(name: Uint8Array): boolean {
    return this.#recordsOf(name) !== undefined;
  }

  /**
   * The entry of a name, in a buffer that the next call overwrites. `pointer`: the first record of the address whose
   * reverse name it is, if known.
   */
  write(name: Uint8Array, pointer?: number): EntryBuffer | undefined {
    const found = this.#recordsOf(name, pointer);
    if (found === undefined) return undefined;
    const { ttlSeconds, isAuthoritative, zoneOf } = this.#settings;
    const pointers = this.#pointersOf(found.pointer);
    const addresses = this.#addressesOf(found.name);
    const sets = [
      { type: TYPE.A, rdata: addresses.filter(({ length }) => length === 4) },
      { type: TYPE.AAAA, rdata: addresses.filter(({ length }) => length === 16) },
      { type: TYPE.PTR, rdata: pointers },
    ].filter(({ rdata }) => rdata.length > 0);
    const head = {
      flags: isAuthoritative ? 0 : ENTRY_FLAG.FOREIGN,
      apexSize: name.length,
      zone: zoneOf(nameKey(name)),
      kind: ZONE_KIND.HOSTS,
    };
    this.#entry.begin(name, head, sets.length);
    for (const { type, rdata } of sets) {
      this.#entry.beginSet(type, type === TYPE.PTR ? 0 : RECORD_HEAD_SIZE + rdata[0]!.length);
      for (const each of rdata.slice(0, RECORDS_PER_SET_MAX)) {
        const at = this.#entry.addRecord(HEADER_SIZE, type, ttlSeconds, each.length);
        this.#entry.bytes.set(each, at);
      }
      this.#entry.endAnswers();
      this.#entry.endSet();
    }
    this.#entry.end();
    return this.#entry;
  }

  /** The entry of a name, for use later. */
  get(name: Uint8Array): NamedEntry | undefined {
    const entry = this.write(name);
    return entry && { name, content: readEntry(entry.words, entry.bytes, 0).content };
  }

  /** Whether a line has a name at or below this one. */
  hasAtOrBelow(key: string): boolean {
    const known = this.#hasBelow.get(key);
    if (known !== undefined) return known;
    const has = this.#findAtOrBelow(Buffer.from(key, "latin1"));
    this.#hasBelow.set(key, has);
    return has;
  }

  #findAtOrBelow(name: Uint8Array): boolean {
    if (this.#indexed === undefined) return false;
    const { names } = this.#indexed;
    const { bytes } = names.lines;
    for (const at of names.keyAt) if (isAtOrBelow(bytes.subarray(at, at + nameSizeAt(bytes, at)), name)) return true;
    return false;
  }

  /**
   * Replaces all lines. Calls `onName` for each name that may have come, changed or gone, and before that `onCount`
   * with how many more names there may be.
   */
  *set(lines: HostsLines, onName: OnName, onCount: (more: number) => void): Sliced<void> {
    const before = this.#indexed;
    const old = before?.lines ?? NO_LINES;
    const { start, end } = findChange(old, lines);
    if (start + end === Math.max(old.numbers.length, lines.numbers.length)) return;
    const { hashOf } = this.#settings;
    const names = yield* HostsIndex.byName(lines, hashOf);
    const addresses = yield* HostsIndex.byAddress(lines, hashOf);
    this.#indexed = lines.numbers.length === 0 ? undefined : { lines, names, addresses };
    this.#hasBelow.clear();
    onCount(names.count + addresses.count - (before === undefined ? 0 : before.names.count + before.addresses.count));
    // Additions before removals: a name that moves from one file to another exists all the time.
    yield* eachTouched({ lines, names, addresses }, start, end, onName);
    if (before !== undefined) yield* eachTouched(before, start, end, (name) => onName(name));
  }

  /** The first records of a name and of the address whose reverse name it is; one of them is there. */
  #recordsOf(name: Uint8Array, known?: number): { readonly name: number; readonly pointer: number } | undefined {
    if (this.#indexed === undefined) return undefined;
    const own = this.#indexed.names.find(name, 0, name.length);
    const pointer = known ?? (nameKey(name).endsWith(ARPA) ? this.#findPointer(name) : -1);
    return own < 0 && pointer < 0 ? undefined : { name: own, pointer };
  }

  #findPointer(name: Uint8Array): number {
    const address = addressOfReverseName(name);
    const key = address && Uint8Array.from([address.length, ...address]);
    return key === undefined ? -1 : this.#indexed!.addresses.find(key, 0, key.length);
  }

  #addressesOf(record: number): readonly Uint8Array[] {
    const { names } = this.#indexed!;
    const { bytes } = names.lines;
    const found: Uint8Array[] = [];
    for (let at = record; at >= 0; at = names.next(at)) {
      const start = names.lineAt[at]!;
      found.push(bytes.subarray(start + 1, namesStart(bytes, start)));
    }
    return distinct(found);
  }

  /** The first names of the lines with the address of this record. */
  #pointersOf(record: number): readonly Uint8Array[] {
    const { addresses } = this.#indexed!;
    const { bytes } = addresses.lines;
    const found: Uint8Array[] = [];
    for (let at = record; at >= 0; at = addresses.next(at)) {
      const start = namesStart(bytes, addresses.lineAt[at]!);
      found.push(bytes.subarray(start, start + nameSizeAt(bytes, start)));
    }
    return distinct(found);
  }
}

/** Each value once; most lists have one. */
function distinct(values: readonly Uint8Array[]): readonly Uint8Array[] {
  if (values.length < 2) return values;
  return [...new Map(values.map((value) => [nameKey(value), value])).values()];
}

/**
 * The entry of a name that has lines of hosts files, and records in the zone of a file: what the lines do not have is
 * the zone's.
 */
export function besideZone(line: NamedEntry, zone: NamedEntry | undefined): NamedEntry {
  if (zone === undefined || (zone.content.flags & (ENTRY_FLAG.CUT | ENTRY_FLAG.REDIRECTS)) !== 0) return line;
  const own = new Set(line.content.sets.map(({ type }) => type));
  const replaced = own.has(TYPE.PTR) ? own : new Set([TYPE.A, TYPE.AAAA, TYPE.CNAME]);
  const kept = zone.content.sets.filter(({ type }) => !replaced.has(type) && type !== TYPE.CNAME);
  return { name: line.name, content: { ...zone.content, sets: [...line.content.sets, ...kept] } };
}

/** Calls `onName` once for each name of the changed lines, and each reverse name of their addresses. */
function* eachTouched(
  { lines, names, addresses }: IndexedLines,
  start: number,
  end: number,
  onName: OnName,
): Sliced<void> {
  const { bytes, starts, numbers } = lines;
  const [from, to] = [starts[start]!, starts[numbers.length - end]!];
  let left = SLICE;
  for (const index of [names, addresses]) {
    const isSeen = new Uint8Array(index.count);
    for (let record = 0; record < index.count; record++) {
      const at = index.keyAt[record]!;
      if (at < from || at >= to) continue;
      const first = index.find(bytes, at, at + index.sizeAt(at));
      if (isSeen[first] === 1) continue;
      isSeen[first] = 1;
      if (index === names) onName(bytes.subarray(at, at + nameSizeAt(bytes, at)));
      else onName(reverseAt(bytes, at), first);
      if (--left > 0) continue;
      left = SLICE;
      yield;
    }
  }
}

/** The reverse name of the address with its size at `at`. */
function reverseAt(bytes: Uint8Array, at: number): Uint8Array {
  return reverseName(bytes.subarray(at + 1, namesStart(bytes, at)));
}

/** The number of equal lines at the start, and of further equal lines at the end. */
function findChange(before: HostsLines, after: HostsLines): { readonly start: number; readonly end: number } {
  const [old, now] = [before.numbers.length, after.numbers.length];
  const shared = Math.min(old, now);
  let start = 0;
  while (start < shared && isSameLine(before, start, after, start)) start++;
  let end = 0;
  while (end < shared - start && isSameLine(before, old - 1 - end, after, now - 1 - end)) end++;
  return { start, end };
}

function isSameLine(a: HostsLines, i: number, b: HostsLines, j: number): boolean {
  const [from, other] = [a.starts[i]!, b.starts[j]!];
  const size = a.starts[i + 1]! - from;
  if (size !== b.starts[j + 1]! - other) return false;
  for (let k = 0; k < size; k++) if (a.bytes[from + k] !== b.bytes[other + k]) return false;
  return true;
}
