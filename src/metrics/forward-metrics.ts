// Metrics of forwarding: the cache, questions to upstreams, and each upstream. Rows of the table in all-metrics.ts.
// Without forwarding they have no samples. Labels: `upstream` as the options write it, `domain` the stub domain or `.`.
import { counter, gauge, histogram } from "./metric.ts";
import type { Metric, Sample } from "./metric.ts";
import type { CacheState, ForwardingState, MetricsView, UpstreamState } from "./metrics-view.ts";

const UPSTREAM = ["upstream", "domain"] as const;

type ReadNumber = (view: MetricsView) => Iterable<Sample<number>>;

/** One sample of forwarding as a whole. */
function one(value: (forwarding: ForwardingState) => number): ReadNumber {
  return ({ forwarding }) => (forwarding === undefined ? [] : [[value(forwarding)]]);
}

/** One sample for each kind of cached answers. */
function byKind(value: (cache: CacheState) => { readonly answers: number; readonly denials: number }): ReadNumber {
  return ({ forwarding }) => {
    if (forwarding === undefined) return [];
    const { answers, denials } = value(forwarding.cache);
    return [
      [answers, "answer"],
      [denials, "denial"],
    ];
  };
}

/** One sample for each upstream. */
function each(value: (upstream: UpstreamState) => number): ReadNumber {
  return ({ forwarding }) => (forwarding?.upstreams ?? []).map((state) => [value(state), state.upstream, state.domain]);
}

const CACHE_METRICS: readonly Metric[] = [
  counter(
    "cluster_dns_cache_hits_total",
    ["kind"],
    "Questions that the cache answered; denial: the name or type does not exist, or the upstreams fail",
    byKind(({ hits }) => hits),
  ),
  counter(
    "cluster_dns_cache_misses_total",
    [],
    "Questions for names of upstreams that the cache could not answer",
    one(({ cache }) => cache.misses),
  ),
  counter(
    "cluster_dns_cache_stale_answers_total",
    [],
    "Answers past their TTL, given because the upstreams fail or are slow",
    one(({ cache }) => cache.stale),
  ),
  counter(
    "cluster_dns_cache_prefetches_total",
    [],
    "Cached answers that were asked for again before they expired, because they are in use",
    one(({ cache }) => cache.prefetched),
  ),
  gauge(
    "cluster_dns_cache_entries",
    ["kind"],
    "Answers in the cache",
    byKind(({ entries }) => entries),
  ),
  counter(
    "cluster_dns_cache_evictions_total",
    ["kind"],
    "Answers that had to leave the cache for others",
    byKind(({ evictions }) => evictions),
  ),
  gauge(
    "cluster_dns_cache_used_bytes",
    ["kind"],
    "Memory of the cache that answers take",
    byKind(({ usedBytes }) => usedBytes),
  ),
  gauge(
    "cluster_dns_cache_size_bytes",
    [],
    "Memory of the cache, which never grows (--cache-size)",
    one(({ cache }) => cache.bytes),
  ),
];

const RESOLVER_METRICS: readonly Metric[] = [
  counter(
    "cluster_dns_forward_asked_total",
    [],
    "Questions sent to upstreams, once each whatever the number of tries",
    one(({ resolver }) => resolver.asked),
  ),
  counter(
    "cluster_dns_forward_joined_total",
    [],
    "Questions that waited for an equal one under way",
    one(({ resolver }) => resolver.joined),
  ),
  counter(
    "cluster_dns_forward_failed_total",
    [],
    "Questions that no upstream answered",
    one(({ resolver }) => resolver.failed),
  ),
  counter(
    "cluster_dns_forward_refused_total",
    [],
    "Questions that were not asked because too many were under way, in all or of one client",
    one(({ resolver }) => resolver.refused),
  ),
  gauge(
    "cluster_dns_forward_outstanding_questions",
    [],
    "Different questions under way to upstreams",
    one(({ resolver }) => resolver.outstanding),
  ),
  gauge(
    "cluster_dns_forward_waiting_queries",
    [],
    "Queries of clients that wait for upstreams",
    one(({ resolver }) => resolver.waiting),
  ),
  counter(
    "cluster_dns_searches_answered_total",
    [],
    "Queries that a walk of the client's search list answered (--autopath)",
    one(({ resolver }) => resolver.searched),
  ),
  counter(
    "cluster_dns_forward_unanswerable_total",
    ["domain"],
    "Questions that came while all upstreams of the domain were dead",
    ({ forwarding }) => (forwarding?.unanswerable ?? []).map(({ domain, count }) => [count, domain]),
  ),
];

const UPSTREAM_METRICS: readonly Metric[] = [
  gauge(
    "cluster_dns_upstream_up",
    UPSTREAM,
    "1 while the upstream answers, 0 while it does not",
    each(({ isUp }) => Number(isUp)),
  ),
  counter(
    "cluster_dns_upstream_queries_total",
    UPSTREAM,
    "Queries sent to the upstream, each try for itself",
    each(({ queries }) => queries),
  ),
  histogram(
    "cluster_dns_upstream_reply_duration_seconds",
    [...UPSTREAM, "rcode"],
    "Time from a query to the upstream's reply, by response code; its count is the number of replies",
    ({ forwarding }) =>
      (forwarding?.upstreams ?? []).flatMap(({ upstream, domain, replies }) =>
        replies.map(({ rcode, times }) => [times, upstream, domain, rcode] as const),
      ),
  ),
  counter(
    "cluster_dns_upstream_failures_total",
    [...UPSTREAM, "cause"],
    "Queries without a usable reply, by cause",
    ({ forwarding }) =>
      (forwarding?.upstreams ?? []).flatMap(({ upstream, domain, failures }) =>
        failures.map(({ cause, count }) => [count, upstream, domain, cause] as const),
      ),
  ),
  gauge(
    "cluster_dns_upstream_outstanding_queries",
    UPSTREAM,
    "Queries to the upstream that have no reply yet",
    each(({ outstanding }) => outstanding),
  ),
  gauge(
    "cluster_dns_upstream_round_trip_seconds",
    UPSTREAM,
    "Smoothed time until the upstream replies; 0 before the first reply",
    each(({ rttSeconds }) => rttSeconds),
  ),
  counter(
    "cluster_dns_upstream_mismatched_replies_total",
    UPSTREAM,
    "Datagrams that came to a port of a query to the upstream and match no query: late, or forged",
    each(({ mismatches }) => mismatches),
  ),
  counter(
    "cluster_dns_upstream_probes_total",
    UPSTREAM,
    "Queries that find out whether an upstream that is not up is back",
    each(({ probes }) => probes),
  ),
  counter(
    "cluster_dns_upstream_failed_probes_total",
    UPSTREAM,
    "Such queries without a usable reply",
    each(({ failedProbes }) => failedProbes),
  ),
];

export const FORWARD_METRICS: readonly Metric[] = [...CACHE_METRICS, ...RESOLVER_METRICS, ...UPSTREAM_METRICS];
