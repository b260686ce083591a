// All files of the watched paths with what they hold, and the reports of what changed. Changes of one turn are handed
// over together: a checkout of a thousand files is a few calls.
import type { SourceChange } from "../../cluster/change.ts";
import type { Origin } from "../../objects/origin.ts";
import type { Problem } from "../../objects/problem.ts";
import type { MemoryRoom } from "../../std/memory-room.ts";
import { ReloadCounts } from "../../std/reload-counts.ts";
import type { ZoneContent, ZoneContents } from "../../zonefile/choose-zones.ts";
import type { CheckNotes } from "./check-notes.ts";
import { costOfContent, UNREAD_FILE_BYTES } from "../content-cost.ts";
import type { FileContents } from "./file-contents.ts";
import { isEmptyContents } from "./file-contents.ts";

/** Where reports go. */
export interface ManifestSink {
  onChange(changes: readonly SourceChange[]): void;
  /** The contents of all zone files and hosts files, whenever one changed. */
  onZones?(zones: ZoneContents, savedAtMs: number | undefined): void;
  /** All problems that `origin` has now; empty when they are solved. */
  onProblems(origin: string, problems: readonly Problem[]): void;
}

/** Totals over all files. */
export interface ManifestCounts {
  /** Files that are read, without data files. */
  readonly files: number;
  /** Files with nothing of Kubernetes. */
  readonly dataFiles: number;
  readonly objects: number;
  readonly documentsWithoutKind: number;
  /** Objects of kinds that have no records, by kind. */
  readonly otherKinds: ReadonlyMap<string, number>;
}

/** The source that the files' origins belong to. */
export type OriginSource = Pick<Origin, "precedence"> & { readonly id: string };

/** A file as it is reported; `argument` is the position of the path by which it was found. */
export interface ReportedFile {
  readonly path: string;
  readonly argument: number;
  readonly contents: FileContents;
  /** When the version that it holds was saved, wall clock, ms; undefined: it was there at the start. */
  readonly savedAtMs?: number | undefined;
}

/** Collects reports until `open`, and from then on hands them over at the end of each turn. */
export class ManifestReporter {
  readonly #source: OriginSource;
  readonly #sink: ManifestSink;
  /** Of files that were read again. */
  readonly reloads = new ReloadCounts();
  readonly #room: MemoryRoom;
  readonly #files = new Map<string, ReportedFile>();
  readonly #changed = new Set<ReportedFile>();
  readonly #problems = new Map<string, readonly Problem[]>();
  #haveZonesChanged = false;
  #zonesSavedAtMs: number | undefined;
  #state: "collecting" | "open" | "closed" = "collecting";
  #flushing: NodeJS.Immediate | undefined;

  /** `room` is told what the files take. */
  constructor(source: OriginSource, sink: ManifestSink, room: MemoryRoom) {
    this.#source = source;
    this.#sink = sink;
    this.#room = room;
  }

  get counts(): ManifestCounts {
    const otherKinds = new Map<string, number>();
    let objects = 0;
    let dataFiles = 0;
    let documentsWithoutKind = 0;
    for (const { contents } of this.#files.values()) {
      objects += contents.objects.size;
      if (contents.isData) dataFiles++;
      documentsWithoutKind += contents.documentsWithoutKind;
      for (const [kind, count] of contents.otherKinds) otherKinds.set(kind, (otherKinds.get(kind) ?? 0) + count);
    }
    return { files: this.#files.size - dataFiles, dataFiles, objects, documentsWithoutKind, otherKinds };
  }

  /** Whether no file has anything of Kubernetes or of a zone. */
  get isEmpty(): boolean {
    for (const { contents } of this.#files.values()) {
      if (!isEmptyContents(contents) || contents.otherKinds.size > 0) return false;
    }
    return true;
  }

  /** The notes of all files. */
  get notes(): readonly CheckNotes[] {
    return [...this.#files.values()].flatMap(({ contents }) => contents.notes ?? []);
  }

  /** Hands over all that was collected. */
  open(): void {
    this.#state = "open";
    this.#flush();
  }

  close(): void {
    this.#state = "closed";
    clearImmediate(this.#flushing);
  }

  /** Whether the memory has room for one more file. */
  get hasRoom(): boolean {
    return this.#room.free >= UNREAD_FILE_BYTES;
  }

  /** Adds a file; false when its path is there already, found by another argument. */
  add(file: ReportedFile): boolean {
    if (this.#files.has(file.path)) return false;
    this.#files.set(file.path, file);
    this.#room.set(file.path, UNREAD_FILE_BYTES);
    return true;
  }

  /** Removes a file, which must be empty by then. */
  remove(file: ReportedFile): void {
    this.#files.delete(file.path);
    this.#room.set(file.path, 0);
  }

  /** Reports how the contents of `file` differ from `before`. */
  report(file: ReportedFile, before: FileContents): void {
    const { objects, zone, problems } = file.contents;
    if (objects !== before.objects || zone !== before.zone)
      this.#room.set(file.path, costOfContent({ objects: objects.values(), zone }));
    if (objects !== before.objects && (objects.size > 0 || before.objects.size > 0)) this.#changed.add(file);
    if (zone !== before.zone) {
      this.#haveZonesChanged = true;
      this.#zonesSavedAtMs = file.savedAtMs;
    }
    if (file.savedAtMs !== undefined) this.reloads.record(!problems.some(isError), Date.now());
    if (JSON.stringify(problems) !== JSON.stringify(before.problems)) this.#problems.set(file.path, problems);
    this.#schedule();
  }

  /** Reports all problems that a folder or link has now. */
  reportProblems(path: string, problems: readonly Problem[]): void {
    this.#problems.set(path, problems);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#state === "open") this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = undefined;
    const changes = [...this.#changed].map((file) => this.#toChange(file));
    const problems = [...this.#problems];
    const zones = this.#haveZonesChanged ? this.#zones() : undefined;
    this.#changed.clear();
    this.#problems.clear();
    this.#haveZonesChanged = false;
    if (changes.length > 0) this.#sink.onChange(changes);
    if (zones !== undefined) this.#sink.onZones?.(zones, this.#zonesSavedAtMs);
    for (const [origin, present] of problems) this.#sink.onProblems(origin, present);
  }

  #zones(): ZoneContents {
    const zones = new Map<string, { readonly origin: Origin; readonly content: ZoneContent }>();
    for (const file of this.#files.values()) {
      const { zone } = file.contents;
      if (zone !== undefined) zones.set(file.path, { origin: this.#originOf(file), content: zone });
    }
    return zones;
  }

  #toChange(file: ReportedFile): SourceChange {
    const objects = [...file.contents.objects.values()];
    const { savedAtMs } = file;
    return { type: "replace", origin: this.#originOf(file), objects, ...(savedAtMs !== undefined && { savedAtMs }) };
  }

  #originOf({ path, argument }: ReportedFile): Origin {
    const { id, precedence } = this.#source;
    return { source: id, precedence, order: argument, name: path, isControlled: true };
  }
}

function isError({ severity }: Problem): boolean {
  return severity === "error";
}
