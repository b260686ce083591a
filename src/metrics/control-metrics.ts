// Metrics of the control plane: sources, what is served, how soon a change is served, problems, what is read again.
// Rows of the table in all-metrics.ts.
import { counter, gauge, histogram, sample } from "./metric.ts";
import type { Metric, Sample } from "./metric.ts";
import type { MetricsView, SourceState } from "./metrics-view.ts";

/** One sample for each source that knows the number. */
function each(value: (source: SourceState) => number | undefined): (view: MetricsView) => Iterable<Sample<number>> {
  return ({ sources }) => sources.flatMap((state) => sample(value(state), state.source));
}

const SOURCE_METRICS: readonly Metric[] = [
  gauge(
    "cluster_dns_source_synced",
    ["source"],
    "1 when the source has told all that it has, and is within reach",
    each(({ isSynced, staleSeconds }) => Number(isSynced && staleSeconds === 0)),
  ),
  gauge(
    "cluster_dns_source_stale_seconds",
    ["source"],
    "Age of what is served of a source that is out of reach; 0: it is within reach",
    each(({ staleSeconds }) => staleSeconds),
  ),
  counter(
    "cluster_dns_source_changes_total",
    ["source"],
    "Changes that the source handed in: an object of a cluster, all objects of a file, or the zones",
    each(({ changes }) => changes),
  ),
  gauge(
    "cluster_dns_source_last_change_timestamp_seconds",
    ["source"],
    "When the source handed in its last change",
    each(({ changedAtSeconds }) => changedAtSeconds),
  ),
  gauge(
    "cluster_dns_source_objects",
    ["source"],
    "Objects of the source",
    each(({ objects }) => objects),
  ),
  gauge(
    "cluster_dns_source_files",
    ["source"],
    "Files that the source reads",
    each(({ files }) => files),
  ),
  counter(
    "cluster_dns_source_events_total",
    ["source"],
    "Events of the watches of a cluster's API",
    each(({ events }) => events),
  ),
  counter(
    "cluster_dns_source_lists_total",
    ["source"],
    "Lists asked of a cluster's API: one for each kind at the start, more after faults",
    each(({ lists }) => lists),
  ),
  counter(
    "cluster_dns_source_drift_total",
    ["source"],
    "Differences between a cluster and what its watches told, found by comparing",
    each(({ drift }) => drift),
  ),
  counter(
    "cluster_dns_source_faults_total",
    ["source"],
    "Requests to a cluster's API that failed, and watches that broke",
    each(({ faults }) => faults),
  ),
];

const ZONE_METRICS: readonly Metric[] = [
  gauge("cluster_dns_objects", ["kind"], "Objects in force, of all sources and of controllers", ({ zones }) =>
    zones.objects.map(({ kind, count }) => [count, kind]),
  ),
  gauge("cluster_dns_names", [], "Names that are answered, names above them included", ({ zones }) => [[zones.names]]),
  gauge("cluster_dns_zone_files", [], "Zones of zone files", ({ zones }) => [[zones.zoneFiles]]),
  gauge("cluster_dns_hosts_lines", ["file"], "Lines of hosts files with an address", ({ zones }) =>
    zones.hostsFiles.map(({ file, lines }) => [lines, file]),
  ),
  gauge(
    "cluster_dns_table_bytes",
    ["state"],
    "Memory of the compiled zones: used, and live, which current names take; the rest is freed by the next copy",
    ({ zones }) => [
      [zones.usedBytes, "used"],
      [zones.liveBytes, "live"],
    ],
  ),
  histogram(
    "cluster_dns_publication_duration_seconds",
    [],
    "Time to compile changes and publish them, pauses for other work included; its count is that of publications",
    ({ zones }) => [[zones.publications]],
  ),
  histogram(
    "cluster_dns_programming_duration_seconds",
    ["kind"],
    "Time from a change to the moment that queries see it: from the change of a pod or service (cluster-ip, " +
      "headless; by the cluster's clock), or from the save of a file",
    ({ zones }) => zones.programming.map(({ kind, latencies }) => [latencies, kind]),
  ),
];

const STATE_METRICS: readonly Metric[] = [
  gauge(
    "cluster_dns_build_info",
    ["version", "node"],
    "1, with the version of the server and of Node.js",
    ({ build }) => [[1, build.version, build.node]],
  ),
  gauge("cluster_dns_ready", [], "1 while everything can be answered, as /ready says", ({ isReady }) => [
    [Number(isReady)],
  ]),
  gauge(
    "cluster_dns_problems",
    ["code", "severity"],
    "Problems of the input that last, by the codes of docs/errors.md",
    ({ problems }) => problems.map(({ code, severity, count }) => [count, code, severity]),
  ),
  counter("cluster_dns_faults_total", [], "Faults of the server itself, which are logged", ({ faults }) => [[faults]]),
  counter(
    "cluster_dns_reloads_total",
    ["what", "result"],
    "Files read again after a change; failed: the old contents, or a part of them, stay in force",
    ({ reloads }) =>
      reloads.flatMap(({ what, succeeded, failed }): readonly Sample<number>[] => [
        [succeeded, what, "succeeded"],
        [failed, what, "failed"],
      ]),
  ),
  gauge("cluster_dns_last_reload_timestamp_seconds", ["what"], "When the last such reading succeeded", ({ reloads }) =>
    reloads.flatMap(({ what, succeededAtSeconds }) => sample(succeededAtSeconds, what)),
  ),
  gauge(
    "cluster_dns_certificate_expiry_timestamp_seconds",
    [],
    "When the certificate of DNS over TLS and HTTPS expires",
    ({ certificateExpirySeconds }) => sample(certificateExpirySeconds),
  ),
];

export const CONTROL_METRICS: readonly Metric[] = [...STATE_METRICS, ...SOURCE_METRICS, ...ZONE_METRICS];
