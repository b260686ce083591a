// What the dashboard of Grafana shows: rows of panels, and the queries of each. tools/render-dashboard.ts makes the file.

/** A query, and the legend of its series. */
type Query = readonly [expr: string, legend: string];

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly Query[];
  /** `stat`: one number; `table`: one row for each series now. Otherwise a graph over time. */
  readonly form?: "stat" | "table";
  /** Series are stacked, because their sum means something. */
  readonly isStacked?: true;
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Selects the servers that the variables of the dashboard choose. */
const SELECTED = `job=~"$job",instance=~"$instance"`;

/** A metric of the selected servers, with further matchers. */
function metric(name: string, matchers = ""): string {
  return `${name}{${matchers === "" ? "" : `${matchers},`}${SELECTED}}`;
}

function rate(name: string, matchers = ""): string {
  return `rate(${metric(name, matchers)}[$__rate_interval])`;
}

function rateBy(label: string, name: string, matchers = ""): Query {
  return [`sum by (${label}) (${rate(name, matchers)})`, `{{${label}}}`];
}

/** The quantiles of a histogram's values. */
function quantiles(name: string, matchers = ""): readonly Query[] {
  return [0.5, 0.9, 0.99].map((quantile) => [
    `histogram_quantile(${quantile}, sum by (le) (${rate(`${name}_bucket`, matchers)}))`,
    `${quantile * 100} %`,
  ]);
}

const ANSWERS = "cluster_dns_answers_total";
const DURATION = "cluster_dns_answer_duration_seconds";

