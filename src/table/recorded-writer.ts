// A writer of the table that remembers which names have changed, for those that follow a table name by name.
// Empty non-terminals that come and go with other names are not among them.
import { nameKey } from "../dns/name.ts";
import type { EntryBuffer } from "./entry-buffer.ts";
import { TableWriter } from "./writer.ts";

export class RecordedWriter extends TableWriter {
  #changed = new Set<string>();

  override putEntry(entry: EntryBuffer): boolean {
    const isChanged = super.putEntry(entry);
    if (isChanged) this.#changed.add(nameKey(entry.bytes.subarray(entry.nameAt, entry.nameAt + entry.nameSize)));
    return isChanged;
  }

  override remove(name: Uint8Array): boolean {
    const isChanged = super.remove(name);
    if (isChanged) this.#changed.add(nameKey(name));
    return isChanged;
  }

  /** The keys of the names that have changed since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }
}
