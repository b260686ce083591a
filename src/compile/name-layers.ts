// Two layers of names over one table: what the cluster makes stands before what files and fixed rules say of the same
// name, which shows again when the cluster's is gone. Knows nothing of what the names mean.
import type { EntryContent } from "../table/entry.ts";
import type { TableWriter } from "../table/writer.ts";
import { isAtOrBelow, nameKey } from "../dns/name-key.ts";

/** A name and what it holds. */
export interface NamedEntry {
  readonly name: Uint8Array;
  readonly content: EntryContent;
}

export class NameLayers {
  readonly #writer: TableWriter;
  readonly #lower = new Map<string, NamedEntry>();
  /** Names of the lower layer that the upper one has too. */
  readonly #covered = new Set<string>();
  /** Watched name → the upper layer's names at or below it. */
  #watched = new Map<string, Set<string>>();
  #hasContestChanged = false;

  /** Nothing is in the table yet, and all that comes into it comes through here. */
  constructor(writer: TableWriter) {
    this.#writer = writer;
  }

  /** Puts a name of the upper layer. */
  put(name: Uint8Array, content: EntryContent): void {
    const key = nameKey(name);
    if (this.#lower.has(key)) this.#covered.add(key);
    if (this.#watched.size > 0) this.#eachWatchedAbove(key, (names) => names.add(key));
    this.#writer.put(name, content);
  }

  /** Takes a name out of the upper layer, if it is there. */
  remove(name: Uint8Array): void {
    const key = nameKey(name);
    const lower = this.#lower.get(key);
    this.#covered.delete(key);
    if (this.#watched.size > 0) this.#eachWatchedAbove(key, (names) => names.delete(key));
    if (lower === undefined) this.#writer.remove(name);
    else this.#writer.put(name, lower.content);
  }

  /** Makes `entry` what the lower layer holds of the name with this key; undefined: it has it no more. */
  setLower(key: string, entry: NamedEntry | undefined): void {
    const before = this.#lower.get(key);
    if (entry === undefined) {
      this.#lower.delete(key);
      if (before !== undefined && !this.#covered.delete(key)) this.#writer.remove(before.name);
      return;
    }
    this.#lower.set(key, entry);
    if (before === undefined && this.#writer.isOwner(entry.name)) this.#covered.add(key);
    else if (before?.content !== entry.content && !this.#covered.has(key)) this.#writer.put(entry.name, entry.content);
  }

  /** From now on these names, and no others, are known to be contested or not. */
  watch(keys: Iterable<string>): void {
    const before = this.#watched;
    this.#watched = new Map([...keys].map((key) => [key, before.get(key) ?? this.#upperNamesBelow(key)]));
  }

  /** Whether the upper layer has names at or below the watched one. */
  isContested(key: string): boolean {
    return (this.#watched.get(key)?.size ?? 0) > 0;
  }

  /** Whether some watched name has become contested, or is so no more, since this was asked last. */
  takeContestChange(): boolean {
    const hasChanged = this.#hasContestChanged;
    this.#hasContestChanged = false;
    return hasChanged;
  }

  #eachWatchedAbove(key: string, change: (names: Set<string>) => void): void {
    for (const [watched, names] of this.#watched) {
      if (!isAtOrBelow(key, watched)) continue;
      const wasContested = names.size > 0;
      change(names);
      if (names.size > 0 !== wasContested) this.#hasContestChanged = true;
    }
  }

  #upperNamesBelow(key: string): Set<string> {
    const keys = [...this.#writer.namesBelow(Buffer.from(key, "latin1"))].map(nameKey);
    return new Set(keys.filter((each) => !this.#lower.has(each) || this.#covered.has(each)));
  }
}
