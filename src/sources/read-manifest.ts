// Looks at one path and reads it: only regular files, after following links, and never outside the folder it was found
// in. Says what stands there in a signature, so that a later look can tell whether it held still.
import { errorCode } from "../std/error-code.ts";
import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import { lstat, open, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import type { Problem } from "../objects/problem.ts";
import type { ParsedManifest } from "./parse-manifest.ts";
import { parseManifest } from "./parse-manifest.ts";

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

/** What to read: `path` as shown to the operator, or a text that has been read already. */
export interface ReadRequest {
  readonly path: string;
  readonly namespace: string;
  readonly text?: string;
}

/** What a file held; `signature` is that of the moment it was read. */
export type FileContent =
  | { readonly kind: "parsed"; readonly signature: string; readonly isBlank: boolean; readonly parsed: ParsedManifest }
  | { readonly kind: "refused"; readonly problem: Problem };

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
      const problem = makeProblem(
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

/** Reads and parses a file, or the text of the request. Never throws on what it finds there. */
export async function readManifest(request: ReadRequest): Promise<FileContent> {
  if (request.text !== undefined) return parseText(request, request.text, "");
  try {
    // A pipe put in the file's place since the look would block the open for ever without O_NONBLOCK.
    const handle = await open(request.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const before = await handle.stat({ bigint: true });
      if (!before.isFile() || before.size > MAX_FILE_BYTES)
        return { kind: "refused", problem: unreadable(request.path, "changed") };
      const bytes = await handle.readFile();
      const text = decodeText(bytes);
      if (text === undefined) return { kind: "refused", problem: notUtf8(request.path, bytes) };
      const after = signatureOf(await handle.stat({ bigint: true }));
      // A file that was written to meanwhile has no signature that a later look could find again.
      return parseText(request, text, after === signatureOf(before) ? after : "changed");
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = errorCode(error);
    return { kind: "refused", problem: unreadable(request.path, code) };
  }
}

function parseText(request: ReadRequest, text: string, signature: string): FileContent {
  const parsed = parseManifest(text, { file: request.path, namespace: request.namespace });
  return { kind: "parsed", signature, isBlank: text.trim() === "", parsed };
}

/** UTF-8 to text; undefined when it is none. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What is wrong with bytes that are no UTF-8, and where. */
export function notUtf8(path: string, bytes: Uint8Array): Problem {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const message = isUtf16 ? "expected text in UTF-8, and this is UTF-16" : "expected text in UTF-8";
  const advice = isUtf16 ? "save the file as UTF-8; `>` of Windows PowerShell writes UTF-16" : "save the file as UTF-8";
  const problem = makeProblem(path, "not-utf8", message, advice);
  if (isUtf16) return problem;
  const above = new TextDecoder("utf-8").decode(bytes).split("\ufffd", 1)[0]!.split("\n");
  return { ...problem, place: { file: path, line: above.length, column: above.at(-1)!.length + 1 } };
}

/** The problem of a link that is not followed. */
export function leadsOutside(path: string): Problem {
  const message = "the link leads out of the folders that were given and is not followed";
  return makeProblem(path, "outside-folder", message, "name its target as an argument");
}

/** Whether the real path `path` lies in one of `folders`, or is it. */
export function isInsideAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isInside(path, folder));
}

/** Whether the real path `path` lies in the folder `folder`, or is it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** An error about a whole file or folder. */
export function makeProblem(path: string, code: string, message: string, advice: string): Problem {
  return { code, severity: "error", message, advice, place: { file: path, line: 1, column: 1 } };
}

/** The problem of a path that the system did not let us read; `code` is the system's. */
export function unreadable(path: string, code: string): Problem {
  const advice =
    code === "EACCES" || code === "EPERM" ? "give this user the permission to read it" : "it is tried again";
  return makeProblem(path, "unreadable", `can't be read (${code}); what it held before stays`, advice);
}

function refuse(path: string, code: string, message: string, advice: string): Look {
  return { kind: "refused", signature: `refused ${code}`, problem: makeProblem(path, code, message, advice) };
}

function signatureOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

async function isDangling(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}
