// Where the objects come from and how current they are, the zones that are made of them, and the upstreams for all
// other names.
import type { SourceState, ZoneState } from "../../admin/admin-view.ts";
import type { TableSection } from "../live-section.ts";
import { formatCount, markup } from "../markup.ts";
import type { Markup } from "../markup.ts";
import type { StatusView, UpstreamRow } from "../status-view.ts";

/** `good`, `warn` or `bad` for each state of a source or an upstream. */
const MOODS: Readonly<Record<SourceState["state"] | UpstreamRow["state"], string>> = {
  synced: "good",
  syncing: "warn",
  stale: "bad",
  up: "good",
  down: "warn",
  dead: "bad",
};

export function sourcesSection(view: StatusView): TableSection {
  return {
    name: "sources",
    columns: ["Source", "State", "Out of reach for"],
    rows: view.readiness().sources.map(({ id, state, ageSeconds, reason }) => ({
      key: id,
      cells: [
        markup`${id} <span class="advice">${formatDetails(view.sourceDetails(id))}</span>`,
        markup`${stateMark(state)}${reason !== undefined && markup` <span class="advice">${reason}</span>`}`,
        ageSeconds === undefined ? "–" : formatSeconds(ageSeconds),
      ],
    })),
    empty: "There are no sources.",
  };
}

export function zonesSection(zones: readonly ZoneState[]): TableSection {
  return {
    name: "zones",
    columns: ["Zone", "State", "Serial"],
    rows: zones.map(({ name, ready, serial }) => ({
      key: name,
      cells: [
        name,
        markup`<span class="${ready ? "good" : "bad"}">${ready ? "ready" : "not ready"}</span>`,
        String(serial),
      ],
    })),
    empty: "There are no zones.",
  };
}

export function upstreamsSection(upstreams: readonly UpstreamRow[] | undefined): TableSection {
  return {
    name: "upstreams",
    columns: ["Upstream", "State", "Round trip", "Queries", "Failed"],
    rows: (upstreams ?? []).map(({ domain, upstream, state, rttMs, queries, failed }) => ({
      key: `${domain} ${upstream}`,
      cells: [
        domain === "." ? upstream : markup`${upstream} <span class="advice">only for ${domain}</span>`,
        stateMark(state),
        rttMs === 0 ? "–" : `${rttMs < 10 ? rttMs.toFixed(1) : Math.round(rttMs)} ms`,
        formatCount(queries),
        formatCount(failed),
      ],
    })),
    empty: "Names outside the zones of this server are refused: it has no upstreams.",
  };
}

/** `files 18, objects 46`; an object is left out, because it can be long. */
function formatDetails(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .filter(([, value]) => typeof value !== "object" || Array.isArray(value))
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}

function stateMark(state: keyof typeof MOODS): Markup {
  return markup`<span class="${MOODS[state]}">${state}</span>`;
}

function formatSeconds(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
