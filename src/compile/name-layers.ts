// Two layers of names in one table: a name of the cluster hides the same name of zone files, hosts files and special
// zones, which returns when the cluster's name is removed. The table tells the layer of a name by its kind.
import type { EntryBuffer } from "../table/entry-buffer.ts";
import type { EntryContent } from "../table/entry.ts";
import type { TableWriter } from "../table/writer.ts";
import { keysUpward, nameKey } from "../dns/name.ts";
import { ZONE_KIND } from "../table/layout.ts";

/** A name and its table entry. */
export interface NamedEntry {
  readonly name: Uint8Array;
  readonly content: EntryContent;
}

/** Makes the entry of a name of the lower layer that was not put with `setLower`. */
type OtherEntry = (name: Uint8Array) => EntryBuffer | undefined;

export class NameLayers {
  readonly #writer: TableWriter;
  readonly #lower = new Map<string, NamedEntry>();
  #otherLower: OtherEntry = () => undefined;
  /** Watched name → the upper layer's names at or below it. */
  #watched = new Map<string, Set<string>>();
  #hasContestChanged = false;

  /** The table must be empty, and must not be written by anything else. */
  constructor(writer: TableWriter) {
    this.#writer = writer;
  }

  /** Puts a name of the upper layer. */
  put(entry: EntryBuffer): void {
    if (this.#watched.size > 0) {
      const { bytes, nameAt, nameSize } = entry;
      const key = nameKey(bytes.subarray(nameAt, nameAt + nameSize));
      this.#eachWatchedAbove(key, (names) => names.add(key));
    }
    this.#writer.putEntry(entry);
  }

  /** Removes a name from the upper layer, if present. */
  remove(name: Uint8Array): void {
    const key = nameKey(name);
    const lower = this.#lower.get(key);
    if (this.#watched.size > 0) this.#eachWatchedAbove(key, (names) => names.delete(key));
    if (lower !== undefined) return void this.#writer.put(name, lower.content);
    const other = this.#otherLower(name);
    if (other === undefined) this.#writer.remove(name);
    else this.#writer.putEntry(other);
  }

  /** Puts the entry for this key into the lower layer; undefined removes it. */
  setLower(key: string, entry: NamedEntry | undefined): void {
    const before = this.#lower.get(key);
    if (entry === undefined) {
      if (before !== undefined) this.removeOther(key, before.name);
      return;
    }
    this.#lower.set(key, entry);
    if (before?.content !== entry.content && !this.#isUpper(entry.name)) this.#writer.put(entry.name, entry.content);
  }

  /** Makes the entries of names that `putOther` puts, when the upper layer leaves them. */
  setOther(otherLower: OtherEntry): void {
    this.#otherLower = otherLower;
  }

  /** Puts a name into the lower layer whose entry can be made again, and is kept in the table alone. */
  putOther(key: string, name: Uint8Array, entry: EntryBuffer): void {
    this.#lower.delete(key);
    if (!this.#isUpper(name)) this.#writer.putEntry(entry);
  }

  /** Removes a name from the lower layer, however it was put. */
  removeOther(key: string, name: Uint8Array): void {
    this.#lower.delete(key);
    if (!this.#isUpper(name)) this.#writer.remove(name);
  }

  #isUpper(name: Uint8Array): boolean {
    const kind = this.#writer.kindOf(name);
    return kind === ZONE_KIND.CLUSTER || kind === ZONE_KIND.REVERSE;
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
    const names = [...this.#writer.namesBelow(Buffer.from(key, "latin1"))];
    return new Set(names.filter((name) => this.#isUpper(name)).map(nameKey));
  }
}
