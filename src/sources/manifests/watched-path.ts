// What a path of the command line is to the watcher: a folder or one file, opened, polled and closed alike. Holds what
// both kinds share; the kinds are watched-folder.ts and watched-file.ts.
import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import type { OpenWriters } from "../../files/open-writers.ts";
import { isLinked } from "../../process/working-directory.ts";
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import type { ManifestReporter } from "./manifest-reporter.ts";
import type { ReadOutcome } from "./read-manifest.ts";

/** One argument. `open` finds and loads its files; `poll` checks for changes that came without an event. */
export interface WatchedPath {
  /** Its real path. */
  readonly real: string;
  open(): Promise<void>;
  poll(tick: number): Promise<void>;
  close(): Promise<void>;
}

/** An argument that is there at the start; `identity` tells it from another file or folder that took its path. */
export interface GivenPath {
  readonly path: string;
  readonly argument: number;
  readonly real: string;
  readonly identity: string;
}

/** What all watched paths use. */
export interface WatchContext {
  readonly isWatching: boolean;
  /** Whether kustomizations are built. */
  readonly isBuilding: boolean;
  readonly reporter: ManifestReporter;
  readonly writers: OpenWriters;
  /** Real paths of all arguments: links lead nowhere else. */
  roots(): readonly string[];
  /** Reads a file of `bytes` bytes; files that it includes must be in one of `roots`. */
  read(path: string, bytes: number, roots: readonly string[]): Promise<ReadOutcome>;
  /** Parses a text that came from no file; `path` names it in problems. */
  parse(path: string, text: string): Promise<ReadOutcome>;
}

/** How long a path must stay away to count as missing, ms: an editor's save takes a file away for some ms. */
export const MISSING_MS = 150;

/** Tells a file or directory from another one that took its path, be it with the same inode, as on ext4. */
export function identityOf({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`;
}

/** The identity at `path`; undefined when nothing is there, or only a removed folder that this process is in. */
export async function identityAt(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats !== undefined && isLinked(stats) ? identityOf(stats) : undefined;
}

/** The problem of an argument that was there at the start and is no longer. */
export function sourceGone(path: string): Problem {
  return fileProblem(
    path,
    "source-gone",
    "is gone; its previous contents stay in effect",
    "put it back, or restart without it",
  );
}

/** The problem of a folder with more files than fit. */
export function tooManyFiles(path: string): Problem {
  const message = "holds more files than the memory has room for; some are not read";
  return fileProblem(
    path,
    "no-memory",
    message,
    "raise the memory limit of the container or --memory, or remove files",
  );
}
