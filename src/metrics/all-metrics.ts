// The table of all metrics: a new one is a row in one of the tables beside this file.
// docs/metrics.md has the same rows, which a test compares.
import { ANSWER_METRICS } from "./answer-metrics.ts";
import { CONTROL_METRICS } from "./control-metrics.ts";
import { COREDNS_METRICS } from "./coredns-metrics.ts";
import { FORWARD_METRICS } from "./forward-metrics.ts";
import type { Metric } from "./metric.ts";
import { PROCESS_METRICS } from "./process-metrics.ts";
import { QUERY_LOG_METRICS } from "./query-log-metrics.ts";
import { TRANSPORT_METRICS } from "./transport-metrics.ts";

/** Whose names metrics have: `own`, or CoreDNS's beside these. */
export type MetricsNames = "own" | "coredns";

const OWN_METRICS: readonly Metric[] = [
  ...ANSWER_METRICS,
  ...TRANSPORT_METRICS,
  ...FORWARD_METRICS,
  ...QUERY_LOG_METRICS,
  ...CONTROL_METRICS,
  ...PROCESS_METRICS,
];

export function metricsOf(names: MetricsNames): readonly Metric[] {
  return names === "coredns" ? [...OWN_METRICS, ...COREDNS_METRICS] : OWN_METRICS;
}
