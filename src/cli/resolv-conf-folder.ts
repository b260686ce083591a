// A folder of resolv.conf files, each replaced atomically and removed when it is obsolete (POSIX: rename, fsync).
// Changes only files that begin with OWN_FILE_LINE. Faults are returned, never thrown.
import { mkdir, readdir, rmdir, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readBoundedFile } from "../files/read-file.ts";
import { replaceFile } from "../files/write-file.ts";
import { OWN_FILE_LINE } from "../resolv-conf/resolv-conf-files.ts";
import { errorCode } from "../std/error-code.ts";

/** Larger than any resolv.conf within the limits, so a larger file was not written here. */
const FILE_BYTES_MAX = 64 * 1024;
/** In the folder itself, as a rename works only within one file system. One name, as there is one write at a time. */
const TEMPORARY = ".resolv-conf.new";

/** The result of a write; `faults` are lines for the operator, each with its path. */
export interface Written {
  readonly written: number;
  readonly removed: number;
  readonly faults: readonly string[];
}

type Found = { readonly kind: "own"; readonly text: string } | { readonly kind: "absent" | "foreign" };

export class ResolvConfFolder {
  readonly #path: string;
  /** The texts of the files written here, by name. */
  readonly #texts = new Map<string, string>();

  /** Of the folder when it was written last; undefined before. */
  #identity: string | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Whether the folder is there, and is the one in which the files were written. */
  async isIntact(): Promise<boolean> {
    return (await identityOf(this.#path)) === this.#identity;
  }

  /** Creates the folder if it is missing, and finds the files of earlier runs; or returns the fault. */
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
      return {
        fault: `${path}: can't be used as a folder (${errorCode(error)}); use a folder that this user can write`,
      };
    }
  }

  /** Writes `files` (text by name) that differ, and removes all other files written here. One call at a time. */
  async write(files: ReadonlyMap<string, string>): Promise<Written> {
    const faults: string[] = [];
    let written = 0;
    let removed = 0;
    // Nothing that was written is in a folder that was removed or replaced.
    if (this.#identity !== undefined && !(await this.isIntact())) this.#texts.clear();
    for (const [name, text] of files) {
      if (this.#texts.get(name) === text) continue;
      const fault = await this.#attempt(name, () => this.#replace(name, text));
      if (fault === undefined) written++;
      else faults.push(fault);
    }
    for (const name of this.#texts.keys()) {
      if (files.has(name)) continue;
      const fault = await this.#attempt(name, () => this.#remove(name));
      if (fault === undefined) removed++;
      else faults.push(fault);
    }
    this.#identity = await identityOf(this.#path);
    return { written, removed, faults };
  }

  async #find(name: string): Promise<void> {
    if (!name.endsWith(".conf")) return;
    const found = await inspect(join(this.#path, name));
    if (found.kind === "own") this.#texts.set(name, found.text);
  }

  async #attempt(name: string, act: () => Promise<string | undefined>): Promise<string | undefined> {
    try {
      return await act();
    } catch (error) {
      const path = join(this.#path, name);
      return `${path}: can't be written (${errorCode(error)}); check the permissions and free space of the folder`;
    }
  }

  async #replace(name: string, text: string): Promise<string | undefined> {
    const path = join(this.#path, name);
    if ((await inspect(path)).kind === "foreign") {
      return `${path}: exists and was not written by cluster-dns; move it away, or write to another folder`;
    }
    await mkdir(dirname(path), { recursive: true });
    // Containers must be able to read the file, whatever their user.
    await replaceFile(path, text, { mode: 0o644, temporary: join(this.#path, TEMPORARY) });
    this.#texts.set(name, text);
    return undefined;
  }

  async #remove(name: string): Promise<undefined> {
    const path = join(this.#path, name);
    if ((await inspect(path)).kind === "own") await unlink(path);
    this.#texts.delete(name);
    if (name.includes("/")) await removeIfEmpty(dirname(path));
  }
}

/** Device and inode of the folder; undefined if it can't be told. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}

async function inspect(path: string): Promise<Found> {
  // A symbolic link is foreign.
  const read = await readBoundedFile(path, FILE_BYTES_MAX, { noFollow: true });
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
