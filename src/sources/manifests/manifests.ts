// Manifest files, folders and standard input as a source, and the zone files among them: loads them, watches them,
// hands over what changed. Knows files and what they hold, never what is served of it. What is bad stays as it was and
// is reported as a problem.
import { constants } from "node:fs";
import { open, opendir, realpath, stat } from "node:fs/promises";
import { normalize, resolve } from "node:path";
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import type { Change } from "../../cluster/change.ts";
import type { HeldZones, ZoneContent } from "../../zonefile/choose-zones.ts";
import type { Look } from "../../files/look-at.ts";
import { fileProblem } from "../../objects/problem.ts";
import type { FileChange } from "./manifest-file.ts";
import { ManifestFile } from "./manifest-file.ts";
import { ManifestFolder } from "./manifest-folder.ts";
import { ManifestParser } from "./manifest-parser.ts";
import type { ManifestRoot, RootHost } from "./manifest-root.ts";
import { makeRank } from "./manifest-root.ts";
import { NamedFile } from "./named-file.ts";
import { duplicateObject } from "../../objects/duplicate-object.ts";
import { errorCode } from "../../std/error-code.ts";
import { SourceError } from "../../files/source-error.ts";
import type { StandardInput } from "../../files/standard-input.ts";
import { readStandardInput } from "../../files/standard-input.ts";

const POLL_MS = 500;

/** Where manifests come from and who is told. */
export interface ManifestSettings {
  /** Files, folders, and `-` for standard input. */
  readonly paths: readonly string[];
  /** Where objects without a namespace live. */
  readonly namespace: string;
  /** Read when `paths` holds `-`; the process's own when absent. */
  readonly stdin?: StandardInput;
  onChange(changes: readonly Change[]): void;
  /** What all zone files and hosts files hold, whenever it is not what it was. */
  onZones?(zones: HeldZones): void;
  /** All problems that `origin` has now; none: mended. */
  onProblems(origin: string, problems: readonly Problem[]): void;
}

/** What the files hold at the moment. */
export interface ManifestCounts {
  readonly files: number;
  readonly objects: number;
  readonly documentsWithoutKind: number;
  /** Objects of kinds that have no records, by kind. */
  readonly otherKinds: ReadonlyMap<string, number>;
}

/** Manifests under watch. `ready` rejects with a `SourceError` when a path can't be served. */
export interface ManifestSource {
  readonly ready: Promise<void>;
  counts(): ManifestCounts;
  close(): Promise<void>;
}

/** Loads manifests and follows their changes until `close`. */
export function watchManifests(settings: ManifestSettings): ManifestSource {
  const set = new ManifestSet(settings, true);
  return { ready: set.open(), counts: () => set.counts(), close: () => set.close() };
}

/** What one load gives; of an object in several files the first one counts. */
export interface LoadedManifests {
  readonly objects: readonly KubeObject[];
  readonly zones: HeldZones;
  readonly problems: readonly Problem[];
  readonly counts: ManifestCounts;
}

/** Loads manifests once. Rejects with a `SourceError` when a path can't be read at all. */
export async function loadManifests(
  paths: readonly string[],
  settings: { readonly namespace: string; readonly stdin?: StandardInput },
): Promise<LoadedManifests> {
  const replaced: Extract<Change, { type: "replace" }>[] = [];
  const problems: Problem[] = [];
  let zones: HeldZones = new Map();
  const set = new ManifestSet(
    {
      ...settings,
      paths,
      onChange: (changes) => replaced.push(...changes.filter((change) => change.type === "replace")),
      onZones: (held) => (zones = held),
      onProblems: (_origin, found) => problems.push(...found),
    },
    false,
  );
  try {
    await set.open();
    const objects = new Map<string, KubeObject>();
    for (const { objects: held } of replaced.sort((a, b) => (a.rank < b.rank ? -1 : 1))) {
      for (const object of held) {
        const first = objects.get(objectKey(object));
        if (first === undefined) objects.set(objectKey(object), object);
        else if (object.kind !== "Other") problems.push(duplicateObject(first, object));
      }
    }
    return { objects: [...objects.values()], zones, problems, counts: set.counts() };
  } finally {
    await set.close();
  }
}

class ManifestSet implements RootHost {
  readonly isWatching: boolean;
  readonly #settings: ManifestSettings;
  readonly #parser = new ManifestParser();
  readonly #roots: ManifestRoot[] = [];
  readonly #files = new Map<string, ManifestFile>();
  readonly #changed = new Map<string, Change>();
  readonly #zones = new Map<string, { readonly rank: string; readonly content: ZoneContent }>();
  #hasZonesChanged = false;
  readonly #problems = new Map<string, readonly Problem[]>();
  #isOpen = false;
  #flush: NodeJS.Immediate | undefined;
  #poll: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #tick = 0;
  #stdin: StandardInput | undefined;
  #closed = false;

  constructor(settings: ManifestSettings, isWatching: boolean) {
    this.#settings = settings;
    this.isWatching = isWatching;
  }

