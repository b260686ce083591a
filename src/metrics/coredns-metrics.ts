// The same numbers under the names and labels of CoreDNS, for dashboards and alert rules that ask for those: metrics
// of its plugins prometheus, cache, forward, kubernetes, hosts, autopath and reload. Four names of forward are old
// ones, in place of which CoreDNS has those of proxy by now, and which rules still use.
// Labels as CoreDNS sets them: `server` such as dns://:53, `proto` udp or tcp, `family` 1 (IPv4) or 2 (IPv6), `view`
// empty, `zone` always `.`, as with one server block.
import type { HistogramCopy } from "../std/histogram.ts";
import { counter, gauge, histogram, sample } from "./metric.ts";
import type { Metric, Sample } from "./metric.ts";
import type { CacheState, ForwardingState, ListenerAnswers, MetricsView, UpstreamState } from "./metrics-view.ts";

const ZONE = ".";
const VIEW = "";

/** The plugin that would have answered. */
const PLUGINS: Readonly<Record<string, string>> = {
  cluster: "kubernetes",
  reverse: "kubernetes",
  "zone-file": "file",
  hosts: "hosts",
  special: "local",
  cache: "cache",
  upstream: "forward",
};
/** Kinds of services whose changes CoreDNS measures. */
const SERVICE_KINDS: Readonly<Record<string, string>> = {
  "cluster-ip": "cluster_ip",
  headless: "headless_with_selector",
};

function serverOf({ server, transport }: Pick<ListenerAnswers, "server" | "transport">): string {
  const scheme = transport === "tls" || transport === "https" ? transport : "dns";
  return `${scheme}://${server.replace(/^(?:0\.0\.0\.0|\[::\]):/, ":")}`;
}

function protoOf({ transport }: ListenerAnswers): string {
  return transport === "udp" ? "udp" : "tcp";
}

/** The counts of all answers that have the same value of `property`, by that value. */
function countsBy(
  { answers }: ListenerAnswers,
  property: (answer: ListenerAnswers["answers"][number]) => string,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(property(answer), (counts.get(property(answer)) ?? 0) + answer.count);
  return counts;
}

/** Samples by server and proto; those of addresses that differ in nothing else are one. */
function byListener<V extends number | HistogramCopy>(
  value: (listener: ListenerAnswers) => V,
  labels: (listener: ListenerAnswers) => readonly string[],
): (view: MetricsView) => Iterable<Sample<V>> {
  return ({ answers }) =>
    merged(answers.map((each): Sample<V> => [value(each), serverOf(each), ZONE, VIEW, ...labels(each)]));
}

/** Adds the values of samples that have the same labels. */
function merged<V extends number | HistogramCopy>(samples: readonly Sample<V>[]): readonly Sample<V>[] {
  const byLabels = new Map<string, Sample<V>>();
  for (const [value, ...labels] of samples) {
    const key = labels.join("\0");
    const known = byLabels.get(key);
    byLabels.set(key, known === undefined ? [value, ...labels] : [sum(known[0], value), ...labels]);
  }
  return [...byLabels.values()];
}

function sum<V extends number | HistogramCopy>(a: V, b: V): V;
function sum(a: number | HistogramCopy, b: number | HistogramCopy): number | HistogramCopy {
  if (typeof a === "number" || typeof b === "number") return Number(a) + Number(b);
  return { bounds: a.bounds, counts: a.counts.map((count, i) => count + b.counts[i]!), sum: a.sum + b.sum };
}

/** The address that most metrics of plugins name: the first one. */
function firstServer({ answers }: MetricsView): string {
  return answers[0] === undefined ? "" : serverOf(answers[0]);
}

