// The tables of docs/metrics.md are those of the rows.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatCorednsTable, formatOwnTable } from "../../src/metrics/metrics-table.ts";
import { ROOT } from "../support/process.ts";

test.each([
  ["own metrics", formatOwnTable],
  ["CoreDNS's metrics", formatCorednsTable],
])("docs/metrics.md shows the table of %s", (what, format) => {
  const page = readFileSync(`${ROOT}docs/metrics.md`, "utf8");
  const start = `<!-- ${what} -->\n\n`;
  const shown = page.slice(page.indexOf(start) + start.length, page.indexOf(`\n\n<!-- end of ${what} -->`));
  expect(shown).toBe(format());
});
