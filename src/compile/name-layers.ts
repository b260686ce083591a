// Two layers of names over one table: what the cluster makes stands before what files and fixed rules say of the same
// name, which shows again when the cluster's is gone. Knows nothing of what the names mean.
import type { EntryContent } from "../table/entry.ts";
import type { TableWriter } from "../table/writer.ts";
import { isAtOrBelow, nameKey } from "./name-key.ts";

/** A name and what it holds. */
export interface NamedEntry {
  readonly name: Uint8Array;
  readonly content: EntryContent;
}

export class NameLayers {
  readonly #writer: TableWriter;
  #lower: ReadonlyMap<string, NamedEntry> = new Map();
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

  /** Makes the lower layer what `next` holds, by the keys of its names. */
  replaceLower(next: ReadonlyMap<string, NamedEntry>): void {
    const writer = this.#writer;
    for (const [key, { name, content }] of next) {
      const before = this.#lower.get(key);
      if (before === undefined && writer.holds(name)) this.#covered.add(key);
      else if (before?.content !== content && !this.#covered.has(key)) writer.put(name, content);
    }
    for (const [key, { name }] of this.#lower) {
      if (!next.has(key) && !this.#covered.delete(key)) writer.remove(name);
    }
    this.#lower = next;
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
