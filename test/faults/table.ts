// Makes the table of docs/reliability.md from rows that the fault list has written.
// `npm run faults -- --table ROWS`, then `node test/faults/table.ts ROWS`. Runs nothing itself.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "./fault.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = `${ROOT}docs/reliability.md`;
const [START, END] = ["<!-- results: made by test/faults/table.ts -->", "<!-- end of results -->"];

/** The rows of a file with a JSON object in each line. */
export function readRows(text: string): readonly Row[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Row);
}

/** The page's part: totals, a row for each fault, and what did not hold or was not done. */
export function formatTable(rows: readonly Row[]): string {
  const faults = [...new Map(rows.map((row) => [row.id, row.title]))].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const find = (id: string, server: string): Row | undefined =>
    // Of two rows, such as one that is not done, the one with a result.
    rows.filter((row) => row.id === id && row.server === server).toSorted(byResult)[0];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const table = faults.map(([id, title]) =>
    line([id, escape(title), ...cellsOf(find(id, "ours")), ...cellsOf(find(id, "coredns"))]),
  );
  const figures = ["W", "L", "T, ms", "R, MB"];
  return [
    formatTotals(rows),
    "",
    line(["id", "fault", "ours", ...figures, "CoreDNS", ...figures]),
    `| --- | --- |${" --- | ---: | ---: | ---: | ---: |".repeat(2)}`,
    ...table,
    "",
    ...rows.flatMap(formatReason),
  ].join("\n");
}

/** The page with other results. */
export function withTable(page: string, table: string): string {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`the page has no lines ${START} and ${END}`);
  return `${page.slice(0, start + START.length)}\n\n${table}\n\n${page.slice(end)}`;
}

function byResult(a: Row, b: Row): number {
  return Number(b.pass !== undefined) - Number(a.pass !== undefined);
}

function cellsOf(row: Row | undefined): readonly string[] {
  if (row === undefined) return ["", "", "", "", ""];
  if (row.pass === undefined) return ["not done", "", "", "", ""];
  const { pass, W = 0, L = 0, T, R } = row;
  return [pass ? "holds" : "**fails**", String(W), String(L), String(T ?? ""), R === undefined ? "" : signed(R.MB)];
}

function signed(value: number): string {
  return value < 0 ? `−${-value}` : `+${value}`;
}

function formatTotals(rows: readonly Row[]): string {
  const totals = [...new Set(rows.map(({ server }) => server))].map((server) => {
    const done = rows.filter((row) => row.server === server && row.pass !== undefined);
    const name = server === "ours" ? "This server" : "CoreDNS";
    return `${name} holds against ${done.filter(({ pass }) => pass).length} of ${done.length} faults.`;
  });
  return totals.join(" ");
}

/** What did not hold, or why it was not done. */
function formatReason({ id, server, pass, faults = [], note }: Row): readonly string[] {
  if (pass === true) return [];
  const who = server === "ours" ? "" : ", CoreDNS";
  const reason = pass === undefined ? (note ?? "") : faults.join("; ");
  return [`- ${id}${who}${pass === undefined ? ", not done" : ""}: ${escape(reason)}`];
}

/** Text that is no Markdown. */
function escape(text: string): string {
  return text.replaceAll(/[|<>*_[\]`]/g, "\\$&").replaceAll("\n", " ");
}

function main(files: readonly string[]): void {
  if (files.length === 0) throw new Error("Usage: node test/faults/table.ts ROWS...");
  const rows = files.flatMap((file) => readRows(readFileSync(file, "utf8")));
  writeFileSync(PAGE, withTable(readFileSync(PAGE, "utf8"), formatTable(rows)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
