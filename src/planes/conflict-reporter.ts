// Reports objects that several origins hold, once that has lasted: a file that is renamed is there twice for a moment.
// Reads the cluster; has one timer.
import type { Cluster } from "../cluster/cluster.ts";
import type { Problem } from "../objects/problem.ts";

const CONFLICT_AFTER_MS = 400;

export class ConflictReporter {
  readonly #cluster: Cluster;
  readonly #report: (conflicts: readonly Problem[]) => void;
  #reported: readonly Problem[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `report` gets all conflicts that there are, whenever they differ from the last ones. */
  constructor(cluster: Cluster, report: (conflicts: readonly Problem[]) => void) {
    this.#cluster = cluster;
    this.#report = report;
  }

  /** The cluster has changed; what is new is reported if it is still so after a while. */
  changed(): void {
    const conflicts = this.#cluster.conflicts();
    const isSame =
      conflicts.length === this.#reported.length && conflicts.every((each, i) => each === this.#reported[i]);
    if (!isSame) this.#timer ??= setTimeout(() => this.reportNow(), CONFLICT_AFTER_MS).unref();
  }

  /** For a first load, in which nothing is being renamed. */
  reportNow(): void {
    this.close();
    this.#reported = this.#cluster.conflicts();
    this.#report(this.#reported);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
