// Keeps the snapshot of a cluster up to date: holds the objects as they are, and writes them when they have changed,
// one write at a time and not too often.
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import { writeSnapshot } from "./snapshot-file.ts";

const INTERVAL_MS = 10_000;

export class SnapshotKeeper {
  readonly #path: string;
  readonly #cluster: string;
  readonly #onProblems: (problems: readonly Problem[]) => void;
  readonly #objects = new Map<string, KubeObject>();
  #isComplete = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(path: string, cluster: string, onProblems: (problems: readonly Problem[]) => void) {
    this.#path = path;
    this.#cluster = cluster;
    this.#onProblems = onProblems;
  }

  apply(objects: readonly KubeObject[], removedKeys: readonly string[]): void {
    for (const object of objects) this.#objects.set(objectKey(object), object);
    for (const key of removedKeys) this.#objects.delete(key);
    if (this.#isComplete && !this.#isClosed) this.#timer ??= setTimeout(() => void this.#write(), INTERVAL_MS).unref();
  }

  /** The first state is there: from now on it is written. */
  complete(): void {
    this.#isComplete = true;
    void this.#write();
  }

  /** Writes what has changed since the last write. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== undefined) await this.#write();
    await this.#writing;
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      const head = { cluster: this.#cluster, takenAtMs: Date.now() };
      // A copy: changes come while it is written.
      this.#onProblems(await writeSnapshot(this.#path, head, [...this.#objects.values()]));
    });
    return this.#writing;
  }
}
