// A few small files that belong together, as a certificate and its key: read at the start and whenever one of them
// changes, in place, by renaming, or by the link above a mounted secret. Knows nothing of what they hold.
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "../std/error-code.ts";
import { SourceError } from "./source-error.ts";
import { watchDirectory } from "./watch-directory.ts";

/** How long nothing must have happened: pairs of files are seldom written at once. */
const QUIET_MS = 100;
/** Looked at so often in any case: not every change makes an event. */
const LOOK_MS = 10_000;

export interface FollowedFiles {
  /** What the files held at the start, in the order of their paths. */
  readonly texts: readonly string[];
  close(): Promise<void>;
}

/**
 * Reads the files and calls `onChange` with the texts of all of them when one holds something else than before. Rejects
 * with a `SourceError` when one can't be read at the start; later on such a file counts as unchanged.
 */
export async function followFiles(
  paths: readonly string[],
  onChange: (texts: readonly string[]) => void,
): Promise<FollowedFiles> {
  const texts = await Promise.all(paths.map(readText));
  let latest = texts;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const look = async (): Promise<void> => {
    const now = await Promise.all(paths.map(readText)).catch(() => latest);
    if (isClosed || now.every((text, i) => text === latest[i])) return;
    latest = now;
    onChange(now);
  };
  const lookSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), QUIET_MS).unref();
  };
  const watches = [...new Set(paths.map((path) => dirname(path)))].map((folder) => watchDirectory(folder, lookSoon));
  const looking = setInterval(() => void look(), LOOK_MS).unref();
  await Promise.all(watches.map(({ ready }) => ready));
  // What happened before the watches stood.
  lookSoon();
  return {
    texts,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      clearInterval(looking);
      await Promise.all(watches.map((watch) => watch.close()));
    },
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new SourceError(
      `${path} can't be read (${errorCode(error) ?? String(error)}): name a file that this user may read`,
    );
  }
}
