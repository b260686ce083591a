// Replaces a file as a whole or not at all, whenever the process is killed: a temporary file, synced, then renamed.
// POSIX: rename, fsync.
import { constants } from "node:fs";
import { open, rename } from "node:fs/promises";

/** How a file is replaced. */
export interface Replacement {
  /** Permission bits, whatever the umask. */
  readonly mode: number;
  /** In the same file system as the file, and used by one write at a time; the path with `.new` when absent. */
  readonly temporary?: string;
}

/** Replaces the file at `path` by one that holds `text`; a link at the temporary path is not followed. */
export async function replaceFile(path: string, text: string, replacement: Replacement): Promise<void> {
  const { mode, temporary = `${path}.new` } = replacement;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const handle = await open(temporary, flags, mode);
  try {
    // The umask cuts the mode of `open`, which does not apply to a file that a killed process left.
    await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/** Makes names in the folder at `path` last through a loss of power. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
