// One cluster of a server: the sources that feed it, its objects, and the compiler of its names. Collects changes until
// the control plane publishes them; the objects of a remote source wait until it has synced. Knows no other cluster.
import type { SourceChange } from "../cluster/change.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { PodNames } from "../cluster/pod-names.ts";
import type { Difference } from "../cluster/registry.ts";
import type { SharedZones } from "../compile/shared-zones.ts";
import { ZoneCompiler } from "../compile/zone-compiler.ts";
import type { Options } from "../config/options.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { PodDirectory } from "../resolv-conf/pod-directory.ts";
import type { Source } from "../sources/source.ts";
import type { Sliced } from "../std/sliced.ts";
import type { TableWriter } from "../table/writer.ts";
import { ConflictReporter } from "./conflict-reporter.ts";

/** What a cluster is made of. */
export interface ClusterFeed {
  /** Undefined: problems need not tell the cluster's from those of others. */
  readonly name?: string;
  /** As if the cluster were the only one. */
  readonly options: Options;
  readonly sources: readonly Source[];
}

export interface ServedClusterParts extends ClusterFeed {
  readonly cluster: Cluster;
  readonly table: TableWriter;
  readonly shared: SharedZones;
  /** The place among the clusters. */
  readonly rank: number;
  /** Gets all problems of this cluster at a place. */
  readonly setProblems: (place: string, problems: readonly Problem[]) => void;
}

/** A cluster's part of a publication. */
export interface Applied {
  readonly changes: readonly SourceChange[];
  readonly differences: readonly Difference[];
  /** The objects of all sources that are not remote are among them. */
  readonly isComplete: boolean;
  /** The objects of all sources are. */
  readonly hasAll: boolean;
}

export class ServedCluster {
  readonly cluster: Cluster;
  readonly compiler: ZoneCompiler;
  readonly #setProblems: ServedClusterParts["setProblems"];
  readonly #pods: PodDirectory | undefined;
  /** Made when somebody asks for the first time. */
  #podNames: PodNames | undefined;
  readonly #conflicts: ConflictReporter;
  #changes: SourceChange[] = [];
  /** The changes of remote sources that have not synced: the last one of each object. */
  readonly #withheld = new Map<Source, Map<string, SourceChange>>();
  readonly #syncing: Set<Source>;
  /** The objects of all sources that are not remote have been published. */
  #isLocalReady = false;
  #isReady = false;

  constructor({ options, sources, cluster, table, shared, rank, setProblems }: ServedClusterParts) {
    this.cluster = cluster;
    this.#setProblems = setProblems;
    this.compiler = new ZoneCompiler(cluster.registry, table, options, shared, rank);
    this.#pods = options.autopath ? new PodDirectory(options.clusterDomain) : undefined;
    this.#conflicts = new ConflictReporter((conflicts) => setProblems("conflicts", conflicts));
    this.#syncing = new Set(sources);
    for (const source of sources) if (source.isRemote === true) this.#withheld.set(source, new Map());
  }

  /** The objects of every source have been published. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** The search list of the pod at this address. */
  searchesOf(address: string): readonly string[] | undefined {
    return this.#pods?.searchesOf(address);
  }

  /** The pod at this address, as `NAMESPACE/NAME`. */
  podAt(address: string): string | undefined {
    this.#podNames ??= new PodNames(this.cluster.registry.objects());
    return this.#podNames.podAt(address);
  }

  take(source: Source, changes: readonly SourceChange[]): void {
    const withheld = this.#withheld.get(source);
    for (const change of changes) {
      if (withheld === undefined) this.#changes.push(change);
      else withhold(withheld, change);
    }
  }

  /** Notes that a source has synced; false: it had already. */
  noteSynced(source: Source): boolean {
    if (!this.#syncing.delete(source)) return false;
    this.#admitRemote();
    return true;
  }

  /** Takes in the changes of remote sources, each after those whose objects win over its own. */
  #admitRemote(): void {
    for (const source of [...this.#withheld.keys()].toSorted((a, b) => a.precedence - b.precedence)) {
      if ([...this.#syncing].some(({ precedence }) => precedence <= source.precedence)) return;
      for (const change of this.#withheld.get(source)!.values()) this.#changes.push(change);
      this.#withheld.delete(source);
    }
  }

  /**
   * Whether every source that feeds the cluster, or the zone files, has synced once, apart from remote ones. The first
   * load is published as one, so that the speed of sources does not decide which of two objects wins.
   */
  isComplete(what: keyof Source["feeds"]): boolean {
    return ![...this.#syncing].some(({ feeds, isRemote }) => feeds[what] && isRemote !== true);
  }

  /** Whether a publication is needed, be it for readiness alone, that need not wait for a source. */
  get isDue(): boolean {
    const isReady = this.#withheld.size === 0 ? this.#isReady : this.#isLocalReady;
    return (this.#changes.length > 0 || !isReady) && this.isComplete("cluster");
  }

  /** Applies the changes to the objects. */
  *apply(): Sliced<Applied> {
    const isComplete = this.isComplete("cluster");
    const hasAll = isComplete && this.#withheld.size === 0;
    const changes = isComplete ? this.#changes : [];
    if (isComplete) this.#changes = [];
    // Most publications change the objects of one cluster.
    if (changes.length === 0 && this.#isReady) return { changes, differences: [], isComplete, hasAll };
    const differences = yield* this.cluster.applySliced(changes);
    this.#pods?.apply(differences);
    this.#podNames?.apply(differences);
    this.#setProblems("cluster", this.cluster.controllerProblems());
    if (this.#isReady) this.#conflicts.update(this.cluster.conflicts());
    else if (isComplete) this.#conflicts.reportNow(this.cluster.conflicts());
    return { changes, differences, isComplete, hasAll };
  }

  /**
   * From now on missing names get NXDOMAIN, if the publication had the objects of every source; a source that has
   * synced during the publication is part of the next one.
   */
  updateReadiness({ isComplete, hasAll }: Applied, areZonesKnown: boolean): void {
    if (isComplete) this.#isLocalReady = true;
    if (hasAll) this.#isReady = true;
    this.compiler.setReady({ areZonesKnown, isClusterReady: this.#isReady || (this.#isLocalReady && "in part") });
  }

  close(): void {
    this.#conflicts.close();
  }
}

/** Keeps a change in place of an earlier one of the same object; other changes are all kept, in order. */
function withhold(withheld: Map<string, SourceChange>, change: SourceChange): void {
  let key = String(withheld.size);
  if (change.type === "put") key = `${change.origin.name} ${objectKey(change.object)}`;
  if (change.type === "remove") key = `${change.origin.name} ${change.key}`;
  withheld.delete(key);
  withheld.set(key, change);
}
