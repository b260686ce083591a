// The rows of metrics: names, labels and help as Prometheus' conventions want them, and nothing that a query chooses.
import { describe, expect, test } from "vitest";
import { metricsOf } from "../../src/metrics/all-metrics.ts";
import { VIEW } from "../support/metrics-view.ts";

const METRICS = metricsOf("coredns");

test("each name is there once, and own names say whose they are", () => {
  expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length);
  for (const { name } of metricsOf("own")) expect(name).toMatch(/^(cluster_dns|process|nodejs)_[a-z_]+$/);
  for (const { name } of METRICS.slice(metricsOf("own").length)) expect(name).toMatch(/^coredns_[a-z_]+$/);
});

test.each(METRICS.map((metric) => [metric.name, metric] as const))("%s", (name, metric) => {
  expect(name.endsWith("_total")).toBe(metric.type === "counter");
  expect(metric.help).toMatch(/^[A-Z0-9].*[^.]$/);
  const samples = [...metric.read(VIEW)];
  for (const sample of samples) {
    expect(sample).toHaveLength(metric.labels.length + 1);
    expect(typeof sample[0]).toBe(metric.type === "histogram" ? "object" : "number");
  }
  const series = samples.map(([, ...labels]) => labels.join("\0"));
  expect(new Set(series).size).toBe(series.length);
});

describe("every number of the view", () => {
  /** The paths of all numbers, and what a path stands for where it has another number. */
  function* numbers(value: unknown, path: string): Generator<string> {
    if (typeof value === "number") yield path;
    else if (typeof value === "object" && value !== null && !("bounds" in value))
      for (const [key, part] of Object.entries(value)) yield* numbers(part, `${path}.${key}`);
    else if (typeof value === "object" && value !== null) yield `${path}.sum`;
  }

  function replaced(value: unknown, path: readonly string[]): unknown {
    const [key, ...rest] = path;
    if (key === undefined) return 987_654;
    const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
    (copy as Record<string, unknown>)[key] = replaced((value as Record<string, unknown>)[key], rest);
    return copy;
  }

  const shown = (view: unknown): string =>
    JSON.stringify(metricsOf("own").map(({ read }) => [...read(view as typeof VIEW)]));

  test.each([...numbers(VIEW, "")])("%s is in a metric", (path) => {
    expect(shown(replaced(VIEW, path.split(".").slice(1)))).not.toBe(shown(VIEW));
  });
});
