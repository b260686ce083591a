// Metrics of the records of answered queries, which the query log and dnstap are made of. Rows of the table in
// all-metrics.ts.
import { counter } from "./metric.ts";
import type { Metric, Sample } from "./metric.ts";

export const QUERY_LOG_METRICS: readonly Metric[] = [
  counter(
    "cluster_dns_query_records_total",
    [],
    "Answered queries that were recorded, for the query log and dnstap; none while nobody wants them",
    ({ queryRecords }) => [[queryRecords.read]],
  ),
  counter(
    "cluster_dns_query_records_lost_total",
    ["where"],
    "Records that are missing, and where they were lost: ring (they came too fast), log or dnstap (no place for them)",
    ({ queryRecords: { lost } }): readonly Sample<number>[] => [
      [lost.ring, "ring"],
      [lost.log, "log"],
      [lost.dnstap, "dnstap"],
    ],
  ),
];
