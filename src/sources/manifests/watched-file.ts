// A file named on the command line: followed wherever its links lead. When it goes away, its names stay: whoever wants
// them gone restarts without the argument.
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { FileStatus } from "../../files/file-status.ts";
import { statusOf } from "../../files/file-status.ts";
import type { DirectoryWatch } from "../../files/watch-directory.ts";
import { watchDirectory } from "../../files/watch-directory.ts";
import type { FileOwner } from "./manifest-file.ts";
import { ManifestFile } from "./manifest-file.ts";
import { namedPackageProblem } from "./packages.ts";
import type { ReadOutcome } from "./read-manifest.ts";
import type { GivenPath, WatchContext, WatchedPath } from "./watched-path.ts";
import { identityAt, MISSING_MS, sourceGone } from "./watched-path.ts";

/** A file as an argument. */
export class WatchedFile implements WatchedPath, FileOwner {
  readonly real: string;
  readonly #path: string;
  readonly #context: WatchContext;
  readonly #file: ManifestFile;
  readonly #watches = new Map<string, { readonly identity: string | undefined; readonly watch: DirectoryWatch }>();
  #isClosed = false;

  constructor({ path, real, argument }: GivenPath, context: WatchContext) {
    this.#path = path;
    this.real = real;
    this.#context = context;
    this.#file = new ManifestFile(path, argument, this, context.reporter);
  }

  async open(): Promise<void> {
    // At once, before a folder has listed its files: a file that is named counts as its own argument.
    this.#context.reporter.add(this.#file);
    if (this.#context.isWatching) await this.#watchFolders();
    await this.#file.load();
    if (this.#context.isWatching) this.#file.hint();
  }

  async poll(): Promise<void> {
    await this.#watchFolders();
    this.#file.hint();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const watches = [...this.#watches.values()].map(({ watch }) => watch.close());
    this.#watches.clear();
    await Promise.all(watches);
    await this.#file.close();
  }

  statusOf(): Promise<FileStatus> {
    return statusOf(this.#path);
  }

  async read(_file: ManifestFile, bytes: number): Promise<ReadOutcome> {
    // The parts of a zone file stand beside it.
    const folder = dirname(this.#path);
    const real = await realpath(folder).catch(() => folder);
    const outcome = await this.#context.read(this.#path, bytes, [...this.#context.roots(), real]);
    if (outcome.kind === "refused") return outcome;
    const { parsed } = outcome;
    const problem = parsed.objects.length === 0 ? namedPackageProblem(this.#path, this.#context) : undefined;
    // Whoever names a file wants it to be read.
    return { ...outcome, parsed: { ...parsed, isData: false, problems: problem ? [problem] : parsed.problems } };
  }

  hasWriters(path: string): boolean {
    return this.#context.writers.has(path);
  }

  missingMs(): number {
    return MISSING_MS;
  }

  explainAbsence(): ReturnType<FileOwner["explainAbsence"]> {
    return Promise.resolve({ isRemoved: false, problem: sourceGone(this.#path) });
  }

  forget(): void {}

  // The folder of the path and, through links, that of the file itself.
  async #watchFolders(): Promise<void> {
    const target = await realpath(this.#path).catch(() => this.#path);
    const isOurs = (name: string): boolean =>
      [this.#path, target, ...this.#file.included].some((path) => basename(path) === name) || name.startsWith("..");
    for (const folder of new Set([dirname(this.#path), dirname(target)])) {
      const identity = await identityAt(folder);
      const present = this.#watches.get(folder);
      if (present?.identity === identity) continue;
      await present?.watch.close();
      this.#watches.delete(folder);
      if (identity === undefined || this.#isClosed) continue;
      const watch = watchDirectory(folder, (name) => {
        if (name === undefined || isOurs(name)) this.#file.hint();
      });
      this.#watches.set(folder, { identity, watch });
      await watch.ready;
    }
  }
}
