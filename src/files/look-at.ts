// Looks at one path: only regular files count, behind links too, and never outside the folder it was found in. Says
// what stands there in a signature, so that a later look can tell whether it held still. Reads no contents.
import { statSync } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import type { Problem } from "../objects/problem.ts";
import { fileProblem } from "../objects/problem.ts";
import { errorCode } from "../std/error-code.ts";
import { signatureOf } from "./read-file.ts";

/** The largest file that is read. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** What a look at a path found. A `missing` one has a problem when a link is there that leads nowhere. */
export type Look =
  | {
      readonly kind: "file";
      readonly signature: string;
      readonly inode: bigint;
      readonly size: number;
      readonly isLink: boolean;
    }
  | { readonly kind: "missing"; readonly signature: string; readonly problem?: Problem }
  | { readonly kind: "refused"; readonly signature: string; readonly problem: Problem };

/** Looks at `path`; links may not lead out of all of `within` (real paths) when it is given. */
export async function lookAt(path: string, within?: readonly string[]): Promise<Look> {
  try {
    const entry = await lstat(path, { bigint: true });
    const isLink = entry.isSymbolicLink();
    if (isLink && within !== undefined && !isInsideAny(await realpath(path), within)) {
      return { kind: "refused", signature: "refused outside-folder", problem: leadsOutside(path) };
    }
    const target = isLink ? await stat(path, { bigint: true }) : entry;
    if (target.isDirectory()) return { kind: "missing", signature: "missing" };
    if (!target.isFile())
      return refuse(path, "not-a-file", "not a regular file, so it is not read", "replace it by a file");
    if (target.size > MAX_FILE_BYTES) {
      return refuse(
        path,
        "file-too-large",
        `expected at most ${MAX_FILE_BYTES} bytes, got ${target.size}`,
        "split the file",
      );
    }
    return { kind: "file", signature: signatureOf(target), inode: target.ino, size: Number(target.size), isLink };
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOTDIR" || (code === "ENOENT" && !(await isDangling(path))))
      return { kind: "missing", signature: "missing" };
    if (code === "ENOENT") {
      const problem = fileProblem(
        path,
        "dangling-link",
        "the link leads to nothing",
        "remove it or restore its target",
      );
      return { kind: "missing", signature: "dangling", problem };
    }
    return { kind: "refused", signature: `refused ${code}`, problem: unreadable(path, code) };
  }
}

/** What stands at `path`, behind links, as a text that is another one when something else stands there. */
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
  const message = "the link leads out of the folders that were given and is not followed";
  return fileProblem(path, "outside-folder", message, "name its target as an argument");
}

/** Whether the real path `path` lies in one of `folders`, or is it. */
export function isInsideAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isInside(path, folder));
}

/** Whether the real path `path` lies in the folder `folder`, or is it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The problem of a path that the system did not let us read; `code` is the system's. */
export function unreadable(path: string, code: string): Problem {
  const advice =
    code === "EACCES" || code === "EPERM" ? "give this user the permission to read it" : "it is tried again";
  return fileProblem(path, "unreadable", `can't be read (${code}); what it held before stays`, advice);
}

function refuse(path: string, code: string, message: string, advice: string): Look {
  return { kind: "refused", signature: `refused ${code}`, problem: fileProblem(path, code, message, advice) };
}

async function isDangling(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}
