// The source that follows the API of a cluster: namespaces, services, endpoint slices, and pods where they are needed.
// The cluster has controllers of its own, so ours do not act on its objects.
import type { SourceChange } from "../../cluster/change.ts";
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { Origin } from "../../objects/origin.ts";
import type { Problem } from "../../objects/problem.ts";
import { MemoryRoom } from "../../std/memory-room.ts";
import { noMemory } from "../content-cost.ts";
import type { Source, SourceSink, SourceStatus } from "../source.ts";
import type { ApiAccess } from "./api-access.ts";
import { hashOf } from "./api-access.ts";
import { ApiConnection } from "./api-connection.ts";
import type { ApiTimes } from "./api-connection.ts";
import { problemsOf } from "./api-problems.ts";
import type { ApiFault } from "./api-reply.ts";
import type { FollowedState } from "./api-problems.ts";
import { NamespaceFilter } from "./namespace-filter.ts";
import { ObjectBudget } from "./object-budget.ts";
import { Reflector } from "./reflector.ts";
import type { ReflectorCounts } from "./reflector.ts";
import { selectionsOf } from "./resources.ts";
import type { Selection } from "./resources.ts";
import { readSnapshot } from "./snapshot-file.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";

/** What to follow, and where. */
export interface KubernetesSettings {
  /** Tells several clusters of one server apart. */
  readonly name?: string;
  /** Rejects with a `SourceError`. */
  readonly openAccess: () => Promise<ApiAccess>;
  /** None: all. */
  readonly namespaces: readonly string[];
  readonly namespaceSelector: string | undefined;
  readonly serviceSelector: string | undefined;
  readonly hasPods: boolean;
  /** The file with the last state; undefined: none is kept. */
  readonly snapshotFile: string | undefined;
  /** How long the start waits for the first state, milliseconds. */
  readonly startupTimeoutMs: number;
  /** What does not fit is refused. */
  readonly room?: MemoryRoom;
  readonly times?: Partial<ApiTimes>;
}

interface Followed extends FollowedState {
  readonly reflector: Reflector;
}

/** Objects with problems that are told of. */
const OBJECT_PROBLEMS_MAX = 100;

export class KubernetesSource implements Source {
  readonly id: string;
  /** After manifests, which override what the cluster has. */
  readonly precedence = 20;
  readonly feeds = { cluster: true, zoneFiles: false };
  readonly isRemote = true;
  readonly #settings: KubernetesSettings;
  readonly #origin: Origin;
  readonly #filter: NamespaceFilter | undefined;
  readonly #room: MemoryRoom;
  readonly #budget: ObjectBudget;
  readonly #closing = new AbortController();
  readonly #started = Promise.withResolvers<void>();
  readonly #objectProblems = new Map<string, readonly Problem[]>();
  #sink: SourceSink | undefined;
  #status: SourceStatus = { state: "syncing" };
  #server = "";
  #connection: ApiConnection | undefined;
  #followed: readonly Followed[] = [];
  #running: Promise<unknown> = Promise.resolve();
  #rechecking: NodeJS.Timeout | undefined;
  /** Objects were refused, and that was told. */
  #isShort = false;
  #snapshots: SnapshotKeeper | undefined;
  /** When the snapshot that is served was taken; undefined: the API's own state is. */
  #snapshotTakenAtMs: number | undefined;
  /** The objects of the snapshot that the API has not told of. */
  readonly #unconfirmed = new Set<string>();

  constructor(settings: KubernetesSettings) {
    this.id = settings.name === undefined ? "kubernetes" : `kubernetes/${settings.name}`;
    this.#settings = settings;
    this.#filter = settings.namespaceSelector === undefined ? undefined : new NamespaceFilter();
    this.#room = settings.room ?? new MemoryRoom();
    this.#budget = new ObjectBudget(this.#room, this.id);
    this.#origin = { source: this.id, precedence: this.precedence, order: 0, name: "", isControlled: false };
  }

  get status(): SourceStatus {
    return this.#status;
  }

