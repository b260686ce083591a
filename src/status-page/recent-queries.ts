// The newest queries for one reader of the page, while it looks: more than it could read are counted and left out.
// Fixed in size.
import type { LiveSection } from "./live-section.ts";
import { liveTable } from "./live-section.ts";
import { formatCount, markup } from "./markup.ts";
import { queriesSection } from "./sections/query-section.ts";
import type { QueryRow, StatusView } from "./status-view.ts";

/** They are shown by the first page alone. */
const ROOT = "";
const KEPT_MAX = 100;
/** Of the queries between two readings. */
const NEW_MAX = 25;

export class RecentQueries {
  /** The newest first. */
  #rows: readonly QueryRow[] = [];
  #new: QueryRow[] = [];
  /** The number of all rows that were shown. */
  #shown = 0;
  #leftOut = 0;
  readonly close: () => void;

  constructor(view: StatusView) {
    this.close = view.watchQueries((query) => {
      if (this.#new.length < NEW_MAX) this.#new.push(query);
      else this.#leftOut++;
    });
  }

  /** The queries as they are now: those that came since the last call are new. */
  sections(): readonly LiveSection[] {
    this.#rows = [...this.#new.toReversed(), ...this.#rows].slice(0, KEPT_MAX);
    this.#shown += this.#new.length;
    this.#new = [];
    const counts = `${formatCount(this.#shown)} shown, ${formatCount(this.#leftOut)} left out`;
    const note = markup`<span data-key="note">${counts}</span>`;
    return [
      liveTable(queriesSection(this.#rows, this.#shown, ROOT)),
      { name: "queries-note", items: [{ key: "note", html: note }] },
    ];
  }
}
