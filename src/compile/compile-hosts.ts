// Lines of hosts files → table entries: each name with all of its addresses, each address's reverse name with the first
// names of its lines. Every one of them is a zone of one name, so that its neighbours are not touched.
import { TYPE } from "../dns/constants.ts";
import { keysUpward, lowerName, nameKey } from "../dns/name.ts";
import type { HostsEntry } from "../zonefile/parse-hosts-file.ts";
import { encodeEntry } from "./encode-entry.ts";
import type { NamedEntry } from "./name-layers.ts";
import { reverseName } from "./reverse-zones.ts";

interface HostsSettings {
  readonly ttlSeconds: number;
  /** Whose SOA the names have. */
  readonly zone: number;
}

/** RDATA of one owner, by type and by what it says. */
interface Owner {
  readonly name: Uint8Array;
  readonly sets: Map<number, Map<string, Uint8Array>>;
}

/** What a change of lines makes of the names: all that may have changed, and keys of those that are no more. */
interface HostsChange {
  readonly come: ReadonlyMap<string, NamedEntry>;
  readonly gone: readonly string[];
}

/** What the lines of all hosts files make, which change by change costs what has changed of the lines. */
export class HostsNames {
  readonly #settings: HostsSettings;
  #lines: readonly HostsEntry[] = [];
  #entries = new Map<string, NamedEntry>();
  /** What was asked about these lines. */
  readonly #hasBelow = new Map<string, boolean>();

  constructor(settings: HostsSettings) {
    this.#settings = settings;
  }

  get(key: string): NamedEntry | undefined {
    return this.#entries.get(key);
  }

  /** Whether there are names at or below this one. */
  hasAtOrBelow(key: string): boolean {
    const known = this.#hasBelow.get(key);
    if (known !== undefined) return known;
    const has = this.#findAtOrBelow(key) !== undefined;
    this.#hasBelow.set(key, has);
    return has;
  }

  #findAtOrBelow(key: string): string | undefined {
    // The end of the text says no to almost all of them, and soon.
    for (const each of this.#entries.keys()) if (each.endsWith(key) && keysUpward(each).includes(key)) return each;
    return undefined;
  }

  /** Takes these lines in place of those before. */
  set(lines: readonly HostsEntry[]): HostsChange {
    const before = this.#lines;
    const { start, end } = findChange(before, lines);
    this.#lines = lines;
    const changed = before.length + lines.length - 2 * (start + end);
    if (changed === 0) return { come: new Map(), gone: [] };
    this.#hasBelow.clear();
    // To look for what the changed lines touch costs about as much as to compile them.
    if (changed * 2 > lines.length) return this.#setAll(lines);
    const touched = new Set<string>();
    for (const some of [before.slice(start, before.length - end), lines.slice(start, lines.length - end)])
      eachRecord(some, (name) => touched.add(nameKey(name)));
    const come = compileHosts(lines, this.#settings, touched);
    const gone = [...touched].filter((key) => !come.has(key));
    for (const [key, entry] of come) this.#entries.set(key, entry);
    for (const key of gone) this.#entries.delete(key);
    return { come, gone };
  }

  #setAll(lines: readonly HostsEntry[]): HostsChange {
    const before = this.#entries;
    const come = compileHosts(lines, this.#settings);
    this.#entries = come;
    return { come, gone: [...before.keys()].filter((key) => !come.has(key)) };
  }
}

/** The entries of all lines by key, of whatever file; where `wanted` is given, of the names with these keys alone. */
export function compileHosts(
  lines: readonly HostsEntry[],
  settings: HostsSettings,
  wanted?: ReadonlySet<string>,
): Map<string, NamedEntry> {
  const { ttlSeconds, zone } = settings;
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
      const content = encodeEntry({ name, sets: records }, { apexSize: name.length, zone });
      return [key, { name, content }];
    }),
  );
}

/** Hands over what the lines say of each name, names in lower case. */
function eachRecord(
  lines: readonly HostsEntry[],
  add: (name: Uint8Array, type: number, rdata: Uint8Array) => void,
): void {
  // Thousands of lines may have one address.
  let last: { readonly address: Uint8Array; readonly name: Uint8Array } | undefined;
  for (const { address, names } of lines) {
    for (const name of names) add(lowerName(name), address.length === 4 ? TYPE.A : TYPE.AAAA, address);
    // Lists of names to be blocked give thousands the unspecified address, which is nobody's.
    if (names.length === 0 || address.every((byte) => byte === 0)) continue;
    if (last === undefined || !isSame(last.address, address)) last = { address, name: reverseName(address) };
    add(last.name, TYPE.PTR, lowerName(names[0]!));
  }
}

/** How many lines are the same at the start, and how many of the others at the end. */
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

/** Whether two lines say the same; of a file that was not read again they are one object. */
function isSameLine(a: HostsEntry, b: HostsEntry): boolean {
  if (a === b) return true;
  const isSameCount = a.names.length === b.names.length;
  return isSameCount && isSame(a.address, b.address) && a.names.every((name, i) => isSame(name, b.names[i]!));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
