// The composition root of the control plane: changes from sources go in, compiled zones come out. It connects the
// clusters, the table and the state file, decides when to publish, and pauses during long work so that the main
// thread keeps answering. It knows no sockets.
import { setImmediate as untilNextTurn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Cluster } from "../cluster/cluster.ts";
import type { NameKind } from "../compile/name-kind.ts";
import { nextSerial } from "../compile/serial.ts";
import { SharedZones } from "../compile/shared-zones.ts";
import type { ServedZone, StaticNames } from "../compile/static-zones.ts";
import type { ZoneCompiler } from "../compile/zone-compiler.ts";
import { formatName } from "../dns/name.ts";
import type { Problem } from "../objects/problem.ts";
import type { ClusterObjects } from "../overview/service-row.ts";
import { ChangeLog } from "../observe/change-log.ts";
import type { ServedFile } from "../observe/change-log.ts";
import type { Logger } from "../observe/log.ts";
import type { ProblemLog } from "../observe/problem-log.ts";
import type { Source, SourceSink, SourceStatus } from "../sources/source.ts";
import { StateKeeper } from "../state/state-keeper.ts";
import type { Sliced } from "../std/sliced.ts";
import { runWithPauses } from "../std/sliced.ts";
import type { TableWriter } from "../table/writer.ts";
import { chooseZones } from "../zonefile/choose-zones.ts";
import type { FileContent, ZoneContent, ZoneContents } from "../zonefile/choose-zones.ts";
import { forwardedDomains } from "./forwarded-domains.ts";
import { openCluster } from "./open-cluster.ts";
import type { OpenedCluster } from "./open-cluster.ts";
import { PublicationCounts } from "./publication-counts.ts";
import { ServedCluster } from "./served-cluster.ts";
import type { Applied, ClusterFeed } from "./served-cluster.ts";

/** The minimum time between publications: changes within it are published together. */
const PUBLICATION_INTERVAL_MS = 4;
/** The time that a publication takes from the main thread before other work gets a turn. */
const SLICE_MS = 10;
/** Larger changes (in objects) are compiled into a copy of the table, so that readers see all of it at once. */
const IN_PLACE_MAX = 500;

/** The parts with which a control plane works. */
export interface ControlPlaneParts {
  readonly problems: ProblemLog;
  readonly log: Logger;
  readonly table: TableWriter;
  /** The server's addresses: those of a zone's name server while its cluster has no DNS service. */
  readonly serverAddresses: readonly string[];
  /** Called after a change of zone files or hosts files has been published. */
  readonly onZonesPublished: () => void;
  /** Called after any change has been published. */
  readonly onPublished?: () => void;
}

/** The objects of one cluster. */
export interface NamedObjects extends ClusterObjects {
  /** As the problems of the cluster tell it; undefined: they do not. */
  readonly name: string | undefined;
  /** The version in which a source has the object with the key; undefined: it has none. */
  readonly versionOf: (key: string) => string | undefined;
}

/** A cluster in a publication, and its part of it. */
interface AppliedCluster {
  readonly cluster: ServedCluster;
  readonly applied: Applied;
}

export class ControlPlane {
  readonly counts = new PublicationCounts();
  readonly #parts: ControlPlaneParts;
  readonly #feeds: readonly ClusterFeed[];
  readonly #clusters: readonly ServedCluster[];
  readonly #keeper: StateKeeper | undefined;
  readonly #changeLog: ChangeLog;
  /** Sources that were synced, and are unreachable now. */
  readonly #stale = new Set<Source>();
  #serial: number | undefined;
  /** Called when all changes are published, or on close. */
  #waiting: (() => void)[] = [];
  readonly #zoneContents = new Map<Source, ZoneContents>();
  #hasZonesChanged = false;
  #zonesSavedAtMs: number | undefined;
  /** The zone files and hosts files of the last publication. */
  #servedFiles: ReadonlyMap<string, ServedFile> = new Map();
  #areZonesKnown = false;
  #timer: NodeJS.Timeout | undefined;
  #publishing: Promise<void> | undefined;
  #publishedAtMs = -Infinity;
  #isClosed = false;

