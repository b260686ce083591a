// Manifest files, folders and standard input as a source, and the zone files among them: loads them, watches them and
// reports changes. Knows files and their contents, never the names that are served. What can't be read or parsed stays
// as it was, and is reported as a problem.
import { constants } from "node:fs";
import { open, opendir, realpath, stat } from "node:fs/promises";
import { normalize, resolve } from "node:path";
import { OpenWriters } from "../../files/open-writers.ts";
import { SourceError } from "../../files/source-error.ts";
import type { StandardInput } from "../../files/standard-input.ts";
import { InputTooLarge, readStandardInput } from "../../files/standard-input.ts";
import { WorkingDirectory } from "../../process/working-directory.ts";
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import { FILE_BYTES_MAX, isAbsent, unreadable } from "../../files/file-status.ts";
import { errorCode } from "../../std/error-code.ts";
import { MemoryRoom } from "../../std/memory-room.ts";
import type { ReloadCounts } from "../../std/reload-counts.ts";
import type { CheckNotes } from "./check-notes.ts";
import { noMemory } from "../content-cost.ts";
import { EMPTY_CONTENTS, updateContents } from "./file-contents.ts";
import { ManifestParser } from "./manifest-parser.ts";
import type { ManifestCounts, ManifestSink, OriginSource } from "./manifest-reporter.ts";
import { ManifestReporter } from "./manifest-reporter.ts";
import type { ReadOutcome, ReadRequest } from "./read-manifest.ts";
import { WatchedFile } from "./watched-file.ts";
import { WatchedFolder } from "./watched-folder.ts";
import type { WatchContext, WatchedPath } from "./watched-path.ts";
import { identityOf } from "./watched-path.ts";

const POLL_MS = 500;
/** How long the start waits for the end of standard input when there is something else to serve. */
const INPUT_WAIT_MS = 3_000;

/** Standard input is in memory as parts, as a whole, as text, and in the thread that parses it. */
const INPUT_COPIES = 5;

/** Where manifests come from, and where reports go. */
export interface ManifestSettings extends ManifestSink {
  /** Files, folders, and `-` for standard input. */
  readonly paths: readonly string[];
  /** The namespace of objects without one. */
  readonly namespace: string;
  /** Read when `paths` holds `-`; the process's own when absent. */
  readonly stdin?: StandardInput;
  /** Whether changes are followed; true when absent. */
  readonly isWatching?: boolean;
  /** Whether kustomizations are built; not if absent. */
  readonly isBuilding?: boolean;
  /** Whether notes for `check` are taken; not if absent. */
  readonly takesNotes?: boolean;
  /** The source of the files' origins. */
  readonly source: OriginSource;
  /** What does not fit is refused; everything fits if absent. */
  readonly room?: MemoryRoom;
}

/** Manifests under watch. `ready` rejects with a `SourceError` when a path can't be served. */
export interface WatchedManifests {
  readonly ready: Promise<void>;
  counts(): ManifestCounts;
  /** Of files that were read again. */
  readonly reloads: ReloadCounts;
  /** Whether the paths have nothing of Kubernetes and no zone. */
  isEmpty(): boolean;
  notes(): readonly CheckNotes[];
  /** Looks at all folders and files now. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Loads manifests and follows their changes until `close`. */
export function watchManifests(settings: ManifestSettings): WatchedManifests {
  const watcher = new ManifestWatcher(settings);
  return {
    ready: watcher.open(),
    counts: () => watcher.reporter.counts,
    reloads: watcher.reporter.reloads,
    isEmpty: () => watcher.reporter.isEmpty,
    notes: () => watcher.reporter.notes,
    refresh: () => watcher.refresh(),
    close: () => watcher.close(),
  };
}

class ManifestWatcher implements WatchContext {
  readonly isWatching: boolean;
  readonly isBuilding: boolean;
  readonly reporter: ManifestReporter;
  readonly writers = new OpenWriters();
  readonly #settings: ManifestSettings;
  readonly #parser: ManifestParser;
  readonly #room: MemoryRoom;
  readonly #paths: WatchedPath[] = [];
  readonly #workingDirectory = new WorkingDirectory();
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #tick = 0;
  #stdin: StandardInput | undefined;
  #isClosed = false;