  async open(): Promise<void> {
    const inputs = new Map<string, number>();
    this.#settings.paths.forEach((path, argument) => {
      const shown = path === "-" ? path : normalize(path).replace(/(?<=.)\/$/, "");
      if (!inputs.has(shown)) inputs.set(shown, argument);
    });
    for (const [path, argument] of inputs) if (path !== "-") this.#roots.push(await this.#makeRoot(path, argument));
    if (this.#closed) return;
    const stdin = inputs.get("-");
    await Promise.all([
      ...this.#roots.map((root) => root.open()),
      ...(stdin === undefined ? [] : [this.#readStdin(stdin)]),
    ]);
    if (this.#closed) return;
    this.#isOpen = true;
    this.#handOver();
    if (this.isWatching) this.#poll = setTimeout(() => this.#pollRoots(), POLL_MS).unref();
  }

  counts(): ManifestCounts {
    const otherKinds = new Map<string, number>();
    let objects = 0;
    let documentsWithoutKind = 0;
    for (const file of this.#files.values()) {
      objects += file.objects.size;
      documentsWithoutKind += file.documentsWithoutKind;
      for (const [kind, count] of file.otherKinds) otherKinds.set(kind, (otherKinds.get(kind) ?? 0) + count);
    }
    return { files: this.#files.size, objects, documentsWithoutKind, otherKinds };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#poll);
    clearImmediate(this.#flush);
    // A pipe that never ends would keep the process alive.
    this.#stdin?.destroy?.();
    await this.#parser.close();
    await this.#polling;
    await Promise.all(this.#roots.map((root) => root.close()));
  }

  parse(path: string, bytes: number, within: readonly string[]): ReturnType<RootHost["parse"]> {
    return this.#parser.parse({ path, namespace: this.#settings.namespace, within }, bytes);
  }

  realRoots(): readonly string[] {
    return this.#roots.map(({ real }) => real);
  }

  adopt(file: ManifestFile): boolean {
    if (this.#files.has(file.path)) return false;
    this.#files.set(file.path, file);
    return true;
  }

  forget(file: ManifestFile): void {
    this.#files.delete(file.path);
  }

  changed(file: ManifestFile, what: FileChange): void {
    if (what.objects) {
      const objects = [...file.objects.values()];
      this.#changed.set(file.path, { type: "replace", origin: file.path, rank: file.rank, objects });
    }
    if (what.zone) {
      this.#hasZonesChanged = true;
      if (file.zone === undefined) this.#zones.delete(file.path);
      else this.#zones.set(file.path, { rank: file.rank, content: file.zone });
    }
    if (what.problems) this.#problems.set(file.path, file.problems);
    this.#schedule();
  }

  report(path: string, problems: readonly Problem[]): void {
    this.#problems.set(path, problems);
    this.#schedule();
  }

  #schedule(): void {
    // What becomes known in one turn is handed over together: a checkout of a thousand files is a few changes.
    if (this.#isOpen && !this.#closed) this.#flush ??= setImmediate(() => this.#handOver());
  }

  #handOver(): void {
    this.#flush = undefined;
    const changes = [...this.#changed.values()];
    const problems = [...this.#problems];
    this.#changed.clear();
    this.#problems.clear();
    if (changes.length > 0) this.#settings.onChange(changes);
    if (this.#hasZonesChanged) this.#settings.onZones?.(new Map(this.#zones));
    this.#hasZonesChanged = false;
    for (const [origin, present] of problems) this.#settings.onProblems(origin, present);
  }

  #pollRoots(): void {
    this.#tick++;
    this.#polling = Promise.all(this.#roots.map((root) => root.poll(this.#tick))).then(() => {
      if (!this.#closed) this.#poll = setTimeout(() => this.#pollRoots(), POLL_MS).unref();
    });
  }

  async #makeRoot(path: string, argument: number): Promise<ManifestRoot> {
    try {
      const stats = await stat(path);
      const real = await realpath(path);
      // Names are denied once all is loaded, so what can't be opened must not count as loaded.
      if (stats.isDirectory()) {
        // With the dot, the files in it may be opened too.
        await (await opendir(`${path}/.`)).close();
        return new ManifestFolder(path, real, argument, this);
      }
      if (stats.isFile()) {
        await (await open(path, constants.O_RDONLY | constants.O_NONBLOCK)).close();
        return new NamedFile(path, real, argument, this);
      }
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOENT" || code === "ENOTDIR")
        throw new SourceError(`${path}: no such file or folder (looked for ${resolve(path)})`);
      throw new SourceError(`${path}: can't be read (${code})`);
    }
    throw new SourceError(`${path}: is neither a file nor a folder; to read a pipe, use \`-\` and standard input`);
  }

  async #readStdin(argument: number): Promise<void> {
    const stdin = this.#settings.stdin ?? process.stdin;
    this.#stdin = stdin;
    try {
      const text = await readStandardInput(stdin);
      const look: Look = { kind: "file", signature: "", inode: 0n, size: text.length, isLink: false };
      const request = { path: "-", namespace: this.#settings.namespace, within: [], text };
      const file = new ManifestFile("-", makeRank(argument, "-"), {
        look: async () => look,
        parse: () => this.#parser.parse(request, text.length),
        missingMs: () => 0,
        whyMissing: async () => ({ removed: false }),
        changed: (changed, what) => this.changed(changed, what),
        forget: () => {},
      });
      if (this.adopt(file)) await file.load();
      if (text.trim() === "")
        this.report("-", [fileProblem("-", "empty-file", "standard input was empty", "pipe manifests into it")]);
    } catch (error) {
      if (!this.#closed) throw error;
    } finally {
      this.#stdin = undefined;
    }
  }
}
