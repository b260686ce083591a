// Reads a regular file as a whole, up to a size that the caller names. A pipe or device at the path never blocks the
// read, and every fault of the file or the system is a value.
import type { BigIntStats } from "node:fs";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { errorCode } from "../std/error-code.ts";

/** What a file held: `stats` are those before the read, `isStill` whether they were the same after it. */
export interface FileBytes {
  readonly bytes: Buffer;
  readonly stats: BigIntStats;
  readonly isStill: boolean;
}

/** Why a file was not read; `code` is the system's, e.g. `ENOENT`, and `cause` the error that it came in. */
export type ReadFault =
  | { readonly fault: "not-a-file" }
  | { readonly fault: "too-large"; readonly bytes: number }
  | { readonly fault: "failed"; readonly code: string; readonly cause: unknown };

// Opening a pipe without O_NONBLOCK waits for a writer.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** Reads the file at `path` if it holds at most `bytesMax` bytes; a link at the path itself fails if `noFollow`. */
export async function readBoundedFile(
  path: string,
  bytesMax: number,
  { noFollow = false } = {},
): Promise<FileBytes | ReadFault> {
  try {
    const handle = await open(path, noFollow ? FLAGS | constants.O_NOFOLLOW : FLAGS);
    try {
      const stats = await handle.stat({ bigint: true });
      const fault = findFault(stats, bytesMax);
      if (fault !== undefined) return fault;
      const bytes = await handle.readFile();
      return { bytes, stats, isStill: signatureOf(await handle.stat({ bigint: true })) === signatureOf(stats) };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    return { fault: "failed", code: errorCode(cause), cause };
  }
}

/** As `readBoundedFile`, at once; links are followed. */
export function readBoundedFileSync(path: string, bytesMax: number): FileBytes | ReadFault {
  try {
    const descriptor = openSync(path, FLAGS);
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      const fault = findFault(stats, bytesMax);
      if (fault !== undefined) return fault;
      const bytes = readFileSync(descriptor);
      return { bytes, stats, isStill: signatureOf(fstatSync(descriptor, { bigint: true })) === signatureOf(stats) };
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    return { fault: "failed", code: errorCode(cause), cause };
  }
}

/** Tells a file from what it was before, and from another file that took its path. */
export function signatureOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

function findFault(stats: BigIntStats, bytesMax: number): ReadFault | undefined {
  if (!stats.isFile()) return { fault: "not-a-file" };
  return stats.size > bytesMax ? { fault: "too-large", bytes: Number(stats.size) } : undefined;
}
