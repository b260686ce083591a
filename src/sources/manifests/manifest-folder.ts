// A folder named on the command line with all below it: which files are there, which came and went. A folder that is
// gone as a whole keeps what it held; a file that is gone from a folder that is there does not.
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { Problem } from "../../objects/problem.ts";
import { isInside, isInsideAny, leadsOutside, lookAt, makeProblem, unreadable } from "../../files/look-at.ts";
import type { FileHost } from "./manifest-file.ts";
import { ManifestFile } from "./manifest-file.ts";
import type { ManifestRoot, RootHost } from "./manifest-root.ts";
import { identityOf, makeRank, MISSING_MS, sourceGone } from "./manifest-root.ts";
import { errorCode } from "../../std/error-code.ts";
import type { DirectoryWatch } from "../../files/watch-directory.ts";
import { watchDirectory } from "../../files/watch-directory.ts";
import { zoneTextKind } from "./zone-text.ts";

/** A folder that came back may be filled file by file: what it lacks goes after this long only, ms. */
const REFILL_MS = 1_000;
/** Links from folder to folder make many paths of few folders. */
const MAX_LINKED_DIRECTORIES = 1_000;
const DIRECTORY_TICKS = 2;
const SLOW_TICKS = 8;
/** Linux queues 16,384 events by default; well below that none was lost. */
const TRUSTED_EVENTS = 4_000;

interface Directory {
  readonly path: string;
  readonly real: string;
  /** A link leads to it, or to what it is in. */
  readonly isLinked: boolean;
  readonly identity: string;
  watch: DirectoryWatch | undefined;
  /** When its list of entries changed last, as far as we know all of it. */
  knownUntil: bigint;
  /** Since then. */
  events: number;
}

/** Whether a file of this name is read when it is found in a folder. */
function isManifestName(name: string): boolean {
  return (/\.(?:yaml|yml|json)$/.test(name) && !name.startsWith(".")) || zoneTextKind(name) !== undefined;
}

/** A folder as an argument. */
export class ManifestFolder implements ManifestRoot {
  readonly #path: string;
  readonly #argument: number;
  readonly #host: RootHost;
  readonly #fileHost: FileHost;
  readonly #files = new Map<string, ManifestFile>();
  /** Files whose changes may come without an event here: behind links, or not readable. */
  readonly #polled = new Set<ManifestFile>();
  /** Files that include others, which may be in folders without a watch. */
  readonly #including = new Set<ManifestFile>();
  readonly #directories = new Map<string, Directory>();
  /** Links and directories with something wrong. */
  readonly #reported = new Set<string>();
  #real: string;
  #identity: string | undefined;
  #goneSinceMs: number | undefined;
  #returnedAtMs = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;
  #recheck: NodeJS.Timeout | undefined;
  #isLoaded = false;
  #closed = false;

