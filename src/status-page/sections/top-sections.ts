// The most asked names, the most asked names that do not exist, and the clients that ask most.
// A count may be too large by its error; the share is of the queries that were counted.
import type { TopList, TopLists } from "../../overview/top-lists.ts";
import { explainLink } from "../links.ts";
import type { TableSection } from "../live-section.ts";
import { formatCount, markup } from "../markup.ts";
import type { Content } from "../markup.ts";

export const TOP_SHOWN = 10;

export function topSections({ names, missing, clients }: TopLists, root: string): readonly TableSection[] {
  return [
    topSection("top-names", "Name", names),
    topSection("top-missing", "Name without an answer (NXDOMAIN)", missing, (name) => explainLink({ name }, root)),
    topSection("top-clients", "Client", clients),
  ];
}

function topSection(
  name: string,
  column: string,
  { keys, total }: TopList,
  show = (key: string): Content => key,
): TableSection {
  return {
    name,
    columns: [column, "Queries", "Share"],
    rows: keys.map(({ key, count, error }) => ({
      key,
      cells: [
        show(key),
        markup`${error > 0 && "≤ "}${formatCount(count)}`,
        `${((count / Math.max(1, total)) * 100).toFixed(1)}\u00a0%`,
      ],
    })),
    empty: "No queries were counted in the last minutes.",
  };
}
