// The composition root of a server: builds the planes, joins them to sources and sockets, starts and stops them.
// What it returns is what programs and the command line hold of a running server.
import type { Counts } from "../answer/counts.ts";
import type { ChangeableOptions } from "../config/changed-options.ts";
import type { Options } from "../config/options.ts";
import { expandWildcard, formatListenAddress, isForDns, missingIpv4 } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { formatIp } from "../net/ip.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { collectGarbageOfLoad } from "../process/collect-garbage.ts";
import { FaultLog } from "../observe/fault-log.ts";
import type { Logger } from "../observe/log.ts";
import type { LogOutput } from "../observe/log-output.ts";
import { ProblemLog } from "../observe/problem-log.ts";
import { connectionsThatFit, openFilesMax } from "../server/descriptor-limit.ts";
import { openListeners } from "../server/listen.ts";
import type { Listeners } from "../server/listen.ts";
import { ProgramSource } from "../sources/program/program-source.ts";
import type { Source } from "../sources/source.ts";
import type { ClusterView } from "../query-log/query-details.ts";
import { Clock } from "../std/clock.ts";
import type { TableWriter } from "../table/writer.ts";
import { udpReplySizeMax } from "./access-settings.ts";
import { AdminPlane } from "./admin-plane.ts";
import { clusterFeeds } from "./cluster-feeds.ts";
import { ControlPlane } from "./control-plane.ts";
import { Credentials } from "./credentials.ts";
import { DataPlane, workersOf } from "./data-plane.ts";
import type { WrapAnswerer } from "./data-plane.ts";
import type { Explainer } from "./explain-plane.ts";
import { firstSources } from "./first-sources.ts";
import type { FirstInput } from "./first-sources.ts";
import { ForwardPlane } from "./forward-plane.ts";
import { Handover } from "./handover.ts";
import type { HandoverInput } from "./handover.ts";
import { openMemory } from "./open-memory.ts";
import type { OpenedMemory } from "./open-memory.ts";
import { QueryPlane } from "./query-plane.ts";
import type { ClusterFeed } from "./served-cluster.ts";
import { ServerMetrics } from "./server-metrics.ts";
import type { MeasuredParts } from "./server-metrics.ts";
import { ServerView } from "./server-view.ts";
import type { ServerParts, ServerPhase } from "./server-view.ts";
import { newTableWriter, TableBuffer } from "./table-buffer.ts";

/** A running server. */
export interface Server {
  /** Resolves with the addresses when sockets are bound and the first full load is served; rejects when that fails. */
  readonly ready: Promise<readonly ListenAddress[]>;
  /** The addresses bound so far, ports resolved. */
  readonly addresses: readonly ListenAddress[];
  /** As `addresses`, those of the admin server. */
  readonly adminAddresses: readonly ListenAddress[];
  /** What is wrong with the input right now. */
  readonly problems: readonly Problem[];
  /** What has been answered since the start. */
  readonly counts: Counts;
  readonly explain: Explainer["explain"];
  /** Replaces the objects that were handed in as `objects`; resolves when the new answers are served. */
  setObjects(objects: readonly unknown[]): Promise<void>;
  /** Holds these objects too, and no longer those with the keys; resolves when the new answers are served. */
  updateObjects(objects: readonly KubeObject[], removedKeys?: readonly string[]): Promise<void>;
  /** Whether the cluster has a namespace of that name. */
  hasNamespace(name: string): boolean;
  /** Reads files of the input again that may have changed without notice; what is wrong with them is logged. */
  reload(): Promise<void>;
  /** Has these options from now on. */
  changeOptions(options: ChangeableOptions): void;
  /** Says that `close` will follow: the server is not ready any more, although it answers. */
  announceClose(): void;
  /** Stops taking queries, answers what is in hand, frees the sockets and watches. */
  close(): Promise<void>;
}

