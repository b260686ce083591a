// A file system in memory, as the simulation's other programs see it: each call takes effect at once and is whole.
// It has inodes that are used again, times in steps of 4 ms, links, permissions, and tells watches what changed.
// What the program under test may find slow or broken is in fakes/.
import type { Random } from "../fuzz/random.ts";
import type { Scheduler } from "./scheduler.ts";

/** Linux writes times with the precision of its tick. */
const TIME_STEP_MS = 4;

interface Inode {
  ino: number;
  mtimeMs: number;
  ctimeMs: number;
  birthMs: number;
  isReadable: boolean;
}
export interface FileNode extends Inode {
  readonly kind: "file";
  text: string;
  /** What is on the disk. */
  synced: string;
  /** How often it is open for writing. */
  writers: number;
}
export interface LinkNode extends Inode {
  readonly kind: "link";
  readonly target: string;
}
export interface FolderNode extends Inode {
  readonly kind: "folder";
  readonly entries: Map<string, FileSystemNode>;
  /** What is on the disk, where that was ever written. */
  synced: ReadonlyMap<string, FileSystemNode> | undefined;
  /** Called with the name of an entry that changed, without one when the folder went away. */
  readonly watches: Set<(name: string | undefined) => void>;
}
export type FileSystemNode = FileNode | LinkNode | FolderNode;

/** As the system's errors: with a code, and without a stack, which would take longer than the rest of a call. */
export function systemError(code: string, path = ""): NodeJS.ErrnoException {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = Object.assign(new Error(`${code}: simulated, ${path}`), { code });
  Error.stackTraceLimit = limit;
  return error;
}

