// The shape of a metric: its name, type, labels, what it means, and how its samples are read from a server's numbers.
// Names and labels follow Prometheus' conventions: seconds and bytes, counters end in `_total`.
import type { HistogramCopy } from "../std/histogram.ts";
import type { MetricsView } from "./metrics-view.ts";

/** A value, and the values of the metric's labels in their order. */
export type Sample<V> = readonly [value: V, ...labels: readonly string[]];

type Read<V> = (view: MetricsView) => Iterable<Sample<V>>;

interface MetricHead {
  readonly name: string;
  /** No label may have values that queries choose. */
  readonly labels: readonly string[];
  /** A sentence without its full stop, which docs/metrics.md shows too. */
  readonly help: string;
}

export interface NumberMetric extends MetricHead {
  readonly type: "counter" | "gauge";
  readonly read: Read<number>;
}

export interface HistogramMetric extends MetricHead {
  readonly type: "histogram";
  readonly read: Read<HistogramCopy>;
}

/** A row of the tables of metrics. */
export type Metric = NumberMetric | HistogramMetric;

export function counter(name: string, labels: readonly string[], help: string, read: Read<number>): Metric {
  return { name, type: "counter", labels, help, read };
}

export function gauge(name: string, labels: readonly string[], help: string, read: Read<number>): Metric {
  return { name, type: "gauge", labels, help, read };
}

export function histogram(name: string, labels: readonly string[], help: string, read: Read<HistogramCopy>): Metric {
  return { name, type: "histogram", labels, help, read };
}

/** The sample of a value; none where there is no value. */
export function sample(value: number | undefined, ...labels: readonly string[]): readonly Sample<number>[] {
  return value === undefined ? [] : [[value, ...labels]];
}
