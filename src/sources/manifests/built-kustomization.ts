// A kustomization that is served as built: builds it, and again when a file below it or one of its inputs changes. A
// build that fails leaves the objects of the last one in effect.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileProblem } from "../../objects/problem.ts";
import { signatureAt } from "../../files/file-status.ts";
import type { FileContents } from "./file-contents.ts";
import { EMPTY_CONTENTS, updateContents } from "./file-contents.ts";
import type { ReportedFile } from "./manifest-reporter.ts";
import { isSkippedFolder } from "./manifest-names.ts";
import type { Package } from "./packages.ts";
import { runKustomize } from "./run-kustomize.ts";
import type { WatchContext } from "./watched-path.ts";

/** Files of a kustomization whose changes are followed. */
const FOLLOWED_MAX = 10_000;

export class BuiltKustomization implements ReportedFile {
  readonly path: string;
  readonly argument: number;
  contents: FileContents = EMPTY_CONTENTS;
  readonly #context: WatchContext;
  readonly #abort = new AbortController();
  #package: Package;
  /** The files as they were when the last build began. */
  #built = "";
  #seen = "";

  constructor(found: Package, argument: number, context: WatchContext) {
    // The places of problems are in what the program wrote, not in a file.
    this.path = `${found.folder} (kustomize build)`;
    this.argument = argument;
    this.#package = found;
    this.#context = context;
    context.reporter.add(this);
  }

  /** Builds it as it stands. */
  async load(): Promise<void> {
    this.#built = await this.#signature();
    this.#seen = this.#built;
    const outcome = await runKustomize(this.#package.folder, this.#abort.signal);
    if (this.#abort.signal.aborted) return;
    this.#update("fault" in outcome ? this.#withFault(outcome.fault) : await this.#parse(outcome.text));
  }

  /** Builds it again if its files have changed and stand still since the last poll. */
  async poll(found: Package): Promise<void> {
    this.#package = found;
    const signature = await this.#signature();
    const isStill = signature === this.#seen;
    this.#seen = signature;
    if (isStill && signature !== this.#built && !this.#abort.signal.aborted) await this.load();
  }

  close(): void {
    this.#abort.abort();
  }

  /** Takes its objects away. */
  remove(): void {
    this.close();
    this.#update(EMPTY_CONTENTS);
    this.#context.reporter.remove(this);
  }

  async #parse(text: string): Promise<FileContents> {
    const outcome = await this.#context.parse(this.path, text);
    if (outcome.kind === "refused") return { ...this.contents, problems: [outcome.problem] };
    return updateContents(this.contents, { ...outcome.parsed, isData: false }, this.path);
  }

  #withFault(fault: string): FileContents {
    const message = `can't be built: ${fault}`;
    const problem = fileProblem(
      this.#package.file,
      "kustomize-failed",
      message,
      "correct it; the last build stays in effect",
    );
    return { ...this.contents, problems: [problem] };
  }

  #update(contents: FileContents): void {
    const before = this.contents;
    this.contents = contents;
    this.#context.reporter.report(this, before);
  }

  async #signature(): Promise<string> {
    const paths: string[] = [];
    const waiting = [this.#package.folder, ...this.#package.inputs];
    for (let path = waiting.pop(); path !== undefined && paths.length < FOLLOWED_MAX; path = waiting.pop()) {
      paths.push(path);
      const below = await readdir(path).catch(() => []);
      for (const name of below) if (!isSkippedFolder(name)) waiting.push(join(path, name));
    }
    const signatures: string[] = [];
    for (const path of new Set(paths)) signatures.push(`${path} ${await signatureAt(path)}`);
    return signatures.join("\n");
  }
}
