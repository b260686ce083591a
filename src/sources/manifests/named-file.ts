// One file named on the command line: followed wherever its links lead, kept as it was when it goes away. Never takes
// a name away because the whole file is missing.
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { lookAt } from "../../files/look-at.ts";
import type { FileHost } from "./manifest-file.ts";
import { ManifestFile } from "./manifest-file.ts";
import type { ManifestRoot, RootHost } from "./manifest-root.ts";
import { identityOf, makeRank, MISSING_MS, sourceGone } from "./manifest-root.ts";
import type { DirectoryWatch } from "../../files/watch-directory.ts";
import { watchDirectory } from "../../files/watch-directory.ts";

/** A file as an argument. */
export class NamedFile implements ManifestRoot {
  readonly real: string;
  readonly #path: string;
  readonly #host: RootHost;
  readonly #file: ManifestFile;
  #closed = false;
  readonly #watches = new Map<string, { readonly identity: string | undefined; readonly watch: DirectoryWatch }>();

  constructor(path: string, real: string, argument: number, host: RootHost) {
    this.#path = path;
    this.real = real;
    this.#host = host;
    const fileHost: FileHost = {
      look: () => lookAt(path),
      parse: async (_file, bytes) => host.parse(path, bytes, [...host.realRoots(), await realFolderOf(path)]),
      missingMs: () => MISSING_MS,
      whyMissing: async () => ({ removed: false, problem: sourceGone(path) }),
      changed: (file, what) => host.changed(file, what),
      forget: () => {},
    };
    this.#file = new ManifestFile(path, makeRank(argument, path), fileHost);
  }

  async open(): Promise<void> {
    if (!this.#host.adopt(this.#file)) return;
    if (this.#host.isWatching) await this.#watchFolders();
    await this.#file.load();
    if (this.#host.isWatching) this.#file.hint();
  }

  async poll(): Promise<void> {
    await this.#watchFolders();
    this.#file.hint();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const watches = [...this.#watches.values()].map(({ watch }) => watch.close());
    this.#watches.clear();
    await Promise.all(watches);
    await this.#file.close();
  }

  // The folder of the path and, through links, that of the file itself.
  async #watchFolders(): Promise<void> {
    const target = await realpath(this.#path).catch(() => this.#path);
    const isMeant = (name: string): boolean =>
      [this.#path, target, ...this.#file.included].some((path) => basename(path) === name) || name.startsWith("..");
    for (const folder of new Set([dirname(this.#path), dirname(target)])) {
      const identity = await identityOf(folder);
      const present = this.#watches.get(folder);
      if (present?.identity === identity) continue;
      await present?.watch.close();
      this.#watches.delete(folder);
      if (identity === undefined || this.#closed) continue;
      const watch = watchDirectory(folder, (name) => {
        if (name === undefined || isMeant(name)) this.#file.hint();
      });
      this.#watches.set(folder, { identity, watch });
      await watch.ready;
    }
  }
}

// A zone file's parts stand beside it.
function realFolderOf(path: string): Promise<string> {
  return realpath(dirname(path)).catch(() => dirname(path));
}
