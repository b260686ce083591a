// What a path named on the command line is to the set of manifests: a folder, or one file. Holds what both need, and
// reads nothing.
import { stat } from "node:fs/promises";
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import type { FileChange, ManifestFile } from "./manifest-file.ts";
import type { FileContent } from "./read-manifest.ts";

/** One argument. `open` finds and loads its files; `poll` looks for what came without an event. */
export interface ManifestRoot {
  /** Where it really is, behind links. */
  readonly real: string;
  open(): Promise<void>;
  poll(tick: number): Promise<void>;
  close(): Promise<void>;
}

/** What roots need of the set of manifests. */
export interface RootHost {
  readonly isWatching: boolean;
  /** Real paths of all arguments: links lead nowhere else. */
  realRoots(): readonly string[];
  /** Reads a file of `bytes` bytes; what it includes must be in one of `within`, real paths. */
  parse(path: string, bytes: number, within: readonly string[]): Promise<FileContent>;
  /** Takes a file in; false when another root has it. */
  adopt(file: ManifestFile): boolean;
  forget(file: ManifestFile): void;
  changed(file: ManifestFile, what: FileChange): void;
  /** All that is wrong with a folder or link. */
  report(path: string, problems: readonly Problem[]): void;
}

/** How long a file must stay away before its names go, ms: an editor's save takes it away for some ms. */
export const MISSING_MS = 150;

/** Sorts files by the argument they come from, then by their path. */
export function makeRank(argument: number, path: string): string {
  return `${String(argument).padStart(6, "0")}:${path}`;
}

/** What tells one file or directory from another that took its path; undefined when nothing is there. */
export async function identityOf(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    return `${stats.dev}:${stats.ino}`;
  } catch {
    return undefined;
  }
}

/** The problem of an argument that was there at the start. */
export function sourceGone(path: string): Problem {
  return fileProblem(path, "source-gone", "is gone; what it held before stays", "put it back, or restart without it");
}
