// The manifest files of a watched folder, and which of them must be checked without an event: a link's target, a file
// that could not be read, and files that others include change elsewhere. Reads nothing.
import type { FileStatus } from "../../files/file-status.ts";
import type { ManifestFile } from "./manifest-file.ts";
import type { ReadOutcome } from "./read-manifest.ts";

/** Files that each poll checks in turn, whatever events say: a network file system, or a full queue, gives none. */
const FILES_PER_TICK = 50;

/** Files by path. */
export class FolderFiles extends Map<string, ManifestFile> {
  /** Files that may change without an event in the folder: behind links, or not readable. */
  readonly eventless = new Set<ManifestFile>();
  /** Files that include others, which may be in folders without a watch. */
  readonly including = new Set<ManifestFile>();
  /** Files whose last reading was refused: what they lacked may be there now. */
  readonly #refused = new Set<ManifestFile>();
  /** Where the next poll goes on. */
  #round = this.values();

  noteStatus(file: ManifestFile, status: FileStatus): void {
    mark(this.eventless, file, status.kind === "refused" || (status.kind === "file" && status.isLink));
  }

  noteReading(file: ManifestFile, outcome: ReadOutcome): void {
    mark(this.#refused, file, outcome.kind === "refused");
    if (outcome.kind === "refused") this.eventless.add(file);
    else mark(this.including, file, outcome.parsed.included.length > 0);
  }

  drop(file: ManifestFile): void {
    this.delete(file.path);
    for (const marked of [this.eventless, this.including, this.#refused]) marked.delete(file);
  }

  /** Checks the next files in turn. */
  hintNext(): void {
    for (let i = 0; i < FILES_PER_TICK; i++) {
      const next = this.#round.next();
      if (next.done === true) {
        this.#round = this.values();
        return;
      }
      next.value.hint();
    }
  }

  /** Checks all files that change without an event. */
  hintEventless(): void {
    for (const file of [...this.eventless, ...this.including, ...this.#refused]) file.hint();
  }
}

function mark<T>(set: Set<T>, item: T, isIn: boolean): void {
  if (isIn) set.add(item);
  else set.delete(item);
}