const DNS_METRICS: readonly Metric[] = [
  gauge(
    "coredns_build_info",
    ["version", "revision", "goversion"],
    "1; the version is that of cluster-dns, the last label that of Node.js",
    ({ build }) => [[1, build.version, "", `node${build.node}`]],
  ),
  counter("coredns_panics_total", [], "Faults of the server itself", ({ faults }) => [[faults]]),
  counter(
    "coredns_dns_requests_total",
    ["server", "zone", "view", "proto", "family", "type"],
    "Queries that were answered",
    ({ answers }) =>
      merged(
        answers.flatMap((listener) =>
          [...countsBy(listener, ({ type }) => type)].map(([type, count]): Sample<number> => [
            count,
            serverOf(listener),
            ZONE,
            VIEW,
            protoOf(listener),
            listener.isIpv6 ? "2" : "1",
            type,
          ]),
        ),
      ),
  ),
  counter(
    "coredns_dns_responses_total",
    ["server", "zone", "view", "rcode", "plugin"],
    "Answers by response code and by the plugin that would have answered",
    ({ answers }) =>
      merged(
        answers.flatMap((listener) =>
          listener.answers.map(({ rcode, answeredBy, count }): Sample<number> => [
            count,
            serverOf(listener),
            ZONE,
            VIEW,
            rcode,
            PLUGINS[answeredBy] ?? "",
          ]),
        ),
      ),
  ),
  histogram(
    "coredns_dns_request_duration_seconds",
    ["server", "zone", "view"],
    "Time that answers took",
    byListener(
      ({ latencies }) => latencies,
      () => [],
    ),
  ),
  histogram(
    "coredns_dns_request_size_bytes",
    ["server", "zone", "view", "proto"],
    "Size of queries",
    byListener(
      ({ querySizes }) => querySizes,
      (listener) => [protoOf(listener)],
    ),
  ),
  histogram(
    "coredns_dns_response_size_bytes",
    ["server", "zone", "view", "proto"],
    "Size of answers",
    byListener(
      ({ replySizes }) => replySizes,
      (listener) => [protoOf(listener)],
    ),
  ),
  counter(
    "coredns_dns_do_requests_total",
    ["server", "zone", "view"],
    "Queries with the bit DO",
    byListener(
      ({ dnssecOk }) => dnssecOk,
      () => [],
    ),
  ),
  gauge(
    "coredns_plugin_enabled",
    ["server", "zone", "view", "name"],
    "1 for plugins whose work the server does",
    (view) =>
      ["errors", "kubernetes", "prometheus", ...(view.forwarding === undefined ? [] : ["cache", "forward"])].map(
        (name) => [1, firstServer(view), ZONE, VIEW, name],
      ),
  ),
];

const CACHE_LABELS = ["server", "zones", "view"] as const;
const KIND_LABELS = ["server", "type", "zones", "view"] as const;

function ofCache(value: (cache: CacheState) => number): (view: MetricsView) => Iterable<Sample<number>> {
  return (view) =>
    view.forwarding === undefined ? [] : [[value(view.forwarding.cache), firstServer(view), ZONE, VIEW]];
}

function ofCacheKinds(
  value: (cache: CacheState) => CacheState["entries"],
): (view: MetricsView) => Iterable<Sample<number>> {
  return (view) => {
    if (view.forwarding === undefined) return [];
    const { answers, denials } = value(view.forwarding.cache);
    return [
      [answers, firstServer(view), "success", ZONE, VIEW],
      [denials, firstServer(view), "denial", ZONE, VIEW],
    ];
  };
}

const CACHE_METRICS: readonly Metric[] = [
  gauge(
    "coredns_cache_entries",
    KIND_LABELS,
    "Answers in the cache",
    ofCacheKinds(({ entries }) => entries),
  ),
  counter(
    "coredns_cache_hits_total",
    KIND_LABELS,
    "Questions that the cache answered",
    ofCacheKinds(({ hits }) => hits),
  ),
  counter(
    "coredns_cache_evictions_total",
    KIND_LABELS,
    "Answers that had to leave the cache for others",
    ofCacheKinds(({ evictions }) => evictions),
  ),
  counter(
    "coredns_cache_misses_total",
    CACHE_LABELS,
    "Questions for names of upstreams that the cache could not answer",
    ofCache(({ misses }) => misses),
  ),
  counter(
    "coredns_cache_requests_total",
    CACHE_LABELS,
    "Questions for names of upstreams",
    ofCache(({ hits, misses }) => hits.answers + hits.denials + misses),
  ),
  counter(
    "coredns_cache_prefetch_total",
    CACHE_LABELS,
    "Cached answers that were asked for again before they expired",
    ofCache(({ prefetched }) => prefetched),
  ),
  counter(
    "coredns_cache_served_stale_total",
    CACHE_LABELS,
    "Answers past their TTL",
    ofCache(({ stale }) => stale),
  ),
];