/** Where a server's objects come from, and where its log goes. */
export interface ServerInput extends FirstInput {
  /** Present where the process may be restarted without a gap. */
  readonly handover?: HandoverInput;
  readonly log: Logger;
  /** Where the query log goes; absent: nowhere. */
  readonly output?: LogOutput;
  /** Puts an answerer between the server's own and all clients. */
  readonly wrapAnswerer?: WrapAnswerer;
  /** Called when the sockets are open, before a source is read. */
  readonly onBound?: () => void;
}

/** Starts a server with options that are checked already; see `serve` in main.ts. */
export function startServer(options: Options, input: ServerInput): Server {
  return new RunningServer(options, input);
}

/** After a large load its parser's thread has ended, and V8 has let go of what it kept for a while. */
const SETTLED_AFTER_MS = 10_000;
class RunningServer implements Server {
  readonly ready: Promise<readonly ListenAddress[]>;
  readonly #options: Options;
  readonly #memory: OpenedMemory;
  readonly #log: Logger;
  #onBound: ServerInput["onBound"];
  readonly #problems: ProblemLog;
  readonly #program: ProgramSource;
  readonly #clusters: readonly ClusterFeed[];
  readonly #sources: readonly Source[];
  readonly #table: TableWriter;
  readonly #clusterView: ClusterView = {
    podAt: (address) => this.#control?.podAt(address),
    kindOf: (name) => this.#control?.kindOf(name) ?? "zone",
  };
  readonly #queries: QueryPlane;
  readonly #data: DataPlane;
  readonly #credentials: Credentials;
  readonly #admin: AdminPlane;
  readonly #forward: ForwardPlane | undefined;
  readonly #forwarding: Promise<void> | undefined;
  readonly #handover: Handover | undefined;
  readonly #listening: Promise<Listeners>;
  #listeners: Listeners | undefined;
  /** There from the moment when the sockets are open. */
  #control: ControlPlane | undefined;
  #trimming: NodeJS.Timeout | undefined;
  #phase: ServerPhase = "starting";
  #isStopping = false;
  #closed: Promise<void> | undefined;
  #freed: Promise<void> | undefined;
  #rejectReady: (reason: Error) => void = () => undefined;
  readonly #untilClosing = new Promise<never>((_, reject) => (this.#rejectReady = reject));

  constructor(given: Options, input: ServerInput) {
    const memory = openMemory(given, {
      hasCache: ForwardPlane.isWanted(given),
      workers: given.listen.length * workersOf(given),
      trimMemory: () => this.#data?.trimMemory(),
    });
    const options = memory.options;
    this.#options = options;
    this.#memory = memory;
    this.#log = input.log;
    this.#onBound = input.onBound;
    this.#problems = new ProblemLog(input.log);
    this.#program = new ProgramSource(input.objects ?? [], options.namespace, memory.room);
    this.#clusters = clusterFeeds(options, firstSources(options, input, this.#program, memory.room), memory.room);
    this.#sources = this.#clusters.flatMap(({ sources }) => sources);
    this.#credentials = new Credentials(options, input.log);
    const faults = new FaultLog(input.log);
    const onFault = (fault: Error): void => faults.report(fault, performance.now());
    const clock = new Clock();
    this.#forward = ForwardPlane.isWanted(options) ? new ForwardPlane(options, clock, input.log) : undefined;
    const table = new TableBuffer();
    this.#table = newTableWriter(options, (buffer) => table.replace(buffer));
    this.#queries = new QueryPlane(options, { log: input.log, output: input.output, cluster: this.#clusterView });
    this.#data = new DataPlane({
      options,
      log: input.log,
      cookies: this.#credentials.cookies,
      clock,
      forward: this.#forward,
      table,
      searchesOf: (address) => this.#control?.searchesOf(formatIp(address)),
      wrapAnswerer: input.wrapAnswerer,
      feed: this.#queries.feed,
      onFault,
    });
    this.#admin = this.#newAdminPlane(table, faults, onFault);
    this.#handover = input.handover && new Handover(options, this.#data.libc, input.handover, input.log);
    this.#forwarding = this.#forward?.open();
    // Awaited when the sockets are open.
    this.#forwarding?.catch(() => undefined);
    this.#listening = this.#listen(onFault);
    this.ready = Promise.race([this.#start(), this.#untilClosing]);
    // Without this, a caller that never awaits `ready` would crash on its rejection.
    this.ready.catch(() => undefined);
  }

  get addresses(): readonly ListenAddress[] {
    return this.#listeners?.addresses.filter(isForDns) ?? [];
  }

  get adminAddresses(): readonly ListenAddress[] {
    return this.#listeners?.addresses.filter((address) => !isForDns(address)) ?? [];
  }

  get problems(): readonly Problem[] {
    return this.#problems.all;
  }

  get counts(): Counts {
    return this.#data.counts;
  }

  /** What the admin server shows is read from the parts when it is asked. */
  #newAdminPlane(table: TableBuffer, faults: FaultLog, onFault: (fault: Error) => void): AdminPlane {
    const parts = (): ServerParts & MeasuredParts => ({
      phase: this.#phase,
      sources: this.#sources.filter(isUsed),
      zones: this.#control?.zones ?? [],
      table,
      workers: this.#data.workers,
      addresses: this.addresses,
      data: this.#data,
      forward: this.#forward,
      queries: this.#queries,
      control: this.#control,
      listeners: this.#listeners,
      writer: this.#table,
      credentials: this.#credentials,
      problems: this.#problems,
      faults,
    });
    const view = new ServerView(parts);
    const metrics = new ServerMetrics(parts, view);
    const status = {
      options: this.#options,
      sources: this.#sources,
      addresses: () => this.addresses,
      clusters: () => this.#control?.namedObjects ?? [],
      problems: () => this.problems,
      zoneContents: () => this.#control?.zoneContents ?? [],
      upstreams: () => this.#forward?.upstreams(),
      unseen: this.#data.unseen,
      counts: () => this.#data.listenerCounts(),
      feed: this.#queries.feed,
      cluster: this.#clusterView,
    };
    return new AdminPlane({ options: this.#options, view, status, readMetrics: () => metrics.read(), onFault });
  }

  explain(...question: Parameters<Explainer["explain"]>): ReturnType<Explainer["explain"]> {
    return this.#admin.explain(...question);
  }

  async setObjects(objects: readonly unknown[]): Promise<void> {
    this.#program.setObjects(objects);
    await this.#served();
  }

  async updateObjects(objects: readonly KubeObject[], removedKeys?: readonly string[]): Promise<void> {
    this.#program.update(objects, removedKeys);
    await this.#served();
  }

  hasNamespace(name: string): boolean {
    return this.#control?.cluster.registry.hasNamespace(name) ?? false;
  }

  async reload(): Promise<void> {
    const sources = this.#sources.map((source) => source.refresh?.());
    await Promise.all([this.#credentials.reload(), this.#forward?.reload(), ...sources]);
  }

  changeOptions(options: ChangeableOptions): void {
    this.#log.level = options.logLevel;
    this.#forward?.changeOptions(options);
  }

  announceClose(): void {
    this.#phase = "stopping";
  }

  close(): Promise<void> {
    this.announceClose();
    this.#closed ??= this.#stop();
    return this.#closed;
  }

  async #served(): Promise<void> {
    // A load that is under way takes in what has changed.
    await (this.#control?.published() ?? this.ready);
  }

  async #start(): Promise<readonly ListenAddress[]> {
    const startedAtMs = performance.now();
    try {
      this.#listeners = await this.#listening;
      this.#settle();
      await this.#forwarding;
      if (this.#control === undefined && !this.#isStopping) await this.#load(this.#listeners.addresses);
      if (!this.#isStopping) this.#handover?.started(this.#listeners);
    } catch (error) {
      await this.#free();
      throw error;
    }
    if (!this.#isStopping) this.#logStart(performance.now() - startedAtMs);
    return this.addresses;
  }

  /**
   * Opens the sockets first: until a zone is ready, its answer is SERVFAIL rather than nothing. Where a predecessor
   * still answers, everything is loaded first.
   */
  async #listen(onFault: (fault: Error) => void): Promise<Listeners> {
    const options = this.#options;
    const { openUdp, answerer } = this.#data;
    const identity = await this.#credentials.open();
    const given = await this.#handover?.given(async (addresses, isComplete) => {
      if (isComplete) this.#settle();
      await this.#forwarding;
      await Promise.race([this.#load(addresses), this.#untilClosing]);
    });
    const admin = AdminPlane.addressesOf(options);
    // The admin server comes first, to tell how the start goes; once all is loaded, last, since it would say "ready".
    const all = this.#control === undefined ? [...admin, ...options.listen] : [...options.listen, ...admin];
    return openListeners(all, answerer, {
      onFault,
      openHttp: (...opening) => this.#admin.open(...opening),
      ...(openUdp && { openUdp }),
      ...(given && { given }),
      udpLimits: { replySizeMax: udpReplySizeMax(options) },
      connectionsMax: Math.min(
        connectionsThatFit(options.listen.length, openFilesMax() - AdminPlane.connectionsOf(options)),
        Math.ceil(this.#memory.connectionsMax / options.listen.length),
      ),
      ...(options.fallbackPort !== undefined && { fallbackPort: options.fallbackPort }),
      ...(identity && { identity }),
    });
  }

  /** No more addresses are to be bound. */
  #settle(): void {
    this.#onBound?.();
    this.#onBound = undefined;
  }

  async #load(all: readonly ListenAddress[]): Promise<void> {
    const addresses = all.filter(isForDns);
    this.#forward?.setOwnAddresses(addresses);
    this.#control = await ControlPlane.open(this.#clusters, {
      problems: this.#problems,
      log: this.#log,
      table: this.#table,
      serverAddresses: [...new Set(addresses.flatMap(({ host }) => expandWildcard(host)))],
      // A chain of CNAMEs of an upstream may lead into a local zone.
      onZonesPublished: () => this.#forward?.forget(),
    });
    // The sources have been closed: don't start them.
    if (this.#isStopping) return this.#control.close();
    await this.#control.start();
    if (this.#isStopping) return;
    if (this.#phase === "starting") this.#phase = "serving";
    this.#trimming = setTimeout(() => this.#trimAfterLoad()).unref();
  }

  /** After the load, not as a part of it: all names are answered already. */
  #trimAfterLoad(): void {
    if (!collectGarbageOfLoad(this.#memory.isTight)) return;
    this.#trimming = setTimeout(() => this.#data.trimMemory(), SETTLED_AFTER_MS).unref();
  }

  #logStart(tookMs: number): void {
    this.#log.info(
      {
        addresses: this.addresses.map(formatListenAddress),
        ...(this.adminAddresses.length > 0 && { admin: this.adminAddresses.map(formatListenAddress) }),
        sources: Object.fromEntries(this.#sources.filter(isUsed).map((source) => [source.id, source.describe()])),
        ...this.#control!.sizes,
        names: this.#table.size,
        tookMs: Math.round(tookMs),
      },
      "serving",
    );
    for (const address of missingIpv4(this.addresses))
      this.#log.info(`[::] is IPv6 alone: for IPv4 too add --listen ${formatListenAddress(address)}`);
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    this.#rejectReady(new Error("closed before it was ready"));
    await this.#free();
    this.#log.info({ answered: this.counts.total }, "stopped");
  }

  /** Ends all that runs, once: a start that failed may be closed as well. */
  #free(): Promise<void> {
    this.#freed ??= this.#closeParts();
    return this.#freed;
  }

  async #closeParts(): Promise<void> {
    clearTimeout(this.#trimming);
    this.#handover?.close();
    // What is still being opened can't be closed.
    const listeners = await this.#listening.catch(() => undefined);
    await this.#forwarding?.catch(() => undefined);
    await Promise.all(this.#sources.map((source) => source.close()));
    await this.#control?.close();
    await this.#forward?.drain();
    await this.#admin.close();
    await listeners?.close();
    await this.#credentials.close();
    await this.#forward?.close();
    await this.#queries.close();
    this.#data.close();
  }
}

/** Whether the source has something to say of itself: a program need not hand in objects. */
function isUsed(source: Source): boolean {
  return Object.keys(source.describe()).length > 0;
}
