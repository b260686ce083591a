// What becomes of the packages in a folder: a kustomization is built if that is wanted; of any other package a problem
// says how to render it.
import { BuiltKustomization } from "./built-kustomization.ts";
import type { Package } from "./packages.ts";
import { packageProblem } from "./packages.ts";
import type { WatchContext } from "./watched-path.ts";

export class PackageReporter {
  readonly #argument: number;
  readonly #context: WatchContext;
  #packages: readonly Package[] = [];
  #isPolling = false;
  readonly #builds = new Map<string, BuiltKustomization>();

  constructor(argument: number, context: WatchContext) {
    this.#argument = argument;
    this.#context = context;
  }

  /** Takes the packages that are there now; resolves when the new ones are built. */
  async update(packages: readonly Package[]): Promise<void> {
    const before = this.#packages;
    this.#packages = packages;
    const { reporter } = this.#context;
    for (const { folder, file } of before) {
      if (packages.some((each) => each.file === file && this.#isBuilt(each) === this.#builds.has(folder))) continue;
      reporter.reportProblems(file, []);
      this.#builds.get(folder)?.remove();
      this.#builds.delete(folder);
    }
    const loads: Promise<void>[] = [];
    for (const found of packages) {
      if (!this.#isBuilt(found)) reporter.reportProblems(found.file, [packageProblem(found, this.#context)]);
      else if (!this.#builds.has(found.folder)) {
        const build = new BuiltKustomization(found, this.#argument, this.#context);
        this.#builds.set(found.folder, build);
        loads.push(build.load());
      }
    }
    await Promise.all(loads);
  }

  /** Checks the builds, unless that is under way: a build may take long. */
  poll(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    void this.#pollBuilds().finally(() => (this.#isPolling = false));
  }

  async #pollBuilds(): Promise<void> {
    for (const found of this.#packages) await this.#builds.get(found.folder)?.poll(found);
  }

  close(): void {
    for (const build of this.#builds.values()) build.close();
  }

  #isBuilt({ kind }: Package): boolean {
    return kind === "kustomization" && this.#context.isBuilding;
  }
}
