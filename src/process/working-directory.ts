// The directory that relative paths start from. A process stays in a directory that is removed, where it finds nothing,
// even when another directory has the path again. Worker threads, which may not change the directory, do not follow.
import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";

/** The working directory as a path: the one at the time of construction. */
export class WorkingDirectory {
  readonly #path = currentPath();

  /** Once the directory has been removed, enters the one that has its path now, if any. */
  async follow(): Promise<void> {
    const here = await look(".");
    if (here === undefined || !isLinked(here)) await this.#enter();
  }

  /** As `follow`, also where the directory was moved, or the process left it, and another one is at the path. */
  async followPath(): Promise<void> {
    const [here, there] = [await look("."), await this.#there()];
    if (here?.ino !== there?.ino || here?.dev !== there?.dev) await this.#enter();
  }

  async #enter(): Promise<void> {
    const there = await this.#there();
    if (this.#path === undefined || there === undefined || !isLinked(there)) return;
    try {
      process.chdir(this.#path);
    } catch {
      // It has gone again, or may not be entered: the next call tries again.
    }
  }

  async #there(): Promise<BigIntStats | undefined> {
    return this.#path === undefined ? undefined : look(this.#path);
  }
}

/** Whether a directory is still in another one: a process may be in one that is not. */
export function isLinked({ nlink }: { readonly nlink: bigint }): boolean {
  return nlink > 0n;
}

function look(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined);
}

/** Undefined where the directory is gone already. */
function currentPath(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
