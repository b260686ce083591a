// Two layers of names in one table: a name of the cluster hides the same name of zone files, hosts files and special
// zones, which returns when the cluster's name is removed. Does not know what the names mean.
import type { EntryBuffer } from "../table/entry-buffer.ts";
import type { EntryContent } from "../table/entry.ts";
import type { TableWriter } from "../table/writer.ts";
import { keysUpward, NAME_SIZE_MAX, nameKey } from "../dns/name.ts";

/** A name and its table entry. */
export interface NamedEntry {
  readonly name: Uint8Array;
  readonly content: EntryContent;
}

export class NameLayers {
  readonly #writer: TableWriter;
  readonly #lower = new Map<string, NamedEntry>();
  /** How many names of the lower layer have each size: most names of the cluster need no look-up in it. */
  readonly #lowerSizes = new Uint32Array(NAME_SIZE_MAX + 1);
  /** Names of the lower layer that the upper layer hides. */
  readonly #hidden = new Set<string>();
  /** Watched name → the upper layer's names at or below it. */
  #watched = new Map<string, Set<string>>();
  #hasContestChanged = false;

  /** The table must be empty, and must not be written by anything else. */
  constructor(writer: TableWriter) {
    this.#writer = writer;
  }

  /** Puts a name of the upper layer. */
  put(entry: EntryBuffer): void {
    const { bytes, nameAt, nameSize } = entry;
    if (this.#lowerSizes[nameSize]! > 0 || this.#watched.size > 0) {
      const key = nameKey(bytes.subarray(nameAt, nameAt + nameSize));
      if (this.#lower.has(key)) this.#hidden.add(key);
      if (this.#watched.size > 0) this.#eachWatchedAbove(key, (names) => names.add(key));
    }
    this.#writer.putEntry(entry);
  }

  /** Removes a name from the upper layer, if present. */
  remove(name: Uint8Array): void {
    const key = nameKey(name);
    const lower = this.#lower.get(key);
    this.#hidden.delete(key);
    if (this.#watched.size > 0) this.#eachWatchedAbove(key, (names) => names.delete(key));
    if (lower === undefined) this.#writer.remove(name);
    else this.#writer.put(name, lower.content);
  }

  /** Puts the entry for this key into the lower layer; undefined removes it. */
  setLower(key: string, entry: NamedEntry | undefined): void {
    const before = this.#lower.get(key);
    if (entry === undefined) {
      if (this.#lower.delete(key)) this.#lowerSizes[key.length]!--;
      if (before !== undefined && !this.#hidden.delete(key)) this.#writer.remove(before.name);
      return;
    }
    this.#lower.set(key, entry);
    if (before === undefined) this.#lowerSizes[key.length]!++;
    if (before === undefined && this.#writer.isOwner(entry.name)) this.#hidden.add(key);
    else if (before?.content !== entry.content && !this.#hidden.has(key)) this.#writer.put(entry.name, entry.content);
  }

  /** Watches these names, and no others, for `isContested`. */
  watch(keys: Iterable<string>): void {
    const before = this.#watched;
    this.#watched = new Map([...keys].map((key) => [key, before.get(key) ?? this.#upperNamesBelow(key)]));
  }

  /** Whether the upper layer has names at or below the watched one. */
  isContested(key: string): boolean {
    return (this.#watched.get(key)?.size ?? 0) > 0;
  }

  /** Whether a watched name has become contested or uncontested since the last call. */
  takeContestChange(): boolean {
    const hasChanged = this.#hasContestChanged;
    this.#hasContestChanged = false;
    return hasChanged;
  }

  #eachWatchedAbove(key: string, change: (names: Set<string>) => void): void {
    for (const above of keysUpward(key)) {
      const names = this.#watched.get(above);
      if (names === undefined) continue;
      const wasContested = names.size > 0;
      change(names);
      if (names.size > 0 !== wasContested) this.#hasContestChanged = true;
    }
  }

  #upperNamesBelow(key: string): Set<string> {
    const keys = [...this.#writer.namesBelow(Buffer.from(key, "latin1"))].map(nameKey);
    return new Set(keys.filter((each) => !this.#lower.has(each) || this.#hidden.has(each)));
  }
}
