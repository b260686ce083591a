// A folder of resolv.conf files that are replaced as a whole or not at all, and removed when they are no longer wanted.
// It touches no file but those that open with our line; what it can't do is told, never thrown. POSIX: rename, fsync.
import { mkdir, readdir, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readBoundedFile } from "../files/read-file.ts";
import { replaceFile } from "../files/write-file.ts";
import { OWN_FILE_LINE } from "../resolv-conf/resolv-conf-files.ts";
import { errorCode } from "../std/error-code.ts";

/** More than any resolv.conf within the limits; what is larger is none of ours. */
const MAX_FILE_BYTES = 64 * 1024;
/** In the folder itself: a rename works within one file system only, and one write is under way at a time. */
const TEMPORARY = ".resolv-conf.new";

/** What one write did; `faults` are lines for the operator, each with its path. */
export interface Written {
  readonly written: number;
  readonly removed: number;
  readonly faults: readonly string[];
}

type Found = { readonly kind: "own"; readonly text: string } | { readonly kind: "absent" | "foreign" };

export class ResolvConfFolder {
  readonly #path: string;
  /** What our files hold, by name. */
  readonly #held = new Map<string, string>();

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder where there is none, and finds our files of earlier runs; else says why not. */
  static async open(path: string): Promise<ResolvConfFolder | { readonly fault: string }> {
    const folder = new ResolvConfFolder(path);
    try {
      await mkdir(path, { recursive: true });
      for (const entry of await readdir(path, { withFileTypes: true })) {
        if (entry.isFile()) await folder.#find(entry.name);
        if (!entry.isDirectory()) continue;
        for (const name of await readdir(join(path, entry.name))) await folder.#find(`${entry.name}/${name}`);
      }
      return folder;
    } catch (error) {
      return { fault: `${path}: can't be used as a folder (${errorCode(error)}); name one that this user may write` };
    }
  }

  /** Makes the folder hold `files`, text by name, and no other of ours; only what differs is touched. One at a time. */
  async write(files: ReadonlyMap<string, string>): Promise<Written> {
    const faults: string[] = [];
    let written = 0;
    let removed = 0;
    for (const [name, text] of files) {
      if (this.#held.get(name) === text) continue;
      const fault = await this.#attempt(name, () => this.#replace(name, text));
      if (fault === undefined) written++;
      else faults.push(fault);
    }
    for (const name of this.#held.keys()) {
      if (files.has(name)) continue;
      const fault = await this.#attempt(name, () => this.#remove(name));
      if (fault === undefined) removed++;
      else faults.push(fault);
    }
    return { written, removed, faults };
  }

  async #find(name: string): Promise<void> {
    if (!name.endsWith(".conf")) return;
    const found = await lookAt(join(this.#path, name));
    if (found.kind === "own") this.#held.set(name, found.text);
  }

  async #attempt(name: string, act: () => Promise<string | undefined>): Promise<string | undefined> {
    try {
      return await act();
    } catch (error) {
      const path = join(this.#path, name);
      return `${path}: can't be written (${errorCode(error)}); check the folder's permissions and space`;
    }
  }

  async #replace(name: string, text: string): Promise<string | undefined> {
    const path = join(this.#path, name);
    if ((await lookAt(path)).kind === "foreign") {
      return `${path}: is there already and not ours, so it stays as it is; move it away, or write to another folder`;
    }
    await mkdir(dirname(path), { recursive: true });
    // Containers read it as whichever user they run as.
    await replaceFile(path, text, { mode: 0o644, temporary: join(this.#path, TEMPORARY) });
    this.#held.set(name, text);
    return undefined;
  }

  async #remove(name: string): Promise<undefined> {
    const path = join(this.#path, name);
    if ((await lookAt(path)).kind === "own") await unlink(path);
    this.#held.delete(name);
    if (name.includes("/")) await removeIfEmpty(dirname(path));
  }
}

async function lookAt(path: string): Promise<Found> {
  // A link is somebody else's.
  const read = await readBoundedFile(path, MAX_FILE_BYTES, { noFollow: true });
  if (!("fault" in read)) {
    const text = read.bytes.toString("utf8");
    return text.startsWith(OWN_FILE_LINE) ? { kind: "own", text } : { kind: "foreign" };
  }
  if (read.fault !== "failed") return { kind: "foreign" };
  if (read.code === "ENOENT" || read.code === "ENOTDIR") return { kind: "absent" };
  if (read.code === "ELOOP" || read.code === "EACCES" || read.code === "ENXIO") return { kind: "foreign" };
  throw read.cause;
}

async function removeIfEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    const code = errorCode(error);
    if (!["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(code)) throw error;
  }
}