  /**
   * Reads the state file, so that services and pods keep their addresses. `feeds`: at least one cluster; the first has
   * the state file and stub domains of its options.
   */
  static async open(feeds: readonly ClusterFeed[], parts: ControlPlaneParts): Promise<ControlPlane> {
    const opened = await Promise.all(feeds.map(({ options }) => openCluster(options)));
    parts.problems.set(
      "state",
      opened.flatMap(({ problems }) => problems),
    );
    return new ControlPlane(feeds, parts, opened);
  }

  private constructor(feeds: readonly ClusterFeed[], parts: ControlPlaneParts, opened: readonly OpenedCluster[]) {
    const { table, problems, serverAddresses } = parts;
    this.#feeds = feeds;
    this.#parts = parts;
    this.#changeLog = new ChangeLog(parts.log);
    this.#serial = opened[0]!.serial;
    const shared = new SharedZones(
      table,
      feeds.map(({ options }) => options),
    );
    this.#clusters = feeds.map((feed, rank) => {
      const setProblems = (place: string, found: readonly Problem[]): void => this.#setProblems(feed, place, found);
      return new ServedCluster({ ...feed, cluster: opened[rank]!.cluster, table, shared, rank, setProblems });
    });
    for (const { compiler } of this.#clusters) compiler.setServerAddresses(serverAddresses);
    this.#firstCompiler.setStaticNames(this.#staticNames());
    const { stateFile } = feeds[0]!.options;
    const { cluster } = this;
    const state = () => ({ ...cluster.allocations(), ...(this.#serial !== undefined && { serial: this.#serial }) });
    const report = (found: readonly Problem[]): void => problems.set("state", found);
    this.#keeper = stateFile === undefined ? undefined : new StateKeeper(stateFile, state, report);
  }

  /** The first cluster. */
  get cluster(): Cluster {
    return this.#clusters[0]!.cluster;
  }

  /** All clusters, in the order of precedence. */
  get clusters(): readonly Cluster[] {
    return this.#clusters.map(({ cluster }) => cluster);
  }

  /** The numbers of services and endpoints of all clusters. */
  get sizes(): { readonly services: number; readonly endpoints: number } {
    let [services, endpoints] = [0, 0];
    for (const { registry } of this.clusters) {
      services += registry.count("Service");
      for (const object of registry.objects())
        if (object.kind === "EndpointSlice") endpoints += object.endpoints.length;
    }
    return { services, endpoints };
  }

  /** The zones that are served. */
  get zones(): readonly ServedZone[] {
    return this.#clusters.flatMap(({ compiler }) => compiler.zones);
  }

  /** The objects of all clusters, in the same order. */
  get namedObjects(): readonly NamedObjects[] {
    return this.#clusters.map(({ cluster: { registry } }, i) => {
      const { name, options, sources } = this.#feeds[i]!;
      const versionOf = (key: string): string | undefined =>
        sources.map((source) => source.versionOf?.(key)).find((version) => version !== undefined);
      return { name, domain: options.clusterDomain, registry, versionOf };
    });
  }

  /** The contents of all zone files and hosts files. */
  get zoneContents(): readonly (readonly [path: string, content: FileContent])[] {
    return [...this.#zoneContents.values()].flatMap((contents) => [...contents]);
  }

  /** The search list of the only pod at this address, if the server completes names (autopath). */
  searchesOf(address: string): readonly string[] | undefined {
    return onlyOne(this.#clusters.map((each) => each.searchesOf(address)));
  }

  /** The only pod at this address, as `NAMESPACE/NAME`. */
  podAt(address: string): string | undefined {
    return onlyOne(this.#clusters.map((each) => each.podAt(address)));
  }

  /** What a name of local zones stands for; in wire form and lower case. */
  kindOf(name: Uint8Array): NameKind {
    const own = this.#clusters.find(({ compiler }) => compiler.isInDomain(name));
    return (own?.compiler ?? this.#firstCompiler).kindOf(name);
  }

  /** Starts the sources; resolves when their objects and zones are served. Rejects with a `SourceError`. */
  async start(): Promise<void> {
    this.#schedule();
    await Promise.all(
      this.#feeds.flatMap((feed, i) =>
        feed.sources.map((source) => source.start(this.#sinkOf(source, feed, this.#clusters[i]!))),
      ),
    );
    await this.published();
    if (!this.#isClosed) await this.#keeper?.flush();
  }

  /** Resolves when every object received so far is served, or when the control plane closes. */
  async published(): Promise<void> {
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#schedule();
    return promise;
  }

  /** Publishes pending changes and writes the state file a last time. Close the sources before. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#publishing;
    // Before the first load the state file is as complete as it can be.
    if (this.#clusters[0]!.isReady) {
      await this.#publish();
      await this.#keeper?.close();
    }
    for (const cluster of this.#clusters) cluster.close();
    this.#changeLog.close();
    for (const resolve of this.#waiting) resolve();
  }

  get #firstCompiler(): ZoneCompiler {
    return this.#clusters[0]!.compiler;
  }

  #setProblems({ name }: ClusterFeed, place: string, problems: readonly Problem[]): void {
    const named = name === undefined ? problems : problems.map((each) => ofCluster(name, each));
    this.#parts.problems.set(name === undefined ? place : `cluster ${name} ${place}`, named);
  }

  #sinkOf(source: Source, feed: ClusterFeed, cluster: ServedCluster): SourceSink {
    return {
      change: (changes) => {
        this.counts.countChanges(source.id, changes.length, Date.now());
        cluster.take(source, changes);
        this.#schedule();
      },
      replaceZones: (contents, savedAtMs) => {
        this.counts.countChanges(source.id, 1, Date.now());
        this.#zonesSavedAtMs = savedAtMs;
        this.#zoneContents.set(source, contents);
        this.#hasZonesChanged = true;
        this.#schedule();
      },
      setProblems: (place, problems) => this.#setProblems(feed, `source ${source.id} ${place}`, problems),
      setStatus: (status) => this.#takeStatus(source, cluster, status),
    };
  }

  #takeStatus(source: Source, cluster: ServedCluster, status: SourceStatus): void {
    const { log } = this.#parts;
    if (status.state === "stale") {
      this.#stale.add(source);
      log.warn({ source: source.id, reason: status.reason }, "source is unreachable: its last objects stay in force");
    } else if (status.state === "synced" && this.#stale.delete(source)) {
      log.info({ source: source.id }, "source is reachable again");
    } else log.debug({ source: source.id }, status.state);
    if (status.state === "synced" && cluster.noteSynced(source)) this.#schedule();
  }

  #isComplete(what: keyof Source["feeds"]): boolean {
    return this.#clusters.every((cluster) => cluster.isComplete(what));
  }

  /** Whether a publication is needed, be it for readiness alone, that need not wait for a source. */
  #isDue(): boolean {
    if (this.#clusters.some(({ isDue }) => isDue)) return true;
    if (this.#waiting.length > 0 && this.#isComplete("cluster")) return true;
    return (this.#hasZonesChanged || !this.#areZonesKnown) && this.#isComplete("zoneFiles");
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#publishing !== undefined || !this.#isDue()) return;
    const waitMs = Math.max(0, this.#publishedAtMs + PUBLICATION_INTERVAL_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#publish();
    }, waitMs);
  }

  async #publish(): Promise<void> {
    this.#publishing = this.#publishAll();
    await this.#publishing;
    this.#publishing = undefined;
    this.#publishedAtMs = performance.now();
    this.#schedule();
  }

  async #publishAll(): Promise<void> {
    let sliceEndMs = performance.now() + SLICE_MS;
    const pause = async (): Promise<void> => {
      await untilNextTurn();
      sliceEndMs = performance.now() + SLICE_MS;
    };
    const startedAtMs = performance.now();
    await runWithPauses(this.#publishSliced(), () => performance.now() >= sliceEndMs, pause);
    this.counts.durations.record((performance.now() - startedAtMs) / 1000);
  }

  *#publishSliced(): Sliced<void> {
    const { table, problems, log, onZonesPublished, onPublished } = this.#parts;
    const waiting = this.#isComplete("cluster") ? this.#waiting : [];
    if (waiting.length > 0) this.#waiting = [];
    const hasZones = this.#hasZonesChanged && this.#isComplete("zoneFiles");
    const all: AppliedCluster[] = [];
    for (const cluster of this.#clusters) all.push({ cluster, applied: yield* cluster.apply() });
    const changed = all.filter(
      ({ cluster, applied }) => applied.differences.length > 0 || (applied.isComplete && !cluster.isReady),
    );
    if (changed.length > 0 || hasZones) {
      this.#serial = nextSerial(this.#serial, Date.now());
      if (all.some(({ cluster, applied }) => applied.differences.length > IN_PLACE_MAX && cluster.isReady))
        table.detach();
      let zonesSavedAtMs: number | undefined;
      if (hasZones) {
        this.#hasZonesChanged = false;
        zonesSavedAtMs = this.#zonesSavedAtMs;
        yield* this.#firstCompiler.setStaticNamesSliced(this.#staticNames());
      }
      // With zone files, the zone of hosts names changes.
      for (const { cluster, applied } of changed.length > 0 ? changed : all.slice(0, 1))
        yield* cluster.compiler.updateSliced(applied.differences, this.#serial);
      table.publish();
      problems.set("names", this.#firstCompiler.problems);
      if (all[0]!.applied.isComplete) this.#keeper?.changed();
      this.#logChanges(all.map(({ applied }) => applied.differences));
      if (hasZones) this.#logFiles();
      this.#recordLatencies(changed, zonesSavedAtMs);
      const differences = changed.reduce((sum, { applied }) => sum + applied.differences.length, 0);
      log.debug({ changed: differences, names: table.size, serial: this.#serial }, "published");
    }
    if (this.#isComplete("zoneFiles") && !this.#hasZonesChanged) this.#areZonesKnown = true;
    for (const { cluster, applied } of all) cluster.updateReadiness(applied, this.#areZonesKnown);
    for (const resolve of waiting) resolve();
    if (hasZones) onZonesPublished();
    if (changed.length > 0 || hasZones) onPublished?.();
  }

  /** `differences`: of each cluster. What the start has loaded is no change. */
  #logChanges(differences: readonly Applied["differences"][]): void {
    for (const [i, { isReady }] of this.#clusters.entries())
      if (isReady) this.#changeLog.report(differences[i]!, this.#feeds[i]!.name);
  }

  #logFiles(): void {
    const before = new Map(this.#servedFiles);
    this.#servedFiles = new Map(this.zoneContents.map(([path, { content }]) => [path, servedFile(content)]));
    if (!this.#areZonesKnown) return;
    // A file that is saved as it was is no change.
    for (const [path, file] of this.#servedFiles)
      if (isDeepStrictEqual(before.get(path)?.content, file.content)) before.set(path, file);
    this.#changeLog.reportFiles(before, this.#servedFiles);
  }

  /** Nothing that was there at the start has waited for it. */
  #recordLatencies(changed: readonly AppliedCluster[], zonesSavedAtMs: number | undefined): void {
    const nowMs = Date.now();
    if (zonesSavedAtMs !== undefined && this.#areZonesKnown) this.counts.recordSave(zonesSavedAtMs, nowMs);
    for (const { cluster, applied } of changed)
      if (cluster.isReady) this.counts.recordLatencies(applied, cluster.cluster.registry, nowMs);
  }

  #staticNames(): StaticNames {
    const { zones, hosts, problems } = chooseZones(this.zoneContents);
    this.#parts.problems.set("zones", problems);
    return { zones, hosts, forwarded: forwardedDomains(this.#feeds[0]!.options) };
  }
}

/** The only value that is there. */
function onlyOne<T>(values: readonly (T | undefined)[]): T | undefined {
  const found = values.filter((value) => value !== undefined);
  return found.length === 1 ? found[0] : undefined;
}

/** The problem of one of several clusters. */
function ofCluster(name: string, problem: Problem): Problem {
  return { ...problem, message: problemPrefix(name) + problem.message };
}

/** How messages begin that are of a cluster with a name. */
export function problemPrefix(name: string): string {
  return `cluster ${name}: `;
}

function servedFile(content: ZoneContent): ServedFile {
  if (content.kind === "hosts") return { kind: "hosts", records: content.entries.numbers.length, content };
  const { origin, records } = content.zone;
  return { kind: "zone", zone: formatName(origin), records: records.length, content };
}
