// The figures at the top of the page: is it ready, and what is wrong.
// A figure that calls for action has a mark and a word besides its colour.
import { countSeverities } from "../../objects/problem.ts";
import type { Item, LiveSection } from "../live-section.ts";
import { countOf, formatCount, markup } from "../markup.ts";
import type { Content } from "../markup.ts";
import type { StatusView } from "../status-view.ts";

export function summarySection(view: StatusView): LiveSection {
  const { ready, reasons } = view.readiness();
  const { total, unready } = view.serviceCounts();
  const { error, warning, hint } = countSeverities(view.problems());
  const upstreams = view.upstreams() ?? [];
  const down = upstreams.filter(({ state }) => state !== "up").length;
  const { points } = view.traffic();
  const items = [
    tile("ready", ready ? "good" : "bad", ready ? "Ready" : "Not ready", reasons.join("; ") || "all zones are served"),
    tile(
      "services",
      unready > 0 ? "warn" : "good",
      countOf(total, "service"),
      `${formatCount(unready)} without a ready endpoint`,
    ),
    tile(
      "problems",
      error > 0 ? "bad" : warning > 0 ? "warn" : "good",
      countOf(error + warning + hint, "problem"),
      `${countOf(error, "error")}, ${countOf(warning, "warning")}, ${countOf(hint, "hint")}`,
    ),
    ...(upstreams.length === 0
      ? []
      : [tile("upstreams", down > 0 ? "bad" : "good", countOf(upstreams.length, "upstream"), `${down} not up`)]),
    tile(
      "queries",
      "plain",
      `${formatCount(points.at(-1)?.perSecond ?? 0)} queries/s`,
      `${formatCount(view.traffic().total)} since the start`,
    ),
  ];
  return { name: "summary", items };
}

type Mood = "good" | "warn" | "bad" | "plain";
const MARKS: Readonly<Record<Mood, string>> = { good: "✓", warn: "!", bad: "✗", plain: "" };

function tile(key: string, mood: Mood, figure: Content, note: Content): Item {
  const mark = mood !== "plain" && markup`<span class="mark" aria-hidden="true">${MARKS[mood]}</span> `;
  return {
    key,
    html: markup`<p class="tile ${mood}" data-key="${key}"><strong>${mark}${figure}</strong> <span>${note}</span></p>`,
  };
}
