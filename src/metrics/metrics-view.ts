// What metrics are made of: plain numbers and words, taken from a running server at each scrape by the planes.
// Types only. Numbers that only grow count since the start.
import type { HistogramCopy } from "../std/histogram.ts";

/** A running server in numbers. */
export interface MetricsView {
  readonly build: { readonly version: string; readonly node: string };
  readonly isReady: boolean;
  readonly answers: readonly ListenerAnswers[];
  readonly transports: readonly TransportState[];
  /** Undefined: names outside the local zones are refused. */
  readonly forwarding: ForwardingState | undefined;
  readonly queryRecords: QueryRecordsState;
  readonly sources: readonly SourceState[];
  readonly zones: ZonesState;
  readonly problems: readonly ProblemCount[];
  /** Faults of this server: none that a client, an upstream or the input caused. */
  readonly faults: number;
  readonly reloads: readonly ReloadState[];
  /** When the TLS certificate expires, seconds since 1970; undefined without one. */
  readonly certificateExpirySeconds: number | undefined;
  readonly process: ProcessState;
}

/** What was answered to queries to one address over one transport. */
export interface ListenerAnswers {
  /** Such as `127.0.0.1:53` or `[::]:853`. */
  readonly server: string;
  readonly transport: string;
  readonly isIpv6: boolean;
  readonly answers: readonly AnswerCount[];
  readonly truncated: number;
  readonly limited: number;
  readonly dnssecOk: number;
  readonly querySizes: HistogramCopy;
  readonly replySizes: HistogramCopy;
  /** Seconds. */
  readonly latencies: HistogramCopy;
}

/** A number of answers by where they came from, question type and response code. */
export interface AnswerCount {
  readonly answeredBy: string;
  readonly type: string;
  readonly rcode: string;
  readonly count: number;
}

/** A socket that listens. `counts`: by the names of `TRANSPORT_METRICS`; those that its protocol has. */
export interface TransportState {
  readonly server: string;
  readonly transport: string;
  readonly counts: Readonly<Record<string, number | undefined>>;
}

export interface ForwardingState {
  readonly cache: CacheState;
  readonly resolver: ResolverState;
  readonly upstreams: readonly UpstreamState[];
  /** Queries that came while all upstreams of the domain were dead. */
  readonly unanswerable: readonly { readonly domain: string; readonly count: number }[];
}

/** `answers` are positive, `denials` say that a name or type does not exist or that upstreams fail. */
export interface CacheState {
  readonly hits: { readonly answers: number; readonly denials: number };
  readonly misses: number;
  readonly stale: number;
  readonly prefetched: number;
  readonly entries: { readonly answers: number; readonly denials: number };
  readonly evictions: { readonly answers: number; readonly denials: number };
  readonly usedBytes: { readonly answers: number; readonly denials: number };
  readonly bytes: number;
}

export interface ResolverState {
  readonly asked: number;
  readonly joined: number;
  readonly failed: number;
  readonly refused: number;
  /** Different questions under way. */
  readonly outstanding: number;
  /** Queries of clients that wait. */
  readonly waiting: number;
  /** Queries answered by a walk of the client's search list. */
  readonly searched: number;
}

/** One upstream for one domain; `.` is the domain of the default upstreams. */
export interface UpstreamState {
  readonly upstream: string;
  readonly domain: string;
  readonly isUp: boolean;
  readonly rttSeconds: number;
  readonly outstanding: number;
  readonly queries: number;
  /** How long replies took, seconds, by response code. */
  readonly replies: readonly { readonly rcode: string; readonly times: HistogramCopy }[];
  readonly failures: readonly { readonly cause: string; readonly count: number }[];
  readonly mismatches: number;
  readonly probes: number;
  readonly failedProbes: number;
}

/** Records of answered queries, for the query log and other readers. */
export interface QueryRecordsState {
  readonly read: number;
  /** `ring`: they came too fast; `log`, `dnstap`: these had no place for them. */
  readonly lost: { readonly ring: number; readonly log: number; readonly dnstap: number };
}

/** A source of objects and zones; it has those of the last numbers that it knows. */
export interface SourceState {
  readonly source: string;
  readonly isSynced: boolean;
  /** For how long it has been out of reach; 0: it is not. */
  readonly staleSeconds: number;
  readonly changes: number;
  /** Of the last change, seconds since 1970; undefined: there was none. */
  readonly changedAtSeconds: number | undefined;
  readonly objects: number | undefined;
  readonly files: number | undefined;
  readonly events: number | undefined;
  readonly lists: number | undefined;
  readonly drift: number | undefined;
  readonly faults: number | undefined;
}

/** What is served, and how it came to be. */
export interface ZonesState {
  readonly objects: readonly { readonly kind: string; readonly count: number }[];
  readonly names: number;
  /** Memory of the compiled zones in use, and how much of it current names take. */
  readonly usedBytes: number;
  readonly liveBytes: number;
  /** Zones of zone files. */
  readonly zoneFiles: number;
  readonly hostsFiles: readonly { readonly file: string; readonly lines: number }[];
  /** Seconds. */
  readonly publications: HistogramCopy;
  /** How long a change took to be served, seconds; `kind`: `cluster-ip`, `headless` or `file`. */
  readonly programming: readonly { readonly kind: string; readonly latencies: HistogramCopy }[];
}

export interface ProblemCount {
  readonly code: string;
  readonly severity: string;
  readonly count: number;
}

/** What is read again while the server runs. */
export interface ReloadState {
  readonly what: string;
  readonly succeeded: number;
  readonly failed: number;
  /** Of the last success, seconds since 1970; undefined: there was none. */
  readonly succeededAtSeconds: number | undefined;
}

/** This process; undefined is what the system does not tell. */
export interface ProcessState {
  readonly startSeconds: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes: number | undefined;
  readonly openFiles: number | undefined;
  readonly openFilesMax: number | undefined;
  readonly heapBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  /** Time that the main thread's event loop has spent with work, seconds. */
  readonly loopActiveSeconds: number;
  /** How late a timer of the main thread fires, seconds. */
  readonly loopLag: HistogramCopy;
}
