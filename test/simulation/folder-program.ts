// The programs that change what the simulated server serves: editors, copies, `rm -r`, the kubelet. Each change goes to
// the file system and, where it makes a file complete and valid or takes it away, to the names that may be answered.
import { dirname } from "node:path";
import type { FileNode } from "./fake-file-system.ts";
import { FOLDER, LocalNames, MOUNT, NAMED_FILE, newFiles, nextVersion, textOf } from "./local-files.ts";
import type { LocalFile } from "./local-files.ts";
import type { World } from "./world.ts";

const EXTERNAL = `kind: Service\napiVersion: v1\nmetadata: {name: ext}\nspec: {type: ExternalName, externalName: h0.up.test}\n`;
/** A pause of a slow write, ms: longer ones count as its end, and of a new file any does (docs/sources.md). */
const PAUSE_MS = 50;
const NEW_FILE_PAUSE_MS = 5;
/** A file that is written as a whole is empty for so long at most. */
const FILL_MS = 1;
/** A folder that returns is full again after this long at most, ms. */
const REFILL_MS = 500;

export class FolderProgram {
  readonly files = newFiles();
  readonly names: LocalNames;
  /** Whether the served folder is there. */
  isThere = true;
  isRefilling = false;
  readonly #unreadable = new Set<string>();
  /** When the last write of a file is over. */
  readonly #busyUntilMs = new Map<LocalFile, number>();
  readonly #world: World;
  #mounts = 0;

