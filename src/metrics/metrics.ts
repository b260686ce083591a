// The text of /metrics: reads a server's numbers once, and writes the metrics with pauses, so that a scrape holds up
// the main thread for half a millisecond at a time. The only file that imports the client of Prometheus, which writes
// the formats. Keeps nothing between scrapes.
import { setImmediate as untilNextTurn } from "node:timers/promises";
import { Gauge, Registry } from "@prometheus-io/client";
import type { HistogramCopy } from "../std/histogram.ts";
import { metricsOf } from "./all-metrics.ts";
import type { MetricsNames } from "./all-metrics.ts";
import { chooseFormat } from "./exposition-format.ts";
import type { ExpositionFormat } from "./exposition-format.ts";
import type { Metric } from "./metric.ts";
import type { MetricsView } from "./metrics-view.ts";

const CONTENT_TYPES = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
} as const;

/** The time that a scrape takes from the main thread before other work gets a turn. */
const SLICE_MS = 0.5;

interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

type Labels = Record<string, string | number>;

/** A value of a metric for the client; `metricName` and `sharedLabels`: those of a part of a histogram. */
interface Value {
  readonly value: number;
  readonly labels: Labels;
  readonly metricName?: string;
  readonly sharedLabels?: Labels;
}

export class Metrics {
  readonly #rows: readonly Metric[];
  readonly #read: () => MetricsView;
  readonly #underWay = new Map<ExpositionFormat, Promise<Exposition>>();

  /** `read`: the server's numbers now. */
  constructor(names: MetricsNames, read: () => MetricsView) {
    this.#rows = metricsOf(names);
    this.#read = read;
  }

  /** The metrics now, in the format that `accept`, the header of the request, prefers. Scrapes at once share one. */
  render(accept: string | undefined): Promise<Exposition> {
    const format = chooseFormat(accept);
    const underWay = this.#underWay.get(format);
    if (underWay !== undefined) return underWay;
    const rendered = this.#render(format).finally(() => this.#underWay.delete(format));
    this.#underWay.set(format, rendered);
    return rendered;
  }

  async #render(format: ExpositionFormat): Promise<Exposition> {
    const registry = new Registry(CONTENT_TYPES[format]);
    const view = this.#read();
    let sliceEndMs = performance.now() + SLICE_MS;
    const pause = async (): Promise<void> => {
      if (performance.now() < sliceEndMs) return;
      await untilNextTurn();
      sliceEndMs = performance.now() + SLICE_MS;
    };
    let turn = Promise.resolve();
    for (const row of this.#rows) {
      turn = turn.then(pause);
      new ScrapedMetric(row, view, format, turn, registry);
    }
    return { contentType: registry.contentType, body: await registry.metrics() };
  }
}

/** A metric whose values are read when its turn comes. Only its base class lets the client take any type of metric. */
class ScrapedMetric extends Gauge<string> {
  readonly #row: Metric;
  readonly #view: MetricsView;
  readonly #name: string;
  readonly #turn: Promise<void>;

  constructor(row: Metric, view: MetricsView, format: ExpositionFormat, turn: Promise<void>, registry: Registry) {
    super({ name: row.name, help: row.help, labelNames: row.labels, registers: [registry] });
    this.#row = row;
    this.#view = view;
    // In OpenMetrics the suffix belongs to the sample, and the client adds it.
    const hasSuffix = format === "openmetrics" && row.type === "counter";
    this.#name = hasSuffix ? row.name.replace(/_total$/, "") : row.name;
    this.#turn = turn;
  }

  override async get(): ReturnType<Gauge<string>["get"]> {
    await this.#turn;
    const { type, help } = this.#row;
    const values = [...valuesOf(this.#row, this.#view)];
    return { name: this.#name, help, type, values, aggregator: "first", collect: () => undefined };
  }
}

function* valuesOf(row: Metric, view: MetricsView): Generator<Value> {
  if (row.type === "histogram") {
    for (const [histogram, ...labels] of row.read(view)) yield* histogramValues(row, histogram, labels);
  } else {
    for (const [value, ...labels] of row.read(view)) yield { value, labels: withNames(row, labels) };
  }
}

function* histogramValues(
  row: Metric,
  { bounds, counts, sum }: HistogramCopy,
  labels: readonly string[],
): Generator<Value> {
  // The client writes shared labels once for all parts.
  const sharedLabels = withNames(row, labels);
  let count = 0;
  for (const [i, more] of counts.entries()) {
    count += more;
    yield { metricName: `${row.name}_bucket`, labels: { le: bounds[i] ?? "+Inf" }, sharedLabels, value: count };
  }
  yield { metricName: `${row.name}_sum`, labels: {}, sharedLabels, value: sum };
  yield { metricName: `${row.name}_count`, labels: {}, sharedLabels, value: count };
}

function withNames({ labels }: Metric, values: readonly string[]): Labels {
  return Object.fromEntries(labels.map((name, i) => [name, values[i]!]));
}
