// A few small files that belong together, as a certificate and its key: read at the start and whenever one of them
// changes, in place, by renaming, or by the link above a mounted secret. Knows nothing of what they hold.
import { dirname } from "node:path";
import type { ReadFault } from "./read-file.ts";
import { readBoundedFile } from "./read-file.ts";
import { SourceError } from "./source-error.ts";
import { watchDirectory } from "./watch-directory.ts";

/** The largest file that is read: keys, chains of certificates and resolv.confs are far smaller. */
export const FOLLOWED_BYTES_MAX = 1024 * 1024;
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
  let isLooking = false;
  let mustLook = false;
  // One look at a time: a slow one would put what it read before over what another read since.
  const look = async (): Promise<void> => {
    mustLook = true;
    if (isLooking) return;
    isLooking = true;
    while (mustLook && !isClosed) {
      mustLook = false;
      const now = await Promise.all(paths.map(readText)).catch(() => latest);
      if (isClosed || now.every((text, i) => text === latest[i])) continue;
      latest = now;
      onChange(now);
    }
    isLooking = false;
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
  const read = await readBoundedFile(path, FOLLOWED_BYTES_MAX);
  if ("fault" in read) throw new SourceError(`${path} ${explain(read)}`);
  return read.bytes.toString("utf8");
}

function explain(fault: ReadFault): string {
  switch (fault.fault) {
    case "not-a-file":
      return "is not a regular file: name one";
    case "too-large":
      return `holds ${fault.bytes} bytes, more than the ${FOLLOWED_BYTES_MAX} that are read: name another file`;
    case "failed":
      return `can't be read (${fault.code}): name a file that this user may read`;
  }
}
