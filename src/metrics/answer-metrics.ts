// Metrics of answers, by the address and transport that queries came to. Rows of the table in all-metrics.ts.
// Labels: `type` and `rcode` are of fixed tables, else `other`; `answered_by` is the part that has the answer.
import { counter, histogram } from "./metric.ts";
import type { Metric, Sample } from "./metric.ts";
import type { ListenerAnswers, MetricsView } from "./metrics-view.ts";

const LISTENER = ["server", "transport"] as const;

/** One sample for each listener. */
function each<V>(value: (answers: ListenerAnswers) => V): (view: MetricsView) => Iterable<Sample<V>> {
  return ({ answers }) => answers.map((listener): Sample<V> => [value(listener), listener.server, listener.transport]);
}

export const ANSWER_METRICS: readonly Metric[] = [
  counter(
    "cluster_dns_answers_total",
    [...LISTENER, "answered_by", "type", "rcode"],
    "Answers by the part of the server that has them (cluster, reverse, zone-file, hosts, special, cache, upstream " +
      "or none), by type of the question and by response code",
    ({ answers }) =>
      answers.flatMap(({ server, transport, answers: counts }) =>
        counts.map(({ answeredBy, type, rcode, count }): Sample<number> => [
          count,
          server,
          transport,
          answeredBy,
          type,
          rcode,
        ]),
      ),
  ),
  histogram(
    "cluster_dns_answer_duration_seconds",
    LISTENER,
    "Time from a query's receipt to its answer's leaving; for names of upstreams from the moment that the main " +
      "thread takes the query",
    each(({ latencies }) => latencies),
  ),
  histogram(
    "cluster_dns_query_size_bytes",
    LISTENER,
    "Size of queries that were answered",
    each(({ querySizes }) => querySizes),
  ),
  histogram(
    "cluster_dns_answer_size_bytes",
    LISTENER,
    "Size of answers",
    each(({ replySizes }) => replySizes),
  ),
  counter(
    "cluster_dns_truncated_answers_total",
    LISTENER,
    "Answers that lack records because these do not fit; the client asks again over TCP",
    each(({ truncated }) => truncated),
  ),
  counter(
    "cluster_dns_rate_limited_answers_total",
    LISTENER,
    "Answers that were cut because the client's network is over the rate of --rrl",
    each(({ limited }) => limited),
  ),
  counter(
    "cluster_dns_dnssec_queries_total",
    LISTENER,
    "Queries with the bit DO, which asks for DNSSEC records",
    each(({ dnssecOk }) => dnssecOk),
  ),
];
