// Compiles lines of hosts files into table entries: each name with all of its addresses, each address's reverse name
// with the first names of its lines. Each name is a zone of its own, so that its siblings and parents are unaffected;
// unless the files are authoritative, other types and the names below are those of the zone around it or of upstreams.
import { TYPE } from "../dns/constants.ts";
import { keysUpward, lowerName, nameKey } from "../dns/name.ts";
import { ENTRY_FLAG, ZONE_KIND } from "../table/layout.ts";
import type { HostsEntry } from "../zonefile/parse-hosts-file.ts";
import { encodeEntry } from "./encode-entry.ts";
import type { NamedEntry } from "./name-layers.ts";
import { reverseName } from "./reverse-zones.ts";

interface HostsSettings {
  readonly ttlSeconds: number;
  /** The names have no other types, and no names below them. */
  readonly isAuthoritative: boolean;
  /** The zone whose SOA and readiness the name with this key has. */
  readonly zoneOf: (key: string) => number;
}

/** The rdata of one owner name by type, keyed by value. */
interface Owner {
  readonly name: Uint8Array;
  readonly sets: Map<number, Map<string, Uint8Array>>;
}

/** The effect of changed lines: names that were added or may have changed, and the keys of removed names. */
interface HostsChange {
  readonly added: ReadonlyMap<string, NamedEntry>;
  readonly removed: readonly string[];
}

/** The names of all hosts files. The cost of a change depends on the number of changed lines. */
export class HostsNames {
  readonly #settings: HostsSettings;
  #lines: readonly HostsEntry[] = [];
  #entries = new Map<string, NamedEntry>();
  /** Results of `hasAtOrBelow` for the current lines. */
  readonly #hasBelow = new Map<string, boolean>();

  constructor(settings: HostsSettings) {
    this.#settings = settings;
  }

  get(key: string): NamedEntry | undefined {
    return this.#entries.get(key);
  }

  /** Whether a name at or below this one exists. */
  hasAtOrBelow(key: string): boolean {
    const known = this.#hasBelow.get(key);
    if (known !== undefined) return known;
    const has = this.#findAtOrBelow(key) !== undefined;
    this.#hasBelow.set(key, has);
    return has;
  }

  #findAtOrBelow(key: string): string | undefined {
    // `endsWith` rules out nearly all names at little cost.
    for (const each of this.#entries.keys()) if (each.endsWith(key) && keysUpward(each).includes(key)) return each;
    return undefined;
  }

  /** Replaces all lines. */
  set(lines: readonly HostsEntry[]): HostsChange {
    const before = this.#lines;
    const { start, end } = findChange(before, lines);
    this.#lines = lines;
    const changed = before.length + lines.length - 2 * (start + end);
    if (changed === 0) return { added: new Map(), removed: [] };
    this.#hasBelow.clear();
    // With so many changed lines a full compilation costs no more.
    if (changed * 2 > lines.length) return this.#setAll(lines);
    const touched = new Set<string>();
    for (const some of [before.slice(start, before.length - end), lines.slice(start, lines.length - end)])
      eachRecord(some, (name) => touched.add(nameKey(name)));
    const added = compileHosts(lines, this.#settings, touched);
    const removed = [...touched].filter((key) => !added.has(key));
    for (const [key, entry] of added) this.#entries.set(key, entry);
    for (const key of removed) this.#entries.delete(key);
    return { added, removed };
  }

  #setAll(lines: readonly HostsEntry[]): HostsChange {
    const before = this.#entries;
    const added = compileHosts(lines, this.#settings);
    this.#entries = added;
    return { added, removed: [...before.keys()].filter((key) => !added.has(key)) };
  }
}

/** The entries of all lines by key; with `wanted`, only those of the names with these keys. */
export function compileHosts(
  lines: readonly HostsEntry[],
  settings: HostsSettings,
  wanted?: ReadonlySet<string>,
): Map<string, NamedEntry> {
  const { ttlSeconds, zoneOf, isAuthoritative } = settings;
  const flags = isAuthoritative ? 0 : ENTRY_FLAG.FOREIGN;
  const owners = new Map<string, Owner>();
  eachRecord(lines, (name, type, rdata) => {
    const key = nameKey(name);
    if (wanted?.has(key) === false) return;
    const owner = owners.get(key) ?? { name, sets: new Map<number, Map<string, Uint8Array>>() };
    const set = owner.sets.get(type) ?? new Map<string, Uint8Array>();
    owners.set(key, owner);
    owner.sets.set(type, set.set(nameKey(rdata), rdata));
  });
  return new Map(
    [...owners].map(([key, { name, sets }]) => {
      const records = [...sets].map(([type, rdata]) => ({
        type,
        ttlSeconds,
        rdata: [...rdata.values()],
      }));
      const content = encodeEntry(
        { name, sets: records, flags },
        { apexSize: name.length, zone: zoneOf(key), kind: ZONE_KIND.HOSTS },
      );
      return [key, { name, content }];
    }),
  );
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

/** Calls `add` for each record of the lines, with names in lower case. */
function eachRecord(
  lines: readonly HostsEntry[],
  add: (name: Uint8Array, type: number, rdata: Uint8Array) => void,
): void {
  // Thousands of successive lines may have the same address.
  let last: { readonly address: Uint8Array; readonly name: Uint8Array } | undefined;
  for (const { address, names } of lines) {
    for (const name of names) add(lowerName(name), address.length === 4 ? TYPE.A : TYPE.AAAA, address);
    // Block lists use the unspecified address for thousands of names: it gets no PTR records.
    if (names.length === 0 || address.every((byte) => byte === 0)) continue;
    if (last === undefined || !isSame(last.address, address)) last = { address, name: reverseName(address) };
    add(last.name, TYPE.PTR, lowerName(names[0]!));
  }
}

/** The number of equal lines at the start, and of further equal lines at the end. */
function findChange(
  before: readonly HostsEntry[],
  after: readonly HostsEntry[],
): { readonly start: number; readonly end: number } {
  const shared = Math.min(before.length, after.length);
  let start = 0;
  while (start < shared && isSameLine(before[start]!, after[start]!)) start++;
  let end = 0;
  while (end < shared - start && isSameLine(before.at(-1 - end)!, after.at(-1 - end)!)) end++;
  return { start, end };
}

/** Whether two lines are equal; lines of an unchanged file are the same objects. */
function isSameLine(a: HostsEntry, b: HostsEntry): boolean {
  if (a === b) return true;
  const isSameCount = a.names.length === b.names.length;
  return isSameCount && isSame(a.address, b.address) && a.names.every((name, i) => isSame(name, b.names[i]!));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
