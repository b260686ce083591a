// Keeps the working directory the one of its path: relative paths of the command line lead into it. A directory that is
// removed and made anew would otherwise stay the removed one for this process.
import { WorkingDirectory } from "../process/working-directory.ts";

const POLL_MS = 500;

/** Goes to the directory at the path of the working directory when that is another one. Keeps no process alive. */
export function followWorkingDirectory(): void {
  const directory = new WorkingDirectory();
  setInterval(() => void directory.followPath(), POLL_MS).unref();
}
