// Reports duplicate objects that persist: while a file is being renamed, its objects exist twice for a moment.
// Has one timer.
import type { Problem } from "../objects/problem.ts";

const CONFLICT_AFTER_MS = 400;

export class ConflictReporter {
  readonly #report: (conflicts: readonly Problem[]) => void;
  #conflicts: readonly Problem[] = [];
  #reported: readonly Problem[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `report` gets all conflicts, whenever they differ from the last report. */
  constructor(report: (conflicts: readonly Problem[]) => void) {
    this.#report = report;
  }

  /** Takes the conflicts after a publication; a while later the latest ones are reported. */
  update(conflicts: readonly Problem[]): void {
    this.#conflicts = conflicts;
    const isSame =
      conflicts.length === this.#reported.length && conflicts.every((each, i) => each === this.#reported[i]);
    if (!isSame) this.#timer ??= setTimeout(() => this.reportNow(this.#conflicts), CONFLICT_AFTER_MS).unref();
  }

  /** Reports at once: during the first load no file is being renamed. */
  reportNow(conflicts: readonly Problem[]): void {
    this.close();
    this.#reported = conflicts;
    this.#report(conflicts);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
