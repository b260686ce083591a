// One directory of a watched folder: its watch, and whether its entries may have changed without an event. Knows
// nothing of the files in it.
import type { BigIntStats, Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import type { DirectoryWatch } from "../../files/watch-directory.ts";
import { watchDirectory } from "../../files/watch-directory.ts";
import { identityOf } from "./watched-path.ts";

/** Linux queues 16,384 events by default; below this number none was lost. */
const TRUSTED_EVENTS_MAX = 4_000;

/** A directory; `isLinked`: a link leads to it, or to a directory above it. */
export class WatchedDirectory {
  readonly path: string;
  readonly real: string;
  readonly isLinked: boolean;
  readonly #identity: string;
  #watch: DirectoryWatch | undefined;
  /** When its entries had changed last as they were listed; undefined: the last attempt failed. */
  #listedNs: bigint | undefined;
  /** When its entries changed last, as far as they are known. */
  #knownUntilNs = 0n;
  #eventsSince = 0;

  constructor(path: string, real: string, isLinked: boolean, stats: BigIntStats) {
    this.path = path;
    this.real = real;
    this.isLinked = isLinked;
    this.#identity = identityOf(stats);
  }

  /** The system gives no events for it. */
  get isUnwatched(): boolean {
    return this.#watch?.hasFailed === true;
  }

  /** Calls `onEvent` with the name of an entry that changed, without one when any may have; resolves when it does. */
  async watch(onEvent: (name: string | undefined) => void): Promise<void> {
    this.#watch = watchDirectory(this.path, (name) => {
      this.#eventsSince++;
      onEvent(name);
    });
    await this.#watch.ready;
  }

  /** Its entries; rejects with the system's error, and they are unknown then. */
  async list(): Promise<readonly Dirent[]> {
    this.#listedNs = undefined;
    const stats = await stat(this.path, { bigint: true });
    const entries = await readdir(this.path, { withFileTypes: true });
    this.#listedNs = stats.mtimeNs;
    this.#noteKnown(stats);
    return entries;
  }

  /**
   * Whether the list of entries still holds, or another directory took its place; rejects with the system's error.
   * `isThorough`: whatever events came since, as some may have been lost.
   */
  async check({ isThorough = false } = {}): Promise<"current" | "stale" | "replaced"> {
    const stats = await stat(this.path, { bigint: true });
    if (identityOf(stats) !== this.#identity) return "replaced";
    // A change without an event, or so many events that the system's queue may have been full.
    const areEventsLost = this.#eventsSince === 0 || this.#eventsSince > TRUSTED_EVENTS_MAX;
    if (this.#listedNs === undefined || (isThorough && stats.mtimeNs !== this.#listedNs)) return "stale";
    if (this.isUnwatched || (stats.mtimeNs !== this.#knownUntilNs && areEventsLost)) return "stale";
    this.#noteKnown(stats);
    return "current";
  }

  async close(): Promise<void> {
    await this.#watch?.close();
  }

  #noteKnown({ mtimeNs }: BigIntStats): void {
    this.#knownUntilNs = mtimeNs;
    this.#eventsSince = 0;
  }
}