  /** As `Source` says, but resolves after the startup timeout at the latest. */
  async start(sink: SourceSink): Promise<void> {
    this.#sink = sink;
    const access = await this.#settings.openAccess();
    if (this.#closing.signal.aborted) return;
    this.#server = access.server;
    this.#connection = new ApiConnection(access, this.#settings.times);
    const { snapshotFile, startupTimeoutMs } = this.#settings;
    const cluster = this.#identityOf(access);
    if (snapshotFile !== undefined)
      this.#snapshots = new SnapshotKeeper(snapshotFile, cluster, (found) => sink.setProblems("snapshot", found));
    this.#followed = selectionsOf(this.#settings).map((selection) => this.#follow(selection, this.#connection!));
    this.#running = Promise.all(this.#followed.map(({ reflector }) => reflector.run(this.#closing.signal)));
    this.#rechecking = setInterval(() => {
      this.#retakeRefused();
      this.#update();
    }, this.#connection.times.staleMs).unref();
    const timer = setTimeout(() => this.#started.resolve(), startupTimeoutMs);
    await this.#started.promise;
    clearTimeout(timer);
    if (snapshotFile !== undefined && this.#status.state === "syncing") await this.#useSnapshot(snapshotFile, cluster);
    this.#update();
  }

  describe(): Readonly<Record<string, unknown>> {
    return { server: this.#server, ...this.counts() };
  }

  versionOf(key: string): string | undefined {
    return this.#followed.map(({ reflector }) => reflector.versionOf(key)).find((version) => version !== undefined);
  }

  counts(): ReflectorCounts & { readonly objects: number } {
    const counts: ReflectorCounts = { events: 0, lists: 0, drift: 0, faults: 0 };
    let objects = 0;
    for (const { reflector } of this.#followed) {
      objects += reflector.objects;
      for (const key of Object.keys(counts) as (keyof ReflectorCounts)[]) counts[key] += reflector.counts[key];
    }
    return { objects, ...counts };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#started.resolve();
    clearInterval(this.#rechecking);
    this.#connection?.close();
    await this.#running;
    await this.#snapshots?.close();
  }

  #follow(selection: Selection, connection: ApiConnection): Followed {
    const reflector = new Reflector(selection, connection, {
      onChange: (objects, removedKeys) => this.#takeChange(objects, removedKeys),
      onObjectProblems: (key, problems) => this.#takeObjectProblems(key, problems),
      onReached: (fault) => this.#takeFault(followed, fault),
      onSynced: () => {
        followed.isSynced = true;
        this.#update();
      },
    });
    const followed: Followed = { selection, reflector, isSynced: false, failingSinceMs: undefined, fault: undefined };
    return followed;
  }

  #takeChange(objects: readonly KubeObject[], removedKeys: readonly string[]): void {
    const passed = this.#filter?.apply(objects, removedKeys) ?? { objects, removedKeys };
    const fitting = this.#budget.take(passed.objects, passed.removedKeys);
    for (const object of fitting) this.#unconfirmed.delete(objectKey(object));
    this.#pass(fitting, passed.removedKeys);
    // The first refusal is told at once, how much it comes to from time to time.
    if (fitting.length < passed.objects.length && !this.#isShort) this.#update();
  }

  #takeObjectProblems(key: string, problems: readonly Problem[]): void {
    if (problems.length === 0) this.#objectProblems.delete(key);
    else this.#objectProblems.set(key, problems);
    this.#sink?.setProblems("objects", [...this.#objectProblems.values()].flat().slice(0, OBJECT_PROBLEMS_MAX));
  }

  #takeFault(followed: Followed, fault: ApiFault | undefined): void {
    const isNews = fault?.kind !== followed.fault?.kind;
    followed.failingSinceMs = fault === undefined ? undefined : (followed.failingSinceMs ?? Date.now());
    followed.fault = fault;
    if (isNews) this.#update();
  }

  #pass(objects: readonly KubeObject[], removedKeys: readonly string[]): void {
    this.#snapshots?.apply(objects, removedKeys);
    const origin = this.#origin;
    const changes: SourceChange[] = removedKeys.map((key) => ({ type: "remove", origin, key }));
    for (const object of objects) changes.push({ type: "put", origin, object });
    if (changes.length > 0 && !this.#closing.signal.aborted) this.#sink?.change(changes);
  }

  /** Serves the last state that is known until the API answers. */
  async #useSnapshot(path: string, cluster: string): Promise<void> {
    const { snapshot, problems } = await readSnapshot(path, cluster);
    if (this.#closing.signal.aborted) return;
    this.#sink?.setProblems("snapshot", problems);
    // The API may have answered meanwhile.
    if (snapshot === undefined || this.#status.state !== "syncing") return;
    const known = new Set(this.#followed.flatMap(({ reflector }) => [...reflector.keys()]));
    // What is not in a state that is complete was deleted.
    const missing = this.#followed.filter(({ isSynced }) => !isSynced).map(({ selection }) => selection.resource.kind);
    const wanted = snapshot.objects.filter((each) => missing.includes(each.kind) && !known.has(objectKey(each)));
    const objects = this.#budget.take(wanted, []);
    for (const object of objects) this.#unconfirmed.add(objectKey(object));
    this.#snapshotTakenAtMs = snapshot.takenAtMs;
    this.#pass(objects, []);
    this.#setStatus({ state: "synced" });
  }

  /** What tells a snapshot of this cluster and these options from others. */
  #identityOf({ cluster }: ApiAccess): string {
    const { namespaces, namespaceSelector, serviceSelector, hasPods } = this.#settings;
    return hashOf(JSON.stringify([cluster, namespaces, namespaceSelector, serviceSelector, hasPods]));
  }

  /** Asks again for objects that were refused and fit now. */
  #retakeRefused(): void {
    const { fitting } = this.#budget;
    if (fitting.length === 0) return;
    for (const { reflector } of this.#followed) void reflector.retake(fitting, this.#closing.signal);
  }

  /** Tells how current the state is, and why not. */
  #update(): void {
    if (this.#closing.signal.aborted) return;
    const { refusedBytes } = this.#budget;
    // A state with gaps would deny names that exist.
    if (this.#followed.every(({ isSynced }) => isSynced) && refusedBytes === 0) this.#completeFirst();
    this.#isShort = refusedBytes > 0;
    this.#sink?.setProblems("memory", refusedBytes === 0 ? [] : [noMemory(refusedBytes, this.#room.free)]);
    const { staleMs } = this.#connection!.times;
    this.#sink?.setProblems("api", problemsOf(this.#followed, this.#server, staleMs));
    if (this.#status.state === "syncing") return;
    const failing = this.#followed.find((each) => Date.now() - (each.failingSinceMs ?? Infinity) >= staleMs);
    if (this.#snapshotTakenAtMs !== undefined) {
      const reason = failing?.fault?.message ?? "the API server has not told its state yet";
      this.#setStatus({ state: "stale", sinceMs: this.#snapshotTakenAtMs, reason });
    } else if (failing === undefined) this.#setStatus({ state: "synced" });
    else this.#setStatus({ state: "stale", sinceMs: failing.failingSinceMs!, reason: failing.fault!.message });
  }

  /** The API has told its whole state for the first time. */
  #completeFirst(): void {
    if (this.#status.state !== "syncing" && this.#snapshotTakenAtMs === undefined) return;
    this.#snapshotTakenAtMs = undefined;
    this.#budget.take([], [...this.#unconfirmed]);
    this.#pass([], [...this.#unconfirmed]);
    this.#unconfirmed.clear();
    this.#snapshots?.complete();
    this.#setStatus({ state: "synced" });
    this.#started.resolve();
  }

  #setStatus(status: SourceStatus): void {
    const isSame = status.state === this.#status.state && status.state !== "syncing";
    this.#status = status;
    if (!isSame) this.#sink?.setStatus(status);
  }
}
