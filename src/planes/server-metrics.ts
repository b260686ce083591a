// What metrics see of a running server: the numbers of its parts, copied and summed at each scrape. Keeps nothing.
// Counters of the threads are read where they lie, in shared memory; no thread waits for that.
import { formatName } from "../dns/name.ts";
import type { ForwardRoute } from "../forward/forward-routes.ts";
import type {
  ForwardingState,
  ListenerAnswers,
  MetricsView,
  ReloadState,
  SourceState,
  TransportState,
  UpstreamState,
  ZonesState,
} from "../metrics/metrics-view.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { FaultLog } from "../observe/fault-log.ts";
import type { ProblemLog } from "../observe/problem-log.ts";
import { readProcessUsage } from "../process/process-usage.ts";
import { readVersion } from "../process/version.ts";
import { openFilesMax } from "../server/descriptor-limit.ts";
import type { Listeners, OpenListener } from "../server/listen.ts";
import type { Source } from "../sources/source.ts";
import type { HistogramCopy } from "../std/histogram.ts";
import type { ReloadCounts } from "../std/reload-counts.ts";
import type { TableWriter } from "../table/writer.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { Credentials } from "./credentials.ts";
import type { DataPlane, ListenerCounts } from "./data-plane.ts";
import type { ForwardPlane } from "./forward-plane.ts";
import type { QueryPlane } from "./query-plane.ts";
import type { ServerView } from "./server-view.ts";

const OBJECT_KINDS = [
  "Namespace",
  "Service",
  "EndpointSlice",
  "Endpoints",
  "Pod",
  "Workload",
  "Node",
  "Other",
] as const;

/** The parts of a server, as they are now; undefined are those that are not there yet. */
export interface MeasuredParts {
  readonly data: DataPlane;
  readonly forward: ForwardPlane | undefined;
  readonly queries: QueryPlane;
  readonly control: ControlPlane | undefined;
  readonly listeners: Listeners | undefined;
  readonly writer: TableWriter;
  readonly sources: readonly Source[];
  readonly credentials: Credentials;
  readonly problems: ProblemLog;
  readonly faults: FaultLog;
}

export class ServerMetrics {
  readonly #parts: () => MeasuredParts;
  readonly #view: Pick<ServerView, "readiness">;
  #version: string | undefined;
  readonly #openFilesMax = openFilesMax();

  constructor(parts: () => MeasuredParts, view: Pick<ServerView, "readiness">) {
    this.#parts = parts;
    this.#view = view;
  }