  constructor(world: World) {
    this.#world = world;
    this.names = new LocalNames(world);
    const { files } = world;
    for (const path of [FOLDER, MOUNT, dirname(NAMED_FILE), "/s"]) files.makeFolder(path);
    files.folder("/s").synced = new Map();
    this.#fill(`${FOLDER}/const.yaml`, EXTERNAL);
    for (const file of this.files) if (!this.#isInFolder(file) || world.random.below(4) > 0) this.write(file, "whole");
  }

  get hasUnreadable(): boolean {
    return this.#unreadable.size > 0;
  }

  /** The names of files that are valid or gone: what was valid before a fault may have been so too shortly. */
  settledNames(): ReadonlySet<string> {
    const files = this.files.filter(({ state }) => state === "valid" || state === "absent");
    return new Set(files.flatMap(({ names }) => Object.values(names)));
  }

  /** The files that may be changed now. */
  get free(): readonly LocalFile[] {
    const { nowMs } = this.#world.scheduler;
    return this.files.filter(
      (file) =>
        file.state !== "writing" &&
        (this.#busyUntilMs.get(file) ?? 0) <= nowMs &&
        (!this.#isInFolder(file) || this.#isFree),
    );
  }

  /** Writes the next version: at once, by a rename, or bit by bit. */
  write(file: LocalFile, how: "whole" | "renamed" | "slow"): void {
    const isNew = file.state !== "valid";
    file.version = nextVersion(file);
    file.state = "valid";
    this.#busyUntilMs.set(file, this.#world.scheduler.nowMs + FILL_MS);
    const text = textOf(file, file.version);
    if (this.#isMounted(file)) this.#mount(file, text);
    else if (how === "renamed") this.#replace(file.path, text);
    else if (how === "slow") this.#writeSlowly(file, text, isNew ? NEW_FILE_PAUSE_MS : PAUSE_MS);
    else this.#fill(file.path, text);
    this.names.add(file);
  }

  /** Makes the file one that can't be parsed, an empty one, or one that is gone: its names stay. */
  spoil(file: LocalFile, to: "broken" | "blank" | "gone"): void {
    const wasGone = file.state === "gone";
    file.state = to;
    this.#busyUntilMs.set(file, this.#world.scheduler.nowMs + FILL_MS);
    if (to === "gone") return wasGone ? undefined : this.#world.files.remove(file.path);
    const broken = file.kind === "zone" ? "$ORIGIN zone.test.\n@ SOA\n" : "kind: Service\nmetadata: {name: a\n";
    if (to === "broken" && this.#world.random.below(2) === 0) this.#replace(file.path, broken);
    else this.#fill(file.path, to === "blank" ? "" : broken);
  }

  remove(file: LocalFile): void {
    if (file.state === "absent") return;
    const isWholeFolder = file.path.includes("/sub/") && this.#world.random.below(2) === 0;
    this.#world.files.remove(isWholeFolder ? `${FOLDER}/sub` : file.path);
    file.state = "absent";
    this.names.add(file);
  }

  /** Takes the right to read a file or folder away for a while. */
  forbid(path: string, ms: number): void {
    const { files, scheduler } = this.#world;
    if (!files.has(path) || this.#unreadable.has(path)) return;
    files.setReadable(path, false);
    this.#unreadable.add(path);
    scheduler.outside(ms, () => this.#permit(path));
  }

  /** Takes the whole folder away, file by file as `rm -r`, and puts it back later. */
  takeAway(awayMs: number): void {
    if (!this.#isFree) return;
    const { files, scheduler, random } = this.#world;
    this.isThere = false;
    if (random.below(2) === 0) files.rename(FOLDER, "/elsewhere");
    files.remove(files.has("/elsewhere") ? "/elsewhere" : FOLDER);
    scheduler.outside(awayMs, () => this.#putBack());
  }

  /** Whether all that is named on the command line is there, and whole. */
  get canBeServed(): boolean {
    return this.#isFree && this.#world.files.has(NAMED_FILE);
  }

  /** All rights are back, and so are the folder and the file. */
  heal(): void {
    for (const file of this.files) if (file.state === "gone") this.write(file, "whole");
    for (const path of [...this.#unreadable]) this.#permit(path);
    if (!this.isThere) this.#putBack();
  }

  #isInFolder({ path }: LocalFile): boolean {
    return path.startsWith(`${FOLDER}/`);
  }

  get #isFree(): boolean {
    return this.isThere && !this.isRefilling;
  }

  #isMounted({ path }: LocalFile): boolean {
    return path.startsWith(`${MOUNT}/`);
  }

  #permit(path: string): void {
    if (!this.#unreadable.delete(path)) return;
    try {
      this.#world.files.setReadable(path, true);
    } catch {
      // It is gone.
    }
  }

  #putBack(): void {
    if (this.isThere) return;
    const { files, random, scheduler } = this.#world;
    this.isThere = true;
    this.isRefilling = true;
    files.makeFolder(FOLDER);
    const steps = this.files.filter((file) => this.#isInFolder(file) && file.state !== "absent");
    for (const file of steps) {
      const isSame = file.state === "valid" && random.below(2) === 0;
      scheduler.outside(this.#world.upTo(REFILL_MS), () => this.#putBackFile(file, isSame));
    }
    scheduler.outside(this.#world.upTo(REFILL_MS), () => this.#fill(`${FOLDER}/const.yaml`, EXTERNAL));
    scheduler.outside(REFILL_MS, () => (this.isRefilling = false));
  }

  #putBackFile(file: LocalFile, isSame: boolean): void {
    if (!isSame) return this.write(file, "whole");
    this.#fill(file.path, textOf(file, file.version));
  }

  /** A write that empties the file first, as `>` does. */
  #fill(path: string, text: string): void {
    const { files, scheduler } = this.#world;
    this.#makeFolderOf(path);
    const node = files.truncate(path);
    if (scheduler.nowMs === 0) return files.write(path, node, text);
    scheduler.outside(this.#world.upTo(FILL_MS), () => files.write(path, node, text));
  }

  #replace(path: string, text: string): void {
    const { files, scheduler, random } = this.#world;
    this.#makeFolderOf(path);
    const temporary = random.below(2) === 0 ? `${path}.new` : path.replace(/[^/]*$/, ".$&.swp");
    files.write(temporary, files.truncate(temporary), text);
    if (random.below(2) === 0) return files.rename(temporary, path);
    scheduler.outside(this.#world.upTo(FILL_MS), () => files.has(temporary) && files.rename(temporary, path));
  }

  #writeSlowly(file: LocalFile, text: string, pauseMs: number): void {
    const { files, scheduler, random } = this.#world;
    this.#makeFolderOf(file.path);
    const node = files.truncate(file.path);
    file.state = "writing";
    node.writers++;
    const step = (): void => {
      if (!this.#holds(file.path, node)) return;
      const end = Math.min(node.text.length + 1 + random.below(Math.ceil(text.length / 3)), text.length);
      files.write(file.path, node, text.slice(0, end));
      if (end < text.length) scheduler.outside(this.#world.upTo(pauseMs), step);
      else {
        file.state = "valid";
        node.writers--;
      }
    };
    scheduler.outside(this.#world.upTo(pauseMs), step);
  }

  #holds(path: string, node: FileNode): boolean {
    return this.#world.files.has(path) && this.#world.files.find(path, { isFree: true }) === node;
  }

  #makeFolderOf(path: string): void {
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (!this.#world.files.has(folder)) this.#world.files.makeFolder(folder);
  }

  /** The kubelet's way: a new folder, a link to it that takes the place of the old one, and the old folder goes. */
  #mount({ path }: LocalFile, text: string): void {
    const { files } = this.#world;
    const before = `${MOUNT}/..${this.#mounts++}`;
    const folder = `${MOUNT}/..${this.#mounts}`;
    const name = path.slice(MOUNT.length + 1);
    files.makeFolder(folder);
    files.write(`${folder}/${name}`, files.truncate(`${folder}/${name}`), text);
    files.makeLink(`${MOUNT}/..data_tmp`, folder.slice(MOUNT.length + 1));
    files.rename(`${MOUNT}/..data_tmp`, `${MOUNT}/..data`);
    if (files.has(before)) files.remove(before);
    if (!files.has(path)) files.makeLink(path, `..data/${name}`);
  }
}