/** The dashboard, from the top. */
export const ROWS: readonly Row[] = [
  {
    title: "Overview",
    panels: [
      {
        title: "Servers that are ready",
        description: "Servers for which /ready is 200.",
        unit: "none",
        form: "stat",
        queries: [[`sum(${metric("cluster_dns_ready")})`, "ready"]],
      },
      {
        title: "Answers a second",
        description: "Of all addresses and transports.",
        unit: "reqps",
        form: "stat",
        queries: [[`sum(${rate(ANSWERS)})`, "answers"]],
      },
      {
        title: "Failures",
        description: "Share of answers with SERVFAIL.",
        unit: "percentunit",
        form: "stat",
        queries: [[`sum(${rate(ANSWERS, 'rcode="SERVFAIL"')}) / sum(${rate(ANSWERS)})`, "SERVFAIL"]],
      },
      {
        title: "99 % of answers take at most",
        description: "Names of upstreams included.",
        unit: "s",
        form: "stat",
        queries: [[`histogram_quantile(0.99, sum by (le) (${rate(`${DURATION}_bucket`)}))`, "99 %"]],
      },
      {
        title: "Upstreams that do not answer",
        description: "Upstreams that are down or dead; they are probed until they answer.",
        unit: "none",
        form: "stat",
        queries: [[`count(${metric("cluster_dns_upstream_up")} == 0) or vector(0)`, "down"]],
      },
      {
        title: "Errors in the input",
        description: "Problems of severity error; the log and `cluster-dns check` tell what and where.",
        unit: "none",
        form: "stat",
        queries: [[`sum(${metric("cluster_dns_problems", 'severity="error"')}) or vector(0)`, "errors"]],
      },
    ],
  },
  {
    title: "Answers",
    panels: [
      {
        title: "By transport",
        description: "Answers a second.",
        unit: "reqps",
        isStacked: true,
        queries: [rateBy("transport", ANSWERS)],
      },
      {
        title: "By the part of the server that answers",
        description:
          "The cluster, reverse names, zone files, hosts files, special names, cache, upstreams, or none of them.",
        unit: "reqps",
        isStacked: true,
        queries: [rateBy("answered_by", ANSWERS)],
      },
      {
        title: "By response code",
        description: "NXDOMAIN is ordinary: clients walk their search lists.",
        unit: "reqps",
        isStacked: true,
        queries: [rateBy("rcode", ANSWERS)],
      },
      {
        title: "By type",
        description: "Types of questions.",
        unit: "reqps",
        isStacked: true,
        queries: [rateBy("type", ANSWERS)],
      },
      {
        title: "Time, UDP",
        description: "From a query's receipt to its answer's leaving; the highest line has names of upstreams in it.",
        unit: "s",
        queries: quantiles(DURATION, 'transport="udp"'),
      },
      {
        title: "Time, TCP, TLS and HTTPS",
        description: "From a query to its answer.",
        unit: "s",
        queries: quantiles(DURATION, 'transport!="udp"'),
      },
      {
        title: "Size of answers",
        description: "Answers over UDP that do not fit are cut, and asked for again over TCP.",
        unit: "bytes",
        queries: quantiles("cluster_dns_answer_size_bytes"),
      },
      {
        title: "Cut, limited, dropped",
        description: "Cut: too large for UDP. Limited: over the rate of --rrl. Dropped: no reply at all, by reason.",
        unit: "reqps",
        queries: [
          [`sum(${rate("cluster_dns_truncated_answers_total")})`, "cut"],
          [`sum(${rate("cluster_dns_rate_limited_answers_total")})`, "limited"],
          [`sum by (reason) (${rate("cluster_dns_dropped_queries_total")})`, "dropped: {{reason}}"],
        ],
      },
    ],
  },
  {
    title: "Cache and upstreams",
    panels: [
      {
        title: "Share that the cache answers",
        description: "Of questions for names of upstreams.",
        unit: "percentunit",
        queries: [
          [
            `sum(${rate("cluster_dns_cache_hits_total")}) / (sum(${rate("cluster_dns_cache_hits_total")}) + ` +
              `sum(${rate("cluster_dns_cache_misses_total")}))`,
            "hits",
          ],
        ],
      },
      {
        title: "Entries and evictions",
        description: "Evictions all the time mean that --cache-size is small.",
        unit: "short",
        queries: [
          [`sum by (kind) (${metric("cluster_dns_cache_entries")})`, "entries: {{kind}}"],
          [`sum by (kind) (${rate("cluster_dns_cache_evictions_total")})`, "evictions a second: {{kind}}"],
        ],
      },
      {
        title: "Queries to upstreams",
        description: "Each try counts.",
        unit: "reqps",
        queries: [rateBy("upstream", "cluster_dns_upstream_queries_total")],
      },
      {
        title: "99 % of their replies take at most",
        description: "By upstream.",
        unit: "s",
        queries: [
          [
            `histogram_quantile(0.99, sum by (upstream, le) (${rate("cluster_dns_upstream_reply_duration_seconds_bucket")}))`,
            "{{upstream}}",
          ],
        ],
      },
      {
        title: "Failures of upstreams",
        description: "Queries without a usable reply, by cause; docs/metrics.md lists the causes.",
        unit: "reqps",
        queries: [
          [`sum by (upstream, cause) (${rate("cluster_dns_upstream_failures_total")})`, "{{upstream}}: {{cause}}"],
        ],
      },
      {
        title: "Waiting for upstreams",
        description: "Queries of clients that wait, and questions that were refused because too many did.",
        unit: "short",
        queries: [
          [`sum(${metric("cluster_dns_forward_waiting_queries")})`, "waiting"],
          [`sum(${rate("cluster_dns_forward_refused_total")})`, "refused a second"],
          [`sum(${rate("cluster_dns_cache_stale_answers_total")})`, "stale answers a second"],
        ],
      },
    ],
  },
  {
    title: "Sources",
    panels: [
      {
        title: "From a change until it is served",
        description: "99 % take at most this: changes of endpoints by the cluster's stamp, and saves of files.",
        unit: "s",
        queries: [
          [
            `histogram_quantile(0.99, sum by (kind, le) (${rate("cluster_dns_programming_duration_seconds_bucket")}))`,
            "{{kind}}",
          ],
        ],
      },
      {
        title: "Changes",
        description: "A second, by source.",
        unit: "ops",
        queries: [rateBy("source", "cluster_dns_source_changes_total")],
      },
      {
        title: "Age of sources that are out of reach",
        description: "0: within reach.",
        unit: "s",
        queries: [[`max by (source) (${metric("cluster_dns_source_stale_seconds")})`, "{{source}}"]],
      },
      {
        title: "Objects and names",
        description: "Objects in force by kind, and names that are answered.",
        unit: "short",
        queries: [
          [`max by (kind) (${metric("cluster_dns_objects")})`, "{{kind}}"],
          [`max(${metric("cluster_dns_names")})`, "names"],
        ],
      },
      {
        title: "Faults of watches, drift",
        description: "Requests to a cluster's API that failed, and differences that its watches did not tell of.",
        unit: "short",
        queries: [
          [`sum(${rate("cluster_dns_source_faults_total")})`, "faults a second"],
          [`sum(increase(${metric("cluster_dns_source_drift_total")}[$__range]))`, "drift"],
        ],
      },
      {
        title: "Problems of the input",
        description: "docs/errors.md explains the codes.",
        unit: "none",
        form: "table",
        queries: [[`max by (code, severity) (${metric("cluster_dns_problems")})`, ""]],
      },
    ],
  },
  {
    title: "Process",
    panels: [
      {
        title: "CPU",
        description: "Processors in use; and how busy the main thread is, which serves all but UDP in batches.",
        unit: "short",
        queries: [
          [`sum by (instance) (${rate("process_cpu_seconds_total")})`, "{{instance}}"],
          [`sum by (instance) (${rate("cluster_dns_event_loop_active_seconds_total")})`, "main thread of {{instance}}"],
        ],
      },
      {
        title: "Memory",
        description: "Resident memory, and of it the compiled zones and the cache.",
        unit: "bytes",
        queries: [
          [metric("process_resident_memory_bytes"), "{{instance}}"],
          [`${metric("cluster_dns_table_bytes", 'state="used"')}`, "zones of {{instance}}"],
          [metric("cluster_dns_cache_size_bytes"), "cache of {{instance}}"],
        ],
      },
      {
        title: "Lag of the main thread",
        description: "How late timers fire, 99 %.",
        unit: "s",
        queries: [
          [
            `histogram_quantile(0.99, sum by (instance, le) (${rate("cluster_dns_event_loop_lag_seconds_bucket")}))`,
            "{{instance}}",
          ],
        ],
      },
      {
        title: "Connections and files",
        description: "Open connections by transport, and open file descriptors.",
        unit: "short",
        queries: [
          [`sum by (transport) (${metric("cluster_dns_connections")})`, "{{transport}}"],
          [`sum by (instance) (${metric("process_open_fds")})`, "files of {{instance}}"],
        ],
      },
    ],
  },
];
