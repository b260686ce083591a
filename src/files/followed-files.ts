// Follows a few small files that belong together, such as a certificate and its key: reads them at the start and when
// one changes, in place, by a rename, or by the link above a mounted Secret. Does not interpret their contents.
import { dirname } from "node:path";
import { OpenWriters } from "./open-writers.ts";
import type { ReadFault } from "./read-file.ts";
import { readBoundedFile } from "./read-file.ts";
import { SourceError } from "./source-error.ts";
import { watchDirectory } from "./watch-directory.ts";

/** The largest file that is read; keys, certificate chains and resolv.conf files are far smaller. */
export const FOLLOWED_BYTES_MAX = 1024 * 1024;
/** Files are read when no event came for this long: the files of a pair are rarely written at the same moment. */
const QUIET_MS = 100;
/** Files that a program has open for writing are read after this many times `QUIET_MS` without an event. */
const WRITER_WAITS_MAX = 300;
/** Files are read this often without an event, as some changes cause none. */
const POLL_MS = 10_000;

export interface FollowedFiles {
  /** The contents at the start, in the order of the paths. */
  readonly texts: readonly string[];
  /** Reads the files and calls `onChange`, whether one changed or not. Rejects with a `SourceError`. */
  reread(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Reads the files, and calls `onChange` with the contents of all of them when one changed. Rejects with a `SourceError`
 * when one can't be read at the start; after that, a file that can't be read counts as unchanged.
 */
export async function followFiles(
  paths: readonly string[],
  onChange: (texts: readonly string[]) => void,
): Promise<FollowedFiles> {
  const texts = await Promise.all(paths.map(readText));
  const writers = new OpenWriters();
  let latest = texts;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let isReadDue = false;
  let reading: Promise<void> = Promise.resolve();
  const readAll = async (isTold: boolean): Promise<void> => {
    const now = await Promise.all(paths.map(readText));
    const hasChanged = now.some((text, i) => text !== latest[i]);
    latest = now;
    if (!isClosed && (hasChanged || isTold)) onChange(now);
  };
  // One read at a time: a slow one would overwrite the newer contents that another one found.
  const afterOthers = (work: () => Promise<void>): Promise<void> => {
    const done = reading.then(() => (isClosed ? undefined : work()));
    reading = done.catch(() => undefined);
    return done;
  };
  const read = (): void => {
    if (isReadDue) return;
    isReadDue = true;
    afterOthers(() => {
      isReadDue = false;
      return readAll(false);
    }).catch(() => undefined);
  };
  const readWritten = (waits: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (waits < WRITER_WAITS_MAX && paths.some((path) => writers.has(path))) readWritten(waits + 1);
      else read();
    }, QUIET_MS).unref();
  };
  const readSoon = (): void => readWritten(0);
  const watches = [...new Set(paths.map((path) => dirname(path)))].map((folder) => watchDirectory(folder, readSoon));
  const polling = setInterval(readSoon, POLL_MS).unref();
  await Promise.all(watches.map(({ ready }) => ready));
  // Changes from before the watches were ready.
  readSoon();
  return {
    texts,
    reread: () => afterOthers(() => readAll(true)),
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      clearInterval(polling);
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
      return "is not a regular file: name a regular file";
    case "too-large":
      return `holds ${fault.bytes} bytes, more than the ${FOLLOWED_BYTES_MAX} that are read: name another file`;
    case "failed":
      return `can't be read (${fault.code}): name a file that this user may read`;
  }
}