/** The upstream as CoreDNS writes it: its address and port, or its URL. */
function upstreams(forwarding: ForwardingState | undefined): readonly UpstreamState[] {
  return forwarding?.upstreams ?? [];
}

function replies(
  forwarding: ForwardingState | undefined,
): readonly (readonly [UpstreamState, string, HistogramCopy])[] {
  return upstreams(forwarding).flatMap((state) =>
    state.replies.map(({ rcode, times }) => [state, rcode, times] as const),
  );
}

const count = ({ counts }: HistogramCopy): number => counts.reduce((total, each) => total + each, 0);

const FORWARD_METRICS: readonly Metric[] = [
  histogram(
    "coredns_proxy_request_duration_seconds",
    ["proxy_name", "to", "rcode"],
    "Time until an upstream replied",
    ({ forwarding }) =>
      merged(replies(forwarding).map(([{ upstream }, rcode, times]) => [times, "forward", upstream, rcode])),
  ),
  counter(
    "coredns_proxy_healthcheck_failures_total",
    ["proxy_name", "to"],
    "Probes of an upstream that failed",
    ({ forwarding }) =>
      merged(upstreams(forwarding).map(({ upstream, failedProbes }) => [failedProbes, "forward", upstream])),
  ),
  histogram(
    "coredns_forward_request_duration_seconds",
    ["to", "rcode"],
    "Time until an upstream replied (an old name)",
    ({ forwarding }) => merged(replies(forwarding).map(([{ upstream }, rcode, times]) => [times, upstream, rcode])),
  ),
  counter("coredns_forward_requests_total", ["to"], "Queries to an upstream (an old name)", ({ forwarding }) =>
    merged(upstreams(forwarding).map(({ upstream, queries }) => [queries, upstream])),
  ),
  counter(
    "coredns_forward_responses_total",
    ["to", "rcode"],
    "Replies of an upstream (an old name)",
    ({ forwarding }) =>
      merged(replies(forwarding).map(([{ upstream }, rcode, times]) => [count(times), upstream, rcode])),
  ),
  counter(
    "coredns_forward_healthcheck_failures_total",
    ["to"],
    "Probes of an upstream that failed (an old name)",
    ({ forwarding }) => merged(upstreams(forwarding).map(({ upstream, failedProbes }) => [failedProbes, upstream])),
  ),
  counter(
    "coredns_forward_healthcheck_broken_total",
    [],
    "Questions that came while all upstreams were dead",
    ({ forwarding }) => sample(forwarding?.unanswerable.reduce((total, { count: questions }) => total + questions, 0)),
  ),
  counter(
    "coredns_forward_max_concurrent_rejects_total",
    [],
    "Questions that were not asked because too many were under way",
    ({ forwarding }) => sample(forwarding?.resolver.refused),
  ),
];

const OTHER_METRICS: readonly Metric[] = [
  histogram(
    "coredns_kubernetes_dns_programming_duration_seconds",
    ["service_kind"],
    "Time from the change of a pod or service to the moment that queries see it",
    ({ zones }) =>
      zones.programming.flatMap(({ kind, latencies }): readonly Sample<HistogramCopy>[] => {
        const serviceKind = SERVICE_KINDS[kind];
        return serviceKind === undefined ? [] : [[latencies, serviceKind]];
      }),
  ),
  gauge("coredns_hosts_entries", ["hostsfile"], "Lines of hosts files", ({ zones }) =>
    zones.hostsFiles.map(({ file, lines }) => [lines, file]),
  ),
  gauge("coredns_hosts_reload_timestamp_seconds", [], "When a file was last read again", ({ reloads }) =>
    sample(latest(reloads.flatMap(({ succeededAtSeconds }) => succeededAtSeconds ?? []))),
  ),
  counter("coredns_reload_failed_total", [], "Files read again in vain", ({ reloads }) => [
    [reloads.reduce((total, { failed }) => total + failed, 0)],
  ]),
  counter("coredns_autopath_success_total", ["server"], "Queries that a walk of the search list answered", (view) =>
    sample(view.forwarding?.resolver.searched, firstServer(view)),
  ),
];

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}

export const COREDNS_METRICS: readonly Metric[] = [
  ...DNS_METRICS,
  ...CACHE_METRICS,
  ...FORWARD_METRICS,
  ...OTHER_METRICS,
];
