// The port of sources: everything that reads objects or zone files from outside. A source passes what it reads to a
// sink and reports how current that is. It knows nothing of DNS names, tables or packets, and nothing of other sources.
import type { SourceChange } from "../cluster/change.ts";
import type { Problem } from "../objects/problem.ts";
import type { ReloadCounts } from "../std/reload-counts.ts";
import type { ZoneContents } from "../zonefile/choose-zones.ts";

/**
 * `syncing`: the sink does not have everything yet. `synced`: the sink has everything. `stale`: the source has been
 * unreachable since `sinceMs` (wall clock, ms); what it passed to the sink before stays in force.
 */
export type SourceStatus =
  | { readonly state: "syncing" }
  | { readonly state: "synced" }
  | { readonly state: "stale"; readonly sinceMs: number; readonly reason: string };

/** Receives what a source reads. Calls take effect in order; none of them throws or blocks. */
export interface SourceSink {
  /** Objects that were added, changed or removed. */
  change(changes: readonly SourceChange[]): void;
  /**
   * The contents of all zone files and hosts files of the source, whenever they change. `savedAtMs`: when the file that
   * changed was saved, wall clock; absent at the start, and where nobody knows.
   */
  replaceZones(contents: ZoneContents, savedAtMs?: number): void;
  /** All current problems at `place`; an empty list if the problems are solved. */
  setProblems(place: string, problems: readonly Problem[]): void;
  /** Follows the changes to which it applies. */
  setStatus(status: SourceStatus): void;
}

/** What a source has, and what has happened to it; each has those numbers that it knows. */
export interface SourceCounts {
  readonly objects?: number;
  /** Files that are read. */
  readonly files?: number;
  /** Events of watches. */
  readonly events?: number;
  /** Lists that were asked for. */
  readonly lists?: number;
  /** Differences that no event told of. */
  readonly drift?: number;
  /** Requests that failed, and watches that broke. */
  readonly faults?: number;
  readonly reloads?: ReloadCounts;
}

export interface Source {
  /** Unique among the sources of a server, e.g. `manifests`; the `source` of its origins. */
  readonly id: string;
  /** If two sources hold the same object, the smaller number wins. */
  readonly precedence: number;
  /** What the server can't answer until this source has synced once: the cluster zone, zones of files. */
  readonly feeds: { readonly cluster: boolean; readonly zoneFiles: boolean };
  /** It may be away for long: sources of smaller precedence are served before it has synced. */
  readonly isRemote?: boolean;
  /** The last status that the sink received. */
  readonly status: SourceStatus;
  /**
   * Passes everything to the sink, then every change until `close`. Resolves when the source has synced for the first
   * time, or is closed before; rejects with a `SourceError` if it can't start at all. Called once.
   */
  start(sink: SourceSink): Promise<void>;
  /** Looks for changes that may have come without an event; absent where none can. */
  refresh?(): Promise<void>;
  /** Counts and names for the log. */
  describe(): Readonly<Record<string, unknown>>;
  /** The version of the object with the key, for sources that have versions; see `objectKey`. */
  versionOf?(key: string): string | undefined;
  /** Counts for metrics. */
  counts?(): SourceCounts;
  close(): Promise<void>;
}
