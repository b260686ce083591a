// A query of the live stream as a row. The browser puts new rows on top, and drops old ones.
// What a query says is not trusted: see markup.ts.
import { explainLink } from "../links.ts";
import type { TableSection } from "../live-section.ts";
import { markup } from "../markup.ts";
import type { QueryRow } from "../status-view.ts";

const MOODS: Readonly<Record<string, string>> = { NOERROR: "good", NXDOMAIN: "warn" };

/** `queries`: the newest first. `newest`: the number of the first one, from which the others follow. */
export function queriesSection(queries: readonly QueryRow[], newest: number, root: string): TableSection {
  return {
    name: "queries",
    columns: ["Name", "Type", "Answer", "Cause", "Client", "Took", "Time (UTC)"],
    rows: queries.map(({ atMs, client, pod, name, type, rcode, cause, durationUs }, i) => ({
      key: String(newest - i),
      cells: [
        hasNoRecords(rcode, cause) ? explainLink({ name, type, from: pod ?? client }, root) : name,
        type,
        markup`<span class="${MOODS[rcode] ?? "bad"}">${rcode}</span>`,
        cause,
        pod === undefined ? client : markup`${client} <span class="advice">${pod}</span>`,
        durationUs < 1_000 ? `${Math.round(durationUs)} µs` : `${(durationUs / 1_000).toFixed(1)} ms`,
        new Date(atMs).toISOString().slice(11, 23),
      ],
    })),
    empty: "No query is shown.",
  };
}

/** `no-type`: the name exists. */
function hasNoRecords(rcode: string, cause: string): boolean {
  return rcode !== "NOERROR" || cause === "no-type";
}
