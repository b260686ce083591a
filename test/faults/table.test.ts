// The table of results: what becomes of rows, and where on the page it stands.
import { expect, test } from "vitest";
import type { Row } from "./fault.ts";
import { formatTable, readRows, withTable } from "./table.ts";

const ROWS: readonly Row[] = [
  { id: "X18", server: "ours", title: "silent", pass: true, W: 0, L: 0, T: 1006, R: { MB: 1.5, fds: 0 } },
  { id: "X18", server: "coredns", title: "silent", pass: false, W: 0, L: 165, T: 2003, faults: ["165 lost"] },
  { id: "X17", server: "ours", title: "`a|b`", pass: true, W: 0, L: 0, R: { MB: -1, fds: 0 } },
  { id: "X43", server: "ours", title: "later", note: "needs a source" },
];

test("a row for each fault, and a line for each that does not hold", () => {
  expect(formatTable(ROWS).split("\n")).toEqual([
    "This server holds against 2 of 2 faults. CoreDNS holds against 0 of 1 faults.",
    "",
    "| id | fault | ours | W | L | T, ms | R, MB | CoreDNS | W | L | T, ms | R, MB |",
    "| --- | --- | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: |",
    "| X17 | \\`a\\|b\\` | holds | 0 | 0 |  | −1 |  |  |  |  |  |",
    "| X18 | silent | holds | 0 | 0 | 1006 | +1.5 | **fails** | 0 | 165 | 2003 |  |",
    "| X43 | later | not done |  |  |  |  |  |  |  |  |  |",
    "",
    "- X18, CoreDNS: 165 lost",
    "- X43, not done: needs a source",
  ]);
});

test("rows are read from lines, and other lines are not", () => {
  const text = `${ROWS.map((row) => JSON.stringify(row)).join("\n")}\n2 passed, 0 failed, 1 skipped\n`;
  expect(readRows(text)).toEqual(ROWS);
});

test("the page's part is replaced, and nothing else", () => {
  const page = "# A\n<!-- results: made by test/faults/table.ts -->\nold\n<!-- end of results -->\nrest\n";
  const made = withTable(page, "new");
  expect(made).toBe("# A\n<!-- results: made by test/faults/table.ts -->\n\nnew\n\n<!-- end of results -->\nrest\n");
  expect(() => withTable("# A\n", "new")).toThrow("the page has no lines");
});
