// A folder named on the command line, with all directories and manifest files below it. A folder that goes away as a
// whole keeps its names; a file that goes away from a folder that is there loses them.
import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { FileStatus } from "../../files/file-status.ts";
import { isAbsent, isInside, statusOf, unreadable } from "../../files/file-status.ts";
import type { Problem } from "../../objects/problem.ts";
import { errorCode } from "../../std/error-code.ts";
import { Turns } from "../../std/turns.ts";
import { FolderFiles } from "./folder-files.ts";
import { linkFault, tooManyLinked } from "./link-faults.ts";
import type { FileOwner } from "./manifest-file.ts";
import { ManifestFile } from "./manifest-file.ts";
import { holdsManifests, isManifestName, isSkippedFolder } from "./manifest-names.ts";
import { PackageReporter } from "./package-reporter.ts";
import { isPackageFile, Packages, recognisePackage } from "./packages.ts";
import type { ReadOutcome } from "./read-manifest.ts";
import { WatchedDirectory } from "./watched-directory.ts";
import type { GivenPath, WatchContext, WatchedPath } from "./watched-path.ts";
import { identityAt, MISSING_MS, sourceGone, tooManyFiles } from "./watched-path.ts";

/** A folder that returned may be filled file by file: a file that it lacks goes after this long only, ms. */
const REFILL_MS = 1_000;
/** Files that are loaded at a time, for a small memory: more than wait for a lane. Statuses that are read at a time. */
const LOADS_MAX = 1_000;
const STATUSES_MAX = 64;
/** Polls from one check of all directories to the next. */
const DIRECTORY_TICKS = 2;
/** Polls from one check of files without events to the next, and of directories whose events may have been lost. */
const SLOW_TICKS = 8;

/**
 * `identity` is that of the folder whose files are known. `missing`: since that time of the monotonic clock the path
 * leads nowhere, or to another folder that has no manifests, as after an unmount.
 */
type FolderState =
  | { readonly kind: "present"; readonly identity: string }
  | { readonly kind: "missing"; readonly identity: string; readonly sinceMs: number };

/** A folder as an argument. */
export class WatchedFolder implements WatchedPath, FileOwner {
  real: string;
  readonly #path: string;
  readonly #argument: number;
  readonly #context: WatchContext;
  #state: FolderState;
  #returnedAtMs = Number.NEGATIVE_INFINITY;
  readonly #files = new FolderFiles();
  readonly #directories = new Map<string, WatchedDirectory>();
  readonly #adding = new Map<string, Promise<void>>();
  readonly #packages = new Packages();
  readonly #statuses = new Turns(STATUSES_MAX);
  readonly #packageReporter: PackageReporter;
  /** Paths at which something may be that could not be looked at. */
  readonly #unknown = new Set<string>();
  /** Links and directories that have a problem. */
  readonly #faulty = new Set<string>();
  #checking: Promise<void> | undefined;
  #recheck: NodeJS.Timeout | undefined;
  #isLoaded = false;
  #isClosed = false;

  constructor({ path, real, argument, identity }: GivenPath, context: WatchContext) {
    this.#path = path;
    this.real = real;
    this.#argument = argument;
    this.#context = context;
    this.#state = { kind: "present", identity };
    this.#packageReporter = new PackageReporter(argument, context);
  }

