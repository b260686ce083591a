// The port of a source: something outside that holds objects or zone files. A source hands what it reads to a sink and
// says how current that is. It knows nothing of DNS names, tables or packets, and nothing of other sources.
import type { SourceChange } from "../cluster/change.ts";
import type { Problem } from "../objects/problem.ts";
import type { ZoneContents } from "../zonefile/choose-zones.ts";

/**
 * `syncing`: the sink does not have everything yet. `synced`: the sink has what the source holds. `stale`: the source
 * has been out of reach since that time of day (ms); what it handed over stays in force.
 */
export type SourceStatus =
  | { readonly state: "syncing" }
  | { readonly state: "synced" }
  | { readonly state: "stale"; readonly sinceMs: number; readonly reason: string };

/** Takes what a source reads. Calls take effect in their order; none of them throws or waits. */
export interface SourceSink {
  /** Objects that were added, changed or removed. */
  change(changes: readonly SourceChange[]): void;
  /** The contents of all zone files and hosts files of the source, whenever they differ from before. */
  replaceZones(contents: ZoneContents): void;
  /** All problems that the source has at `place` now; none: they are mended. */
  setProblems(place: string, problems: readonly Problem[]): void;
  /** Comes after the changes that it speaks of. */
  setStatus(status: SourceStatus): void;
}

export interface Source {
  /** Unique among the sources of a server, e.g. `manifests`; the `source` of its origins. */
  readonly id: string;
  /** Where two sources hold the same object, the one with the smaller number counts. */
  readonly precedence: number;
  /** What is not ready to be answered before this source has synced once: cluster zone, zones of files. */
  readonly feeds: { readonly cluster: boolean; readonly zoneFiles: boolean };
  /** As told to the sink last. */
  readonly status: SourceStatus;
  /**
   * Hands everything over, then what changes, until `close`. Resolves when it has synced for the first time; rejects
   * with a `SourceError` when it can't start at all. Called once.
   */
  start(sink: SourceSink): Promise<void>;
  /** What the source can say of itself, for the log and for metrics: counts and names. */
  describe(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}
