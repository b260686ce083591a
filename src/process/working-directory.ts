// The directory that relative paths start from. A process stays in a directory that is removed, where it finds nothing,
// even when another directory has the path again. Worker threads, which may not change the directory, do not follow.
import { stat } from "node:fs/promises";

/** The working directory as a path: the one at the time of construction. */
export class WorkingDirectory {
  readonly #path = currentPath();

  /** Once the directory has been removed, enters the one that has its path now, if any. */
  async follow(): Promise<void> {
    if (this.#path === undefined) return;
    const isThere = await stat(".").then(isLinked, () => false);
    if (isThere || !(await stat(this.#path).then(isLinked, () => false))) return;
    try {
      process.chdir(this.#path);
    } catch {
      // It has gone again, or may not be entered: the next call tries again.
    }
  }
}

/** Whether a directory is still in another one: a process may be in one that is not. */
export function isLinked({ nlink }: { readonly nlink: number | bigint }): boolean {
  return Number(nlink) > 0;
}

/** Undefined where the directory is gone already. */
function currentPath(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
