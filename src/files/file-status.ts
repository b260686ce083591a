// The status of one path: which file is there, if any, and whether it may be read. Only regular files count, and links
// are followed inside the given folders only. Reads no contents.
import { statSync } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import type { Problem } from "../objects/problem.ts";
import { fileProblem } from "../objects/problem.ts";
import { errorCode } from "../std/error-code.ts";
import { signatureOf } from "./read-file.ts";

/** The largest file that is read. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * What was found at a path; `signature` differs whenever the file or the finding does. A `missing` file has a problem
 * when a link is there that leads nowhere.
 */
export type FileStatus =
  | {
      readonly kind: "file";
      readonly signature: string;
      readonly inode: bigint;
      readonly size: number;
      /** When its contents or its name changed last, wall clock, ms. */
      readonly savedAtMs: number;
      readonly isLink: boolean;
    }
  | { readonly kind: "missing"; readonly signature: string; readonly problem?: Problem }
  | { readonly kind: "refused"; readonly signature: string; readonly problem: Problem };

/** Finds the status of `path`; where `roots` (real paths) are given, a link must lead into one of them. */
export async function statusOf(path: string, roots?: readonly string[]): Promise<FileStatus> {
  try {
    const entry = await lstat(path, { bigint: true });
    const isLink = entry.isSymbolicLink();
    if (isLink && roots !== undefined && !isInsideAny(await realpath(path), roots)) return refused(leadsOutside(path));
    const target = isLink ? await stat(path, { bigint: true }) : entry;
    if (target.isDirectory()) return { kind: "missing", signature: "missing" };
    if (!target.isFile())
      return refused(
        fileProblem(path, "not-a-file", "is not a regular file and is not read", "replace it with a regular file"),
      );
    if (target.size > FILE_BYTES_MAX) {
      const message = `expected at most ${FILE_BYTES_MAX} bytes, got ${target.size}`;
      return refused(fileProblem(path, "file-too-large", message, "split the file"));
    }
    // A file that is renamed into place keeps the time at which it was written.
    const savedAtMs = Number(target.ctimeNs > target.mtimeNs ? target.ctimeNs : target.mtimeNs) / 1e6;
    const size = Number(target.size);
    return { kind: "file", signature: signatureOf(target), inode: target.ino, size, savedAtMs, isLink };
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOTDIR" || (code === "ENOENT" && !(await isDangling(path))))
      return { kind: "missing", signature: "missing" };
    if (code !== "ENOENT") return { ...refused(unreadable(path, code)), signature: `refused ${code}` };
    const problem = fileProblem(
      path,
      "dangling-link",
      "the link's target does not exist",
      "remove the link or restore its target",
    );
    return { kind: "missing", signature: "dangling", problem };
  }
}

/** The signature of the file at `path`, behind links; the system's error code where there is none. */
export async function signatureAt(path: string): Promise<string> {
  return stat(path, { bigint: true }).then(signatureOf, errorCode);
}

/** As `signatureAt`, at once. */
export function signatureAtSync(path: string): string {
  try {
    return signatureOf(statSync(path, { bigint: true }));
  } catch (error) {
    return errorCode(error);
  }
}

/** The problem of a link that is not followed. */
export function leadsOutside(path: string): Problem {
  const message = "the link leads out of the given folders and is not followed";
  return fileProblem(path, "outside-folder", message, "name its target as an argument");
}

/** Whether the real path `path` is one of `folders` or inside one. */
export function isInsideAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isInside(path, folder));
}

/** Whether the real path `path` is `folder` or inside it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Whether an error with the system's code means that nothing is there. */
export function isAbsent(code: string): boolean {
  return code === "ENOENT" || code === "ENOTDIR";
}

/** The problem of a path that can't be read; `code` is the system's. */
export function unreadable(path: string, code: string): Problem {
  const advice =
    code === "EACCES" || code === "EPERM" ? "give this user the permission to read it" : "it is tried again";
  return fileProblem(path, "unreadable", `can't be read (${code}); its previous contents stay in effect`, advice);
}

function refused(problem: Problem): Extract<FileStatus, { kind: "refused" }> {
  return { kind: "refused", signature: `refused ${problem.code}`, problem };
}

async function isDangling(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}
