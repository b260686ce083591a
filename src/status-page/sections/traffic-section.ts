// Queries a second, response codes and latency as charts, with the same figures in words.
// The figures are sampled once a second in overview/traffic-history.ts.
import { formatMicroseconds, POINTS_MAX } from "../../overview/traffic-history.ts";
import type { TrafficPoint } from "../../overview/traffic-history.ts";
import { barChart, stackedChart } from "../charts.ts";
import type { Item, LiveSection } from "../live-section.ts";
import { formatCount, markup } from "../markup.ts";
import type { Content, Markup } from "../markup.ts";
import type { Traffic } from "../status-view.ts";

/** Response codes that have a colour of their own; all others share one. */
const RCODES = ["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"] as const;

export function trafficSection({ points, latency }: Traffic): LiveSection {
  const last = points.at(-1);
  const rates = points.map(({ perSecond }) => perSecond);
  const most = Math.max(0, ...rates);
  const { classes, medianUs, p99Us } = latency;
  const before = classes.at(-2)?.maxUs ?? 0;
  const quantiles =
    medianUs === undefined ? "no answers" : `half ${formatUs(medianUs, before)}, 99 % ${formatUs(p99Us!, before)}`;
  const rcodes = rcodeRates(last).map(({ name, rate }) => {
    const text = `${name} ${formatRate(rate)}`;
    return markup`<span class="part legend layer-${name.toLowerCase()}">${text}</span> `;
  });
  return {
    name: "traffic",
    items: [
      figure("rate", "Queries a second", {
        words: `${formatRate(last?.perSecond ?? 0)} now, at most ${formatRate(most)}`,
        chart: stackedChart("Queries a second, the last two minutes", [{ name: "all", values: rates }], POINTS_MAX),
        axis: TIME,
      }),
      figure("rcodes", "Response codes a second", {
        words: rcodes,
        chart: stackedChart("Response codes, the last two minutes", rcodeLayers(points), POINTS_MAX),
        axis: TIME,
      }),
      figure("latency", "Time in this server, the last minute", {
        words: quantiles,
        chart: barChart(
          `Answers by latency: ${quantiles}`,
          classes.map(({ count }) => count),
        ),
        axis: classes.length < 2 ? ["", ""] : [formatUs(classes[0]!.maxUs, before), formatUs(Infinity, before)],
      }),
    ],
  };
}

/** The ends of an axis. */
type Axis = readonly [from: string, to: string];
const TIME: Axis = ["2 minutes ago", "now"];

function figure(
  key: string,
  title: string,
  { words, chart, axis: [from, to] }: { readonly words: Content; readonly chart: Markup; readonly axis: Axis },
): Item {
  const html = markup`<figure data-key="${key}"><figcaption><strong>${title}</strong> ${words}</figcaption>
    ${chart}
    <div class="axis" aria-hidden="true"><span>${from}</span><span>${to}</span></div></figure>`;
  return { key, html };
}

function rcodeLayers(points: readonly TrafficPoint[]): readonly { name: string; values: readonly number[] }[] {
  const byPoint = points.map(rcodeRates);
  const layers = [...RCODES, "other"].map((name, i) => ({
    name: name.toLowerCase(),
    values: byPoint.map((rates) => rates[i]!.rate),
  }));
  return layers.filter(({ values }) => values.some((rate) => rate > 0));
}

function rcodeRates(point: TrafficPoint | undefined): readonly { readonly name: string; readonly rate: number }[] {
  const known = RCODES.map((name) => ({ name, rate: point?.byRcode[name] ?? 0 }));
  const rest = (point?.perSecond ?? 0) - known.reduce((sum, { rate }) => sum + rate, 0);
  return [...known, { name: "other", rate: Math.max(0, rest) }];
}

function formatRate(rate: number): string {
  return rate > 0 && rate < 10 ? rate.toFixed(1) : formatCount(rate);
}

/** `≤ 20 µs`; of the last class, `> 5 ms`, which is the bound of the one before. */
function formatUs(us: number, before: number): string {
  return us === Infinity ? `> ${formatMicroseconds(before)}` : `≤ ${formatMicroseconds(us)}`;
}