  constructor(settings: ManifestSettings) {
    this.#settings = settings;
    this.isWatching = settings.isWatching ?? true;
    this.isBuilding = settings.isBuilding ?? false;
    this.#room = settings.room ?? new MemoryRoom();
    this.reporter = new ManifestReporter(settings.source, settings, this.#room);
    const report = (problems: readonly Problem[]): void => settings.onProblems("parser", problems);
    this.#parser = new ManifestParser(report, { isAlone: !this.isWatching, room: this.#room });
  }

  async open(): Promise<void> {
    const inputs = new Map<string, number>();
    this.#settings.paths.forEach((path, argument) => {
      const shown = path === "-" ? path : normalize(path).replace(/(?<=.)\/$/, "");
      if (!inputs.has(shown)) inputs.set(shown, argument);
    });
    for (const [path, argument] of inputs) if (path !== "-") this.#paths.push(await this.#find(path, argument));
    if (this.#isClosed) return;
    const stdin = inputs.get("-");
    await Promise.all([
      ...this.#paths.map((path) => path.open()),
      ...(stdin === undefined ? [] : [this.#waitForStandardInput(this.#readStandardInput(stdin))]),
    ]);
    if (this.#isClosed) return;
    this.reporter.open();
    if (this.isWatching) this.#pollLater();
  }

  async refresh(): Promise<void> {
    // While it loads, everything is looked at anyway.
    if (this.#timer === undefined) return;
    await this.#polling;
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    // The poll of this number looks at everything.
    this.#tick = -1;
    await (this.#polling = this.#poll());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.reporter.close();
    // A pipe that never ends would keep the process alive.
    this.#stdin?.destroy?.();
    await this.#parser.close();
    await this.#polling;
    await Promise.all(this.#paths.map((path) => path.close()));
  }

  roots(): readonly string[] {
    return this.#paths.map(({ real }) => real);
  }

  read(path: string, bytes: number, roots: readonly string[]): Promise<ReadOutcome> {
    return this.#parser.parse(this.#request(path, roots), bytes);
  }

  parse(path: string, text: string): Promise<ReadOutcome> {
    return this.#parser.parse({ ...this.#request(path, []), text }, text.length);
  }

  #request(path: string, roots: readonly string[]): ReadRequest {
    const { namespace, takesNotes = false } = this.#settings;
    return { path, namespace, roots, takesNotes };
  }

  #pollLater(): void {
    this.#timer = setTimeout(() => void (this.#polling = this.#poll()), POLL_MS).unref();
  }

  async #poll(): Promise<void> {
    this.#tick++;
    await this.#workingDirectory.follow();
    await Promise.all(this.#paths.map((path) => path.poll(this.#tick)));
    if (!this.#isClosed) this.#pollLater();
  }

  async #find(path: string, argument: number): Promise<WatchedPath> {
    try {
      const stats = await stat(path, { bigint: true });
      const given = { path, argument, real: await realpath(path), identity: identityOf(stats) };
      // Once all is loaded, the server denies names that it does not know, so a path that can't be opened must fail.
      if (stats.isDirectory()) {
        // With the dot, the files in it may be opened too.
        await (await opendir(`${path}/.`)).close();
        return new WatchedFolder(given, this);
      }
      if (stats.isFile()) {
        await (await open(path, constants.O_RDONLY | constants.O_NONBLOCK)).close();
        return new WatchedFile(given, this);
      }
    } catch (error) {
      const code = errorCode(error);
      if (isAbsent(code)) throw new SourceError(`${path}: no such file or folder (looked for ${resolve(path)})`);
      throw new SourceError(`${path}: can't be read (${code})`);
    }
    throw new SourceError(`${path}: is neither a file nor a folder; to read a pipe, use \`-\` and standard input`);
  }

  /** Waits for standard input; only for a while when a server has other paths, because a pipe may never end. */
  async #waitForStandardInput(read: Promise<readonly Problem[]>): Promise<void> {
    if (this.#paths.length === 0 || !this.isWatching) return void (await read);
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), INPUT_WAIT_MS)));
    const first = await Promise.race([read, waited]);
    clearTimeout(timer);
    if (first !== "late") return;
    this.reporter.reportProblems("-", [inputNotEnded()]);
    // What fails later has nobody who waits for it.
    void read
      .catch((error: unknown) => [unreadable("-", errorCode(error))])
      .then((problems) => this.reporter.reportProblems("-", problems));
  }

  /** Reads all of it; resolves with its problems. */
  async #readStandardInput(argument: number): Promise<readonly Problem[]> {
    const stdin = this.#settings.stdin ?? process.stdin;
    this.#stdin = stdin;
    try {
      const bytesMax = Math.min(FILE_BYTES_MAX, Math.floor(this.#room.freeNow / INPUT_COPIES));
      const text = await readStandardInput(stdin, bytesMax);
      const outcome = await this.parse("-", text);
      const contents =
        outcome.kind === "refused"
          ? { ...EMPTY_CONTENTS, problems: [outcome.problem] }
          : updateContents(EMPTY_CONTENTS, { ...outcome.parsed, isData: false }, "-");
      const isBlank = outcome.kind === "parsed" && outcome.isBlank;
      const problems = isBlank ? [emptyInput()] : contents.problems;
      const file = { path: "-", argument, contents: { ...contents, problems } };
      this.reporter.add(file);
      this.reporter.report(file, EMPTY_CONTENTS);
      return problems;
    } catch (error) {
      if (this.#isClosed) return [];
      const { freeNow } = this.#room;
      if (!(error instanceof InputTooLarge) || freeNow / INPUT_COPIES >= FILE_BYTES_MAX) throw error;
      const problems = [{ ...noMemory(freeNow, freeNow), place: { file: "-", line: 1, column: 1 } }];
      const file = { path: "-", argument, contents: { ...EMPTY_CONTENTS, problems } };
      this.reporter.add(file);
      this.reporter.report(file, EMPTY_CONTENTS);
      return problems;
    } finally {
      this.#stdin = undefined;
    }
  }
}

function inputNotEnded(): Problem {
  const message = "standard input has not ended: its objects are not served yet";
  return fileProblem("-", "input-not-ended", message, "end the program that writes it, or remove -", "warning");
}

function emptyInput(): Problem {
  return fileProblem("-", "empty-file", "standard input is empty", "pipe manifests into it");
}