  constructor(path: string, real: string, argument: number, host: RootHost) {
    this.#path = path;
    this.#real = real;
    this.#argument = argument;
    this.#host = host;
    this.#fileHost = {
      look: async (file) => {
        const look = await lookAt(file.path, host.realRoots());
        if (look.kind === "refused" || (look.kind === "file" && look.isLink)) this.#polled.add(file);
        else this.#polled.delete(file);
        return look;
      },
      parse: async (file, bytes) => {
        const content = await host.parse(file.path, bytes, host.realRoots());
        if (content.kind === "refused") this.#polled.add(file);
        else if ((content.parsed.included ?? []).length > 0) this.#including.add(file);
        else this.#including.delete(file);
        return content;
      },
      missingMs: () => Math.max(MISSING_MS, this.#returnedAtMs + REFILL_MS - performance.now()),
      whyMissing: async () => ({ removed: await this.#isPresent() }),
      changed: (file, what) => host.changed(file, what),
      forget: (file) => this.#forget(file),
    };
  }

  get real(): string {
    return this.#real;
  }

  async open(): Promise<void> {
    this.#identity = await identityOf(this.#path);
    await this.#addDirectory(this.#path);
    await Promise.all([...this.#files.values()].map((file) => file.load()));
    this.#isLoaded = true;
    // Events that came meanwhile count from here on.
    if (this.#host.isWatching) for (const file of this.#files.values()) file.hint();
  }

  async poll(tick: number): Promise<void> {
    await this.#check();
    if (this.#goneSinceMs !== undefined) return;
    for (const directory of [...this.#directories.values()]) {
      if (tick % DIRECTORY_TICKS === 0 || directory.watch?.failed === true) await this.#recheckDirectory(directory);
    }
    if (tick % SLOW_TICKS !== 0) return;
    for (const file of [...this.#polled, ...this.#including]) file.hint();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#recheck);
    await this.#checking;
    await Promise.all([...this.#files.values()].map((file) => file.close()));
    await this.#closeDirectories();
  }

  async #closeDirectories(): Promise<void> {
    const watches = [...this.#directories.values()].map(async ({ watch }) => watch?.close());
    this.#directories.clear();
    await Promise.all(watches);
  }

  #forget(file: ManifestFile): void {
    // It may have come back while its names were being taken away.
    if (this.#files.get(file.path) !== file) return;
    this.#files.delete(file.path);
    this.#polled.delete(file);
    this.#including.delete(file);
    this.#host.forget(file);
    void file.close();
    void this.#consider(file.path);
  }

  // Gone means: this path leads nowhere, or to another folder than the one whose files are known.
  async #isPresent(): Promise<boolean> {
    const isSame = this.#identity !== undefined && (await identityOf(this.#path)) === this.#identity;
    if (!isSame) void this.#check();
    return isSame;
  }

  // The folder itself: there, gone, or another one in its place.
  #check(): Promise<void> {
    this.#checking ??= this.#checkOnce().finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  async #checkOnce(): Promise<void> {
    const identity = await identityOf(this.#path);
    if (this.#closed || (identity === this.#identity && this.#goneSinceMs === undefined)) return;
    const isEmptyNow = identity !== this.#identity && this.#files.size > 0 && !(await holdsManifests(this.#path));
    if (identity === undefined || isEmptyNow) {
      this.#goneSinceMs ??= performance.now();
      if (performance.now() - this.#goneSinceMs >= MISSING_MS) this.#report(this.#path, [sourceGone(this.#path)]);
      else this.#recheck = setTimeout(() => void this.#check(), MISSING_MS).unref();
      return;
    }
    this.#goneSinceMs = undefined;
    this.#identity = identity;
    this.#real = await realpath(this.#path).catch(() => this.#real);
    this.#returnedAtMs = performance.now();
    this.#report(this.#path, []);
    await this.#closeDirectories();
    await this.#addDirectory(this.#path);
    for (const file of this.#files.values()) file.hintAnew();
  }

  async #addDirectory(path: string): Promise<void> {
    if (this.#directories.has(path) || this.#closed) return;
    try {
      const real = await realpath(path);
      const fault = this.#whyNotFollowed(path, real);
      if (fault !== undefined) return this.#report(path, [fault]);
      const stats = await stat(path, { bigint: true });
      const identity = `${stats.dev}:${stats.ino}`;
      if (this.#directories.has(path) || this.#closed) return;
      const isLinked = real !== join(this.#real, relative(this.#path, path));
      if (isLinked && this.#countLinked() >= MAX_LINKED_DIRECTORIES) {
        return this.#report(this.#path, [tooManyLinked(this.#path)]);
      }
      const directory: Directory = { path, real, isLinked, identity, watch: undefined, knownUntil: 0n, events: 0 };
      this.#directories.set(path, directory);
      if (this.#host.isWatching) directory.watch = watchDirectory(path, (name) => this.#onEvent(directory, name));
      // What is listed before events arrive could change unseen.
      await directory.watch?.ready;
      await this.#list(directory);
    } catch (error) {
      this.#reportUnreadable(path, error);
    }
  }

  #whyNotFollowed(path: string, real: string): Problem | undefined {
    if (!isInsideAny(real, this.#host.realRoots())) return leadsOutside(path);
    for (let above = path; above !== this.#path;) {
      above = dirname(above);
      if (this.#directories.get(above)?.real !== real) continue;
      return makeProblem(path, "link-loop", "the link leads to a folder that it is in", "remove the link");
    }
    return undefined;
  }

  #countLinked(): number {
    let linked = 0;
    for (const { isLinked } of this.#directories.values()) if (isLinked) linked++;
    return linked;
  }

  /** Looks at all that the directory holds, and at what it held. */
  async #list(directory: Directory): Promise<void> {
    const names = new Set<string>();
    try {
      directory.knownUntil = (await stat(directory.path, { bigint: true })).mtimeNs;
      directory.events = 0;
      const below: Promise<void>[] = [];
      for (const entry of await readdir(directory.path, { withFileTypes: true })) {
        names.add(entry.name);
        const path = join(directory.path, entry.name);
        if (entry.name.startsWith(".")) continue;
        if (entry.isDirectory()) below.push(this.#addDirectory(path));
        else if (isManifestName(entry.name) && !entry.isSymbolicLink()) this.#addFile(path);
        else if (entry.isSymbolicLink()) below.push(this.#consider(path));
      }
      this.#report(directory.path, []);
      await Promise.all(below);
    } catch (error) {
      if (this.#directories.get(directory.path) === directory) this.#reportUnreadable(directory.path, error);
      return;
    }
    if (!this.#isLoaded) return;
    this.#hintAll((path) => dirname(path) === directory.path);
    for (const path of [...this.#directories.keys(), ...this.#reported]) {
      if (path === this.#path || dirname(path) !== directory.path) continue;
      if (!names.has(basename(path))) this.#removeDirectory(path);
    }
  }

  #addFile(path: string): void {
    const known = this.#files.get(path);
    if (known !== undefined || this.#closed) return;
    const file = new ManifestFile(path, makeRank(this.#argument, path), this.#fileHost);
    if (!this.#host.adopt(file)) return;
    this.#files.set(path, file);
    if (this.#isLoaded) file.hint();
  }

  /** Takes in a path that may be anything: a file, a directory, a link to either, or nothing (any more). */
  async #consider(path: string): Promise<void> {
    const isManifest = isManifestName(basename(path));
    try {
      if ((await stat(path)).isDirectory()) await this.#addDirectory(path);
      else if (isManifest) this.#addFile(path);
    } catch {
      // A link that leads nowhere, or what may not be looked at, is a file with a problem.
      const isThere = await lstat(path).then(
        () => true,
        () => false,
      );
      if (isThere && isManifest) this.#addFile(path);
      this.#removeDirectory(path);
    }
  }

  #removeDirectory(path: string): void {
    this.#report(path, []);
    for (const directory of [...this.#directories.values()]) {
      if (!isInside(directory.path, path)) continue;
      this.#directories.delete(directory.path);
      this.#report(directory.path, []);
      void directory.watch?.close();
    }
    this.#hintAll((below) => isInside(below, path));
  }

  #hintAll(isMeant: (path: string) => boolean): void {
    for (const file of this.#files.values()) if (isMeant(file.path)) file.hint();
    this.#hintIncluding(isMeant);
  }

  #hintIncluding(isMeant: (path: string) => boolean): void {
    for (const file of this.#including) if (file.included.some(isMeant)) file.hint();
  }

  #onEvent(directory: Directory, name: string | undefined): void {
    if (this.#closed || this.#directories.get(directory.path) !== directory) return;
    directory.events++;
    if (name === undefined) void this.#recheckDirectory(directory, true);
    // A mounted ConfigMap changes all its files at once, by this one link.
    else if (name === "..data") void this.#relink(directory);
    else if (!name.startsWith(".")) this.#look(join(directory.path, name));
  }

  #look(path: string): void {
    const file = this.#files.get(path);
    const directory = this.#directories.get(path);
    if (file !== undefined) file.hint();
    else if (directory !== undefined) void this.#recheckDirectory(directory);
    else void this.#consider(path);
    for (const other of this.#polled) if (other !== file) other.hint();
    this.#hintIncluding((included) => included === path);
  }

  async #relink(directory: Directory): Promise<void> {
    for (const below of [...this.#directories.values()]) {
      if (below !== directory && isInside(below.path, directory.path)) await this.#recheckDirectory(below);
    }
    await this.#list(directory);
  }

  /** Lists a directory again when its entries changed, or when another directory took its place. */
  async #recheckDirectory(directory: Directory, always = false): Promise<void> {
    if (this.#closed || this.#directories.get(directory.path) !== directory) return;
    if (directory.path === this.#path) await this.#check();
    if (this.#goneSinceMs !== undefined || this.#directories.get(directory.path) !== directory) return;
    try {
      const stats = await stat(directory.path, { bigint: true });
      if (`${stats.dev}:${stats.ino}` !== directory.identity) {
        this.#removeDirectory(directory.path);
        await this.#addDirectory(directory.path);
      } else if (always || directory.watch?.failed === true || this.#hasLostEvents(directory, stats.mtimeNs)) {
        await this.#list(directory);
      } else {
        directory.knownUntil = stats.mtimeNs;
        directory.events = 0;
      }
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") this.#removeDirectory(directory.path);
      else this.#reportUnreadable(directory.path, error);
    }
  }

  // A change without an event, or so many events that the system's queue may have been full.
  #hasLostEvents(directory: Directory, changedAt: bigint): boolean {
    return changedAt !== directory.knownUntil && (directory.events === 0 || directory.events > TRUSTED_EVENTS);
  }

  #reportUnreadable(path: string, error: unknown): void {
    const code = errorCode(error);
    if (code !== "ENOENT" && code !== "ENOTDIR") this.#report(path, [unreadable(path, code)]);
  }

  #report(path: string, problems: readonly Problem[]): void {
    if (problems.length > 0) this.#reported.add(path);
    else if (!this.#reported.delete(path)) return;
    this.#host.report(path, problems);
  }
}

function tooManyLinked(path: string): Problem {
  const message = `expected at most ${MAX_LINKED_DIRECTORIES} folders behind links, and the others are not read`;
  return makeProblem(path, "too-many-links", message, "remove links from folder to folder");
}

async function holdsManifests(path: string): Promise<boolean> {
  try {
    const names = await readdir(path, { recursive: true });
    return names.some((name) => {
      const parts = name.split("/");
      return isManifestName(parts.at(-1) ?? "") && !parts.some((part) => part.startsWith("."));
    });
  } catch {
    return false;
  }
}
