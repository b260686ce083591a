// What the status page and its API show of a server: plain values, asked for anew at each request. The planes provide
// them. Types only.
import type { Readiness } from "../admin/admin-view.ts";
import type { QuestionFault } from "../explain/explain.ts";
import type { Explanation, ExplainQuestion } from "../explain/explanation.ts";
import type { Problem } from "../objects/problem.ts";
import type { EndpointRow } from "../overview/service-endpoints.ts";
import type { ServicePage, ServiceSearch } from "../overview/service-list.ts";
import type { ServiceRow } from "../overview/service-row.ts";
import type { TopLists } from "../overview/top-lists.ts";
import type { LatencySummary, TrafficPoint } from "../overview/traffic-history.ts";

/** A server as its status page sees it. */
export interface StatusView {
  readonly version: string;
  /** The domains of the clusters, at least one; the first cluster is meant where none is named. */
  readonly domains: readonly string[];
  readiness(): Pick<Readiness, "ready" | "reasons" | "sources" | "zones">;
  /** What a source tells of itself: names and counts. */
  sourceDetails(id: string): Readonly<Record<string, unknown>>;
  serviceCounts(): ServiceCounts;
  findServices(search: ServiceSearch): ServicePage;
  /** Undefined where there is no such service. */
  service(domain: string, namespace: string, name: string): ServiceDetails | undefined;
  problems(): readonly Problem[];
  /** Undefined where nothing is forwarded. */
  upstreams(): readonly UpstreamRow[] | undefined;
  traffic(): Traffic;
  /** The most frequent of the last minutes, `limit` of each kind. */
  top(limit: number): TopLists;
  /** Undefined where there is no such pod. An empty name means a pod of the namespace without DNS settings. */
  resolvConf(domain: string, namespace: string, pod: string): Promise<PodFile | undefined>;
  /** The fault: what is wrong with the question; `isBusy`: nothing, but it can't be explained now. */
  explain(question: ExplainQuestion): Promise<Explanation | (QuestionFault & { readonly isBusy?: true })>;
  /** Passes every query that is logged or sampled, until the function that it returns is called. */
  watchQueries(listener: (query: QueryRow) => void): () => void;
}

export interface ServiceCounts {
  readonly total: number;
  /** Those that have no ready endpoint, and should have. */
  readonly unready: number;
}

export interface ServiceDetails extends ServiceRow {
  /** Its own name, with the last dot. */
  readonly dnsName: string;
  /** Those that are not ready first. */
  readonly endpointRows: readonly EndpointRow[];
  readonly problems: readonly Problem[];
}

export interface UpstreamRow {
  /** `.`, or the domain for which alone it is asked. */
  readonly domain: string;
  /** As in the options, such as `tls://192.0.2.1#dns.example`. */
  readonly upstream: string;
  readonly state: "up" | "down" | "dead";
  /** Smoothed; 0 before the first reply. */
  readonly rttMs: number;
  readonly queries: number;
  /** Queries without a reply, whatever the cause. */
  readonly failed: number;
}

export interface Traffic {
  /** Answers since the start. */
  readonly total: number;
  /** The oldest first. */
  readonly points: readonly TrafficPoint[];
  readonly latency: LatencySummary;
}

/** The resolv.conf of a pod. */
export interface PodFile {
  readonly text: string;
  readonly warnings: readonly Problem[];
}

/** A query and its answer. */
export interface QueryRow {
  /** Wall clock, milliseconds. */
  readonly atMs: number;
  readonly client: string;
  /** The pod that has the client's address, as `NAMESPACE/NAME`. */
  readonly pod?: string;
  /** In text form, with escapes (RFC 1035 5.1). */
  readonly name: string;
  readonly type: string;
  readonly rcode: string;
  /** What made the answer, in one word. */
  readonly cause: string;
  readonly durationUs: number;
}
