// Rows of text in columns for a terminal, as kubectl prints them.
// What hides or disguises text is spelled out: cells may hold what others have written.
import { visible } from "../std/visible.ts";

/** The spaces between columns. */
const GAP = 3;

/** A line for each row; each column is as wide as its widest cell, and the last one has no spaces after it. */
export function formatTable(rows: readonly (readonly string[])[]): readonly string[] {
  const shown = rows.map((row) => row.map(visible));
  const widths = shown.reduce<number[]>((max, row) => row.map((cell, i) => Math.max(max[i] ?? 0, cell.length)), []);
  return shown.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]! + GAP))
      .join("")
      .trimEnd(),
  );
}
