// The tables of docs/metrics.md, made of the rows of all metrics.
// A test compares the page with them.
import { metricsOf } from "./all-metrics.ts";
import type { Metric } from "./metric.ts";

/** A Markdown table of the metrics of the server's own names. */
export function formatOwnTable(): string {
  return formatTable(metricsOf("own"));
}

/** A Markdown table of those that have CoreDNS's names. */
export function formatCorednsTable(): string {
  const own = new Set(metricsOf("own"));
  return formatTable(metricsOf("coredns").filter((metric) => !own.has(metric)));
}

function formatTable(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ name, type, labels, help }) => {
    const names = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${names} | ${help} |`;
  });
  return ["| metric | type | labels | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
