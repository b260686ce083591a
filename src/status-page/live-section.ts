// A part of the page that changes while somebody looks: a list of items, each of which is one element with a key.
// Browsers get items anew only when their HTML has changed.
import { markup } from "./markup.ts";
import type { Content, Markup } from "./markup.ts";

/** One element; its attribute `data-key` is `key`, unique in the section. */
export interface Item {
  readonly key: string;
  readonly html: Markup;
}

/** The children of the element whose attribute `data-section` is `name`. */
export interface LiveSection {
  readonly name: string;
  readonly items: readonly Item[];
}

/** A section that is the body of a table. */
export interface TableSection {
  readonly name: string;
  readonly columns: readonly string[];
  /** A row has a cell for each column; the first one names the row. */
  readonly rows: readonly { readonly key: string; readonly cells: readonly Content[] }[];
  /** What is said where there are no rows. */
  readonly empty: string;
}

/** The rows of a table as items. */
export function liveTable({ name, columns, rows, empty }: TableSection): LiveSection {
  if (rows.length === 0) {
    const row = markup`<tr role="row" data-key="none"><td role="cell" colspan="${columns.length}">${empty}</td></tr>`;
    return { name, items: [{ key: "none", html: row }] };
  }
  return {
    name,
    items: rows.map(({ key, cells: [head, ...rest] }) => {
      const others = rest.map((cell, i) => markup`<td role="cell" data-label="${columns[i + 1]}">${cell}</td>`);
      const html = markup`<tr role="row" data-key="${key}"><th role="rowheader" scope="row">${head}</th>${others}</tr>`;
      return { key, html };
    }),
  };
}

/**
 * The table with what it shows at first. The roles are those that its elements have anyway: a narrow window shows them
 * as blocks, and browsers then forget the roles.
 */
export function tableMarkup(section: TableSection, labelId: string): Markup {
  const heads = section.columns.map((column) => markup`<th role="columnheader" scope="col">${column}</th>`);
  return markup`<table role="table" aria-labelledby="${labelId}">
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
${elementMarkup("tbody", liveTable(section), markup` role="rowgroup"`)}
</table>`;
}

/** The element of a section with what it shows at first. */
export function elementMarkup(element: "div" | "tbody", { name, items }: LiveSection, attributes?: Markup): Markup {
  const contents = items.map(({ html }) => html);
  if (element === "div") return markup`<div data-section="${name}"${attributes}>${contents}</div>`;
  return markup`<tbody data-section="${name}"${attributes}>${contents}</tbody>`;
}
