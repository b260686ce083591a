// Manifest files, folders and standard input as a source: what manifests.ts reads and watches, behind the port.
// A path that is gone leaves the source stale.
import type { Problem } from "../../objects/problem.ts";
import type { Source, SourceCounts, SourceSink, SourceStatus } from "../source.ts";
import { watchManifests } from "./manifests.ts";
import type { CheckNotes } from "./check-notes.ts";
import type { ManifestCounts } from "./manifest-reporter.ts";
import type { ManifestSettings, WatchedManifests } from "./manifests.ts";

type SourceSettings = Pick<
  ManifestSettings,
  "paths" | "namespace" | "stdin" | "isWatching" | "isBuilding" | "takesNotes" | "room"
>;

const NO_COUNTS: ManifestCounts = {
  files: 0,
  dataFiles: 0,
  objects: 0,
  documentsWithoutKind: 0,
  otherKinds: new Map(),
};

export class ManifestSource implements Source {
  readonly id = "manifests";
  readonly precedence = 100;
  readonly feeds = { cluster: true, zoneFiles: true };
  readonly #settings: SourceSettings;
  #watched: WatchedManifests | undefined;
  #status: SourceStatus = { state: "syncing" };
  #isClosed = false;
  #isEmpty = false;
  /** Paths that are gone, since when (time of day, ms). */
  readonly #gone = new Map<string, number>();

  constructor(settings: SourceSettings) {
    this.#settings = settings;
  }

  get status(): SourceStatus {
    return this.#status;
  }

  async start(sink: SourceSink): Promise<void> {
    this.#watched = watchManifests({
      ...this.#settings,
      source: this,
      onChange: (changes) => {
        sink.change(changes);
        this.#noteEmpty(sink);
      },
      onZones: (contents, savedAtMs) => {
        sink.replaceZones(contents, savedAtMs);
        this.#noteEmpty(sink);
      },
      onProblems: (path, problems) => {
        sink.setProblems(path, problems);
        this.#noteGone(path, problems, sink);
      },
    });
    await this.#watched.ready;
    // A source that was closed meanwhile may lack files.
    if (this.#isClosed) return;
    this.#noteEmpty(sink);
    this.#setStatus({ state: "synced" }, sink);
    if (this.#gone.size > 0) this.#updateStatus(sink);
  }

  counts(): ManifestCounts & SourceCounts {
    const watched = this.#watched;
    return watched === undefined ? NO_COUNTS : { ...watched.counts(), reloads: watched.reloads };
  }

  /** What `check` needs beside the objects. */
  notes(): readonly CheckNotes[] {
    return this.#watched?.notes() ?? [];
  }

  describe(): Readonly<Record<string, unknown>> {
    const { files, documentsWithoutKind, otherKinds } = this.counts();
    return { paths: this.#settings.paths, files, documentsWithoutKind, otherKinds: Object.fromEntries(otherKinds) };
  }

  async refresh(): Promise<void> {
    await this.#watched?.refresh();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#watched?.close();
  }

  /** Whoever serves nothing has seldom meant to; `check` says so by its exit code. */
  #noteEmpty(sink: SourceSink): void {
    const isEmpty = this.#settings.isWatching !== false && this.#watched?.isEmpty() === true;
    if (isEmpty === this.#isEmpty) return;
    this.#isEmpty = isEmpty;
    sink.setProblems(this.id, isEmpty ? [nothingToServe(this.#settings.paths)] : []);
  }

  #noteGone(path: string, problems: readonly Problem[], sink: SourceSink): void {
    const isGone = problems.some(({ code }) => code === "source-gone");
    if (isGone === this.#gone.has(path)) return;
    if (isGone) this.#gone.set(path, Date.now());
    else this.#gone.delete(path);
    if (this.#status.state !== "syncing" && !this.#isClosed) this.#updateStatus(sink);
  }

  #updateStatus(sink: SourceSink): void {
    const [first] = this.#gone;
    this.#setStatus(
      first === undefined ? { state: "synced" } : { state: "stale", sinceMs: first[1], reason: `${first[0]} is gone` },
      sink,
    );
  }

  #setStatus(status: SourceStatus, sink: SourceSink): void {
    this.#status = status;
    sink.setStatus(status);
  }
}

function nothingToServe(paths: readonly string[]): Problem {
  const message = `no Kubernetes objects and no zones in ${paths.join(" ")}`;
  const advice = "give the folder of the manifests, or look at what the pipe gets";
  return { code: "nothing-to-serve", severity: "warning", message, advice };
}