  /** The server's numbers now. */
  read(): MetricsView {
    const parts = this.#parts();
    const { data, credentials } = parts;
    const counted = data.listenerCounts();
    const openFilesMax = Number.isFinite(this.#openFilesMax) ? this.#openFilesMax : undefined;
    const expiryMs = credentials.notAfter?.getTime();
    return {
      build: { version: (this.#version ??= readVersion()), node: process.versions.node },
      isReady: this.#view.readiness().ready,
      answers: answersOf(counted, parts),
      transports: (parts.listeners?.open ?? []).flatMap(transportsOf),
      forwarding: parts.forward && forwardingOf(parts.forward, counted),
      queryRecords: parts.queries.counts,
      sources: parts.sources.map((source) => sourceOf(source, parts.control, Date.now())),
      zones: zonesOf(parts),
      problems: parts.problems.counts(),
      faults: parts.faults.total,
      reloads: reloadsOf(parts),
      certificateExpirySeconds: expiryMs === undefined ? undefined : expiryMs / 1000,
      process: { ...readProcessUsage(), openFilesMax, loopLag: data.loopLag.copy() },
    };
  }
}

function answersOf(counted: readonly ListenerCounts[], { listeners }: MeasuredParts): readonly ListenerAnswers[] {
  return counted.flatMap(({ listener, transport, counts }): readonly ListenerAnswers[] => {
    const open = listeners?.open.find((each) => each.listener === listener);
    return open === undefined ? [] : [{ server: nameOf(open), transport, isIpv6: isIpv6(open), ...counts }];
  });
}

function transportsOf(listener: OpenListener): readonly TransportState[] {
  const { address, stream, datagrams } = listener;
  const server = nameOf(listener);
  return [
    ...(datagrams === undefined ? [] : [{ server, transport: "udp", counts: { ...datagrams.counts } }]),
    { server, transport: address.scheme ?? "tcp", counts: { ...stream.counts } },
  ];
}

function nameOf({ address: { host, port } }: OpenListener): string {
  return formatListenAddress({ host, port });
}

function isIpv6({ address }: OpenListener): boolean {
  return address.host.includes(":");
}

function forwardingOf(forward: ForwardPlane, counted: readonly ListenerCounts[]): ForwardingState {
  const { cache, cacheBytes, resolver, outstanding, waiting, searched, routes } = forward.status();
  const { positive, negative } = cache;
  const hits = counted.map(({ counts }) => counts.cacheHits);
  const ofKind = (kind: "answers" | "denials"): number =>
    hits.reduce((total, each) => total + each[kind], resolver?.hits[kind] ?? 0);
  return {
    cache: {
      hits: { answers: ofKind("answers"), denials: ofKind("denials") },
      misses: resolver?.missed ?? 0,
      stale: resolver?.stale ?? 0,
      prefetched: resolver?.prefetched ?? 0,
      entries: { answers: positive.entries, denials: negative.entries },
      evictions: { answers: positive.evictions, denials: negative.evictions },
      usedBytes: { answers: positive.bytes, denials: negative.bytes },
      bytes: cacheBytes,
    },
    resolver: {
      asked: resolver?.asked ?? 0,
      joined: resolver?.joined ?? 0,
      failed: resolver?.failed ?? 0,
      refused: resolver?.refused ?? 0,
      outstanding,
      waiting,
      searched,
    },
    upstreams: routes.flatMap(upstreamsOf),
    unanswerable: routes.map(({ zone, group }) => ({ domain: formatName(zone), count: group.unanswerable })),
  };
}

function upstreamsOf({ zone, group }: ForwardRoute): readonly UpstreamState[] {
  return group.status().map(({ upstream, state, rttMs, outstanding, counts }) => ({
    upstream: upstream.text,
    domain: formatName(zone),
    isUp: state === "up",
    rttSeconds: rttMs / 1000,
    outstanding,
    queries: counts.queries,
    replies: [...counts.replies].map(([rcode, times]) => ({ rcode, times: times.copy() })),
    failures: [...counts.failures].map(([cause, count]) => ({ cause, count })),
    mismatches: counts.mismatches,
    probes: counts.probes,
    failedProbes: counts.failedProbes,
  }));
}

function sourceOf(source: Source, control: ControlPlane | undefined, nowMs: number): SourceState {
  const { status } = source;
  const changes = control?.counts.changes.get(source.id);
  const { objects, files, events, lists, drift, faults } = source.counts?.() ?? {};
  return {
    source: source.id,
    isSynced: status.state !== "syncing",
    staleSeconds: status.state === "stale" ? Math.max(0, nowMs - status.sinceMs) / 1000 : 0,
    changes: changes?.changes ?? 0,
    changedAtSeconds: changes && changes.changedAtMs / 1000,
    objects,
    files,
    events,
    lists,
    drift,
    faults,
  };
}

function zonesOf({ control, writer }: MeasuredParts): ZonesState {
  const { used, live } = writer.heapBytes;
  const contents = control?.zoneContents ?? [];
  const registries = (control?.clusters ?? []).map(({ registry }) => registry);
  return {
    objects: OBJECT_KINDS.map((kind) => ({ kind, count: registries.reduce((sum, each) => sum + each.count(kind), 0) })),
    names: writer.size,
    usedBytes: used,
    liveBytes: live,
    zoneFiles: contents.filter(([, { content }]) => content.kind === "zone").length,
    hostsFiles: contents.flatMap(([file, { content }]) =>
      content.kind === "hosts" ? [{ file, lines: content.entries.numbers.length }] : [],
    ),
    publications: control?.counts.durations.copy() ?? NOTHING,
    programming: Object.entries(control?.counts.latencies ?? {}).map(([kind, latencies]) => ({
      kind,
      latencies: latencies.copy(),
    })),
  };
}

const NOTHING: HistogramCopy = { bounds: [], counts: [0], sum: 0 };

function reloadsOf({ sources, credentials, forward }: MeasuredParts): readonly ReloadState[] {
  const all: (readonly [what: string, reloads: ReloadCounts | undefined])[] = [
    ...sources.map((source) => [source.id, source.counts?.().reloads] as const),
    ...Object.entries(credentials.reloads),
    ["upstreams", forward?.reloads],
  ];
  return all.flatMap(([what, reloads]) => {
    if (reloads === undefined) return [];
    const { succeeded, failed, succeededAtMs } = reloads;
    return [{ what, succeeded, failed, succeededAtSeconds: succeededAtMs && succeededAtMs / 1000 }];
  });
}
