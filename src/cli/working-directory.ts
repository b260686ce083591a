// Keeps the working directory the one of its path: relative paths of the command line lead into it. A directory that is
// removed and made anew would otherwise stay the removed one for this process.
import { statSync } from "node:fs";

const POLL_MS = 500;

/** Goes to the directory at the path of the working directory when that is another one. Keeps no process alive. */
export function followWorkingDirectory(): void {
  const path = process.cwd();
  setInterval(() => {
    const identity = identityOf(path);
    if (identity === undefined || identity === identityOf(".")) return;
    try {
      process.chdir(path);
    } catch {
      // It has gone again; the next look may find it.
    }
  }, POLL_MS).unref();
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev} ${stats.ino}`;
}