  async open(): Promise<void> {
    await this.#addDirectory(this.#path);
    // A folder may turn out to be the input of a package that was found after it.
    for (const [path, file] of this.#files) if (this.#packages.has(path)) this.#drop(file);
    const building = this.#packageReporter.update(this.#packages.outermost);
    const loads = new Turns(LOADS_MAX);
    const loading = [...this.#files.values()].map((file) => loads.run(() => file.load()));
    await Promise.all([building, ...loading]);
    this.#isLoaded = true;
    // Events that came during the load count from here on.
    if (this.#context.isWatching) for (const file of this.#files.values()) file.hint();
  }

  async poll(tick: number): Promise<void> {
    await this.#check();
    if (this.#state.kind === "missing") return;
    const isThorough = tick % SLOW_TICKS === 0;
    for (const directory of [...this.#directories.values()]) {
      if (tick % DIRECTORY_TICKS === 0 || directory.isUnwatched)
        await this.#recheckDirectory(directory, { isThorough });
    }
    if (tick % DIRECTORY_TICKS === 0) await Promise.all([...this.#unknown].map((path) => this.#consider(path)));
    this.#packageReporter.poll();
    this.#files.hintNext();
    if (!isThorough) return;
    this.#files.hintEventless();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#recheck);
    this.#packageReporter.close();
    await this.#checking;
    await Promise.all([...this.#files.values()].map((file) => file.close()));
    await this.#closeDirectories();
  }

  async statusOf(file: ManifestFile): Promise<FileStatus> {
    if (this.#packages.has(file.path)) return { kind: "missing", signature: "in a package" };
    const status = await this.#statuses.run(() => statusOf(file.path, this.#context.roots()));
    this.#files.noteStatus(file, status);
    return status;
  }

  async read(file: ManifestFile, bytes: number): Promise<ReadOutcome> {
    const outcome = await this.#context.read(file.path, bytes, this.#context.roots());
    this.#files.noteReading(file, outcome);
    return outcome;
  }

  hasWriters(path: string): boolean {
    return this.#context.writers.has(path);
  }

  missingMs(sinceMs: number): number {
    return Math.max(MISSING_MS, this.#returnedAtMs + REFILL_MS - sinceMs);
  }

  async explainAbsence(): ReturnType<FileOwner["explainAbsence"]> {
    const isSame = (await identityAt(this.#path)) === this.#state.identity;
    if (!isSame) void this.#check();
    return { isRemoved: isSame };
  }

  forget(file: ManifestFile): void {
    // It may have returned while its names were removed.
    if (this.#files.get(file.path) !== file) return;
    this.#drop(file);
    void this.#consider(file.path);
  }

  #drop(file: ManifestFile): void {
    this.#files.drop(file);
    this.#context.reporter.remove(file);
    void file.close();
  }

  /** Checks whether the folder itself is there, missing, or another one. */
  #check(): Promise<void> {
    this.#checking ??= this.#checkOnce().finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  async #checkOnce(): Promise<void> {
    const identity = await identityAt(this.#path);
    const isSame = identity === this.#state.identity;
    if (this.#isClosed || (isSame && this.#state.kind === "present")) return;
    const isEmptied = !isSame && this.#files.size > 0 && !(await holdsManifests(this.#path));
    if (identity === undefined || isEmptied) this.#markMissing();
    else await this.#markReturned(identity);
  }

  #markMissing(): void {
    const now = performance.now();
    if (this.#state.kind === "present") {
      this.#state = { kind: "missing", identity: this.#state.identity, sinceMs: now };
    }
    if (now - this.#state.sinceMs >= MISSING_MS) this.#report(this.#path, [sourceGone(this.#path)]);
    else this.#recheck = setTimeout(() => void this.#check(), MISSING_MS).unref();
  }

  async #markReturned(identity: string): Promise<void> {
    this.#state = { kind: "present", identity };
    this.#returnedAtMs = performance.now();
    this.real = await realpath(this.#path).catch(() => this.real);
    this.#report(this.#path, []);
    await this.#closeDirectories();
    await this.#addDirectory(this.#path);
    for (const file of this.#files.values()) file.reread();
  }

  async #closeDirectories(): Promise<void> {
    const closing = [...this.#directories.values()].map((directory) => directory.close());
    this.#directories.clear();
    await Promise.all(closing);
  }

  /** Adds a directory with all that is below it, unless it is there. */
  async #addDirectory(path: string): Promise<void> {
    // Whoever waits for what is below it waits for another one that adds it.
    while (this.#adding.has(path)) await this.#adding.get(path);
    if (this.#directories.has(path) || this.#isClosed) return;
    const adding = this.#addNewDirectory(path).finally(() => this.#adding.delete(path));
    this.#adding.set(path, adding);
    await adding;
  }

  async #addNewDirectory(path: string): Promise<void> {
    if (path !== this.#path && this.#packages.has(dirname(path))) return;
    try {
      const real = await realpath(path);
      const fault = linkFault({ path, real, roots: this.#context.roots(), root: this.#path }, this.#directories);
      if (fault !== undefined) return this.#report(path, [fault]);
      const stats = await stat(path, { bigint: true });
      if (this.#directories.has(path) || this.#isClosed) return;
      this.#unknown.delete(path);
      const isLinked = real !== join(this.real, relative(this.#path, path));
      const excess = isLinked ? tooManyLinked(this.#path, this.#directories) : undefined;
      if (excess !== undefined) return this.#report(this.#path, [excess]);
      const directory = new WatchedDirectory(path, real, isLinked, stats);
      this.#directories.set(path, directory);
      // What is listed before events arrive could change unseen.
      if (this.#context.isWatching) await directory.watch((name) => this.#onEvent(directory, name));
      await this.#list(directory);
    } catch (error) {
      if (!isAbsent(errorCode(error))) this.#unknown.add(path);
      this.#reportUnreadable(path, error);
    }
  }

  /** Adds all entries of the directory, and checks those that it had: files not if polls do that. */
  async #list(directory: WatchedDirectory, { hintsFiles = true } = {}): Promise<void> {
    const names = new Set<string>();
    try {
      const below: Promise<void>[] = [];
      const listed = await directory.list();
      for (const { name } of listed) names.add(name);
      const isPackage = await this.#recognise(directory, names);
      for (const entry of isPackage ? [] : listed) {
        const path = join(directory.path, entry.name);
        if (isSkippedFolder(entry.name)) continue;
        if (entry.isDirectory()) below.push(this.#addDirectory(path));
        else if (entry.isSymbolicLink()) below.push(this.#consider(path));
        else if (isManifestName(entry.name)) this.#addFile(path);
      }
      this.#report(directory.path, []);
      await Promise.all(below);
    } catch (error) {
      if (this.#isCurrent(directory)) this.#reportUnreadable(directory.path, error);
      return;
    }
    if (!this.#isLoaded) return;
    if (hintsFiles) this.#hintWhere((path) => dirname(path) === directory.path);
    for (const path of [...this.#directories.keys(), ...this.#faulty]) {
      if (path === this.#path || dirname(path) !== directory.path) continue;
      if (!names.has(basename(path))) this.#removeDirectory(path);
    }
  }

  /** Whether the directory is a package; if that changed, what is read changes in other directories too. */
  async #recognise({ path }: WatchedDirectory, names: ReadonlySet<string>): Promise<boolean> {
    const settings = { root: this.#path, isBuilding: this.#context.isBuilding };
    const found = await recognisePackage(path, names, settings);
    if (!this.#packages.set(path, found) || !this.#isLoaded) return found !== undefined;
    if (found !== undefined) {
      for (const below of [...this.#directories.keys()]) if (dirname(below) === path) this.#removeDirectory(below);
    }
    this.#applyPackages(path);
    return found !== undefined;
  }

  /** Drops the files that packages have now, and adds those that they no longer have. */
  #applyPackages(except?: string): void {
    void this.#packageReporter.update(this.#packages.outermost);
    this.#hintWhere((file) => this.#packages.has(file));
    for (const directory of [...this.#directories.values()]) if (directory.path !== except) void this.#list(directory);
  }

  #addFile(path: string): void {
    if (this.#files.has(path) || this.#isClosed || this.#packages.has(path)) return;
    const file = new ManifestFile(path, this.#argument, this, this.#context.reporter);
    if (!this.#context.reporter.hasRoom) return this.#report(this.#path, [tooManyFiles(this.#path)]);
    if (!this.#context.reporter.add(file)) return;
    this.#files.set(path, file);
    if (this.#isLoaded) file.hint();
  }

  /** Adds what is at a path, if anything: a file, a directory, or a link to either. */
  async #consider(path: string): Promise<void> {
    const isManifest = isManifestName(basename(path));
    try {
      const stats = await stat(path);
      this.#unknown.delete(path);
      if (stats.isDirectory()) await this.#addDirectory(path);
      else if (isManifest) this.#addFile(path);
    } catch (error) {
      // A link that leads nowhere or may not be followed is a file with a problem.
      const isThere = (await lstat(path).catch(() => undefined)) !== undefined;
      if (isThere && isManifest) this.#addFile(path);
      // What can't be looked at now may be there still.
      if (!isAbsent(errorCode(error)) && errorCode(error) !== "ELOOP") this.#unknown.add(path);
      else this.#removeDirectory(path);
    }
  }

  #removeDirectory(path: string): void {
    this.#unknown.delete(path);
    this.#report(path, []);
    let haveChanged = false;
    for (const directory of [...this.#directories.values()]) {
      if (!isInside(directory.path, path)) continue;
      this.#directories.delete(directory.path);
      if (this.#packages.set(directory.path, undefined)) haveChanged = true;
      this.#report(directory.path, []);
      void directory.close();
    }
    if (haveChanged) this.#applyPackages();
    this.#hintWhere((below) => isInside(below, path));
  }

  #hintWhere(isMeant: (path: string) => boolean): void {
    for (const file of this.#files.values()) if (isMeant(file.path)) file.hint();
    this.#hintIncluding(isMeant);
  }

  #hintIncluding(isMeant: (path: string) => boolean): void {
    for (const file of this.#files.including) if (file.included.some(isMeant)) file.hint();
  }

  #isCurrent(directory: WatchedDirectory): boolean {
    return !this.#isClosed && this.#directories.get(directory.path) === directory;
  }

  #onEvent(directory: WatchedDirectory, name: string | undefined): void {
    if (!this.#isCurrent(directory)) return;
    if (name === undefined) void this.#recheckDirectory(directory, { mustList: true });
    // A mounted ConfigMap switches all its files at once, by this one link.
    else if (name === "..data") void this.#relist(directory);
    else if (!isSkippedFolder(name)) this.#onChange(join(directory.path, name));
    if (name !== undefined && isPackageFile(name)) void this.#recheckDirectory(directory, { mustList: true });
  }

  #onChange(path: string): void {
    const file = this.#files.get(path);
    const directory = this.#directories.get(path);
    if (file !== undefined) file.hint();
    else if (directory !== undefined) void this.#recheckDirectory(directory);
    else void this.#consider(path);
    for (const other of this.#files.eventless) if (other !== file) other.hint();
    this.#hintIncluding((included) => included === path);
  }

  /** Lists a directory again, and checks those below it. */
  async #relist(directory: WatchedDirectory): Promise<void> {
    for (const below of [...this.#directories.values()]) {
      if (below !== directory && isInside(below.path, directory.path)) await this.#recheckDirectory(below);
    }
    await this.#list(directory);
  }

  /** Lists a directory again if its entries may have changed or another one took its place, or if it `mustList`. */
  async #recheckDirectory(directory: WatchedDirectory, { mustList = false, isThorough = false } = {}): Promise<void> {
    if (!this.#isCurrent(directory)) return;
    if (directory.path === this.#path) await this.#check();
    if (this.#state.kind === "missing" || !this.#isCurrent(directory)) return;
    try {
      const finding = await directory.check({ isThorough });
      if (finding === "replaced") {
        this.#removeDirectory(directory.path);
        await this.#addDirectory(directory.path);
      } else if (mustList || finding === "stale") {
        await this.#list(directory, { hintsFiles: !isThorough });
      }
    } catch (error) {
      if (isAbsent(errorCode(error))) this.#removeDirectory(directory.path);
      else this.#reportUnreadable(directory.path, error);
    }
  }

  #reportUnreadable(path: string, error: unknown): void {
    const code = errorCode(error);
    if (!isAbsent(code)) this.#report(path, [unreadable(path, code)]);
  }

  #report(path: string, problems: readonly Problem[]): void {
    if (problems.length > 0) this.#faulty.add(path);
    else if (!this.#faulty.delete(path)) return;
    this.#context.reporter.reportProblems(path, problems);
  }
}