export class FakeFileSystem {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #free: number[] = [];
  #inodes = 2;
  readonly #root: FolderNode;

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#root = this.#newFolder();
  }

  /** The node at an absolute path; throws a system error. `isFree`: rights do not count, as for root. */
  find(path: string, { follow = true, isFree = false, hops = 0 } = {}): FileSystemNode {
    let node: FileSystemNode = this.#root;
    const parts = partsOf(path);
    for (const [i, part] of parts.entries()) {
      if (node.kind !== "folder") throw systemError("ENOTDIR", path);
      if (!node.isReadable && !isFree) throw systemError("EACCES", path);
      const found = node.entries.get(part);
      if (found === undefined) throw systemError("ENOENT", path);
      node = found;
      if (node.kind === "link" && (follow || i < parts.length - 1)) {
        if (hops > 20) throw systemError("ELOOP", path);
        const target = node.target.startsWith("/") ? node.target : `/${parts.slice(0, i).join("/")}/${node.target}`;
        return this.find([target, ...parts.slice(i + 1)].join("/"), { follow, isFree, hops: hops + 1 });
      }
    }
    return node;
  }

  /** The path without links; throws a system error. */
  realPath(path: string): string {
    let real = "";
    for (const part of partsOf(path)) {
      const next = `${real}/${part}`;
      const node = this.find(next, { follow: false });
      if (node.kind === "link")
        real = this.realPath(node.target.startsWith("/") ? node.target : `${real}/${node.target}`);
      else real = next;
    }
    return real;
  }

  has(path: string): boolean {
    try {
      this.find(path, { follow: false, isFree: true });
      return true;
    } catch {
      return false;
    }
  }

  folder(path: string, { isFree = false } = {}): FolderNode {
    const node = this.find(path, { isFree });
    if (node.kind !== "folder") throw systemError("ENOTDIR", path);
    return node;
  }

  makeFolder(path: string): void {
    this.#put(path, this.#newFolder());
  }

  makeLink(path: string, target: string): void {
    this.#put(path, { kind: "link", target, ...this.#newInode() });
  }

  /** Opens a file for writing, empty: a new one where none is. */
  truncate(path: string): FileNode {
    const [folder, name] = this.#parentOf(path);
    const present = folder.entries.get(name);
    if (present !== undefined && present.kind !== "file") throw systemError("ELOOP", path);
    if (present !== undefined) {
      this.write(path, present, "");
      return present;
    }
    const file: FileNode = { kind: "file", text: "", synced: "", writers: 0, ...this.#newInode() };
    this.#put(path, file);
    return file;
  }

  /** Gives an open file this text. */
  write(path: string, file: FileNode, text: string): void {
    file.text = text;
    file.mtimeMs = file.ctimeMs = this.#time();
    this.#tell(path, file);
  }

  setReadable(path: string, isReadable: boolean): void {
    const node = this.find(path, { isFree: true });
    node.isReadable = isReadable;
    node.ctimeMs = this.#time();
    this.#tell(path, node);
  }

  rename(from: string, to: string): void {
    const [source, name] = this.#parentOf(from);
    const node = source.entries.get(name);
    if (node === undefined) throw systemError("ENOENT", from);
    source.entries.delete(name);
    this.#changed(source, name);
    this.#put(to, node);
  }

  remove(path: string): void {
    const [folder, name] = this.#parentOf(path);
    const node = folder.entries.get(name);
    if (node === undefined) throw systemError("ENOENT", path);
    if (node.kind === "folder") for (const below of [...node.entries.keys()]) this.remove(`${path}/${below}`);
    folder.entries.delete(name);
    this.#forget(node);
    this.#changed(folder, name);
  }

  /** What the disk holds after the machine's power went: of what was not synced, anything. */
  losePower(path: string): void {
    const folder = this.folder(path);
    if (folder.synced !== undefined && this.#random.below(2) === 0) {
      folder.entries.clear();
      for (const [name, node] of folder.synced) folder.entries.set(name, node);
    }
    for (const node of folder.entries.values()) {
      if (node.kind !== "file" || node.text === node.synced) continue;
      node.text = this.#random.below(2) === 0 ? node.synced : node.text.slice(0, this.#random.below(node.text.length));
      node.synced = node.text;
    }
  }

  #put(path: string, node: FileSystemNode): void {
    const [folder, name] = this.#parentOf(path);
    const before = folder.entries.get(name);
    folder.entries.set(name, node);
    node.ctimeMs = this.#time();
    if (before !== undefined) this.#forget(before);
    this.#changed(folder, name);
  }

  #forget(node: FileSystemNode): void {
    if (this.#random.below(2) === 0) this.#free.push(node.ino);
    if (node.kind !== "folder") return;
    for (const watch of node.watches) watch(undefined);
    node.watches.clear();
  }

  /** An open file may have lost its name. */
  #tell(path: string, node: FileSystemNode): void {
    try {
      const [folder, name] = this.#parentOf(path);
      if (folder.entries.get(name) === node) for (const watch of folder.watches) watch(name);
    } catch {
      // Its folder is gone too.
    }
  }

  #changed(folder: FolderNode, name: string): void {
    folder.mtimeMs = folder.ctimeMs = this.#time();
    for (const watch of folder.watches) watch(name);
  }

  #parentOf(path: string): [FolderNode, string] {
    const end = path.lastIndexOf("/");
    return [this.folder(path.slice(0, end), { isFree: true }), path.slice(end + 1)];
  }

  #newFolder(): FolderNode {
    return { kind: "folder", entries: new Map(), synced: undefined, watches: new Set(), ...this.#newInode() };
  }

  #newInode(): Inode {
    const timeMs = this.#time();
    const ino = this.#free.pop() ?? this.#inodes++;
    return { ino, mtimeMs: timeMs, ctimeMs: timeMs, birthMs: timeMs, isReadable: true };
  }

  #time(): number {
    return Math.floor(this.#scheduler.wallMs / TIME_STEP_MS) * TIME_STEP_MS;
  }
}

/** Simulations use the same few paths. */
const PATHS_MAX = 1_000;
const knownParts = new Map<string, readonly string[]>();

function partsOf(path: string): readonly string[] {
  const known = knownParts.get(path);
  if (known !== undefined) return known;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (knownParts.size < PATHS_MAX) knownParts.set(path, parts);
  return parts;
}
