// The table of results: what is read from a report, and that the page has a row for each check.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ROOT } from "../support/process.ts";
import { CHECKS } from "./catalog.ts";
import { formatResults, parseResults, readColumn, withResults, type Verdict } from "./table.ts";

const ids = Object.keys(CHECKS);
const passed = ids.map((id) => ({ title: `${id} what it asks`, status: "passed" }));

describe("a report", () => {
  test.each<[what: string, more: readonly { title: string; status: string; meta?: object }[], wanted: Verdict]>([
    ["passes where nothing fails", [], "pass"],
    ["fails where one way fails", [{ title: "A01 another way", status: "failed" }], "fail"],
    ["fails where a server did not start", [{ title: "A01 another way", status: "skipped" }], "fail"],
    ["passes where the rest is n/a", [{ title: "A01 x", status: "skipped", meta: { notApplicable: "x" } }], "pass"],
  ])("%s", (_, more, wanted) => {
    const column = readColumn({ testResults: [{ assertionResults: passed }, { assertionResults: more }] });
    expect(column.get("A01")).toBe(wanted);
    expect(column.get("B01")).toBe("pass");
  });

  test("is refused where a check is missing", () => {
    expect(() => readColumn({ testResults: [{ assertionResults: passed.slice(1) }] })).toThrow("not run: A01");
  });
});

test("results are read back from the page as they were written", () => {
  const verdicts: readonly Verdict[] = ["pass", "fail", "n/a"];
  const columns = new Map([["ours", new Map(ids.map((id, n) => [id, verdicts[n % 3]!]))]]);
  const page =
    "# Page\n<!-- results: made by test/conformance/table.ts -->\nold results\n<!-- end of results -->\nrest\n";
  const made = withResults(page, formatResults(columns));
  expect(parseResults(made)).toEqual(columns);
  expect(made).not.toContain("old results");
  expect(made).toMatch(/rest\n$/);
});

test("the page has a row for each check, and ours in all of them", () => {
  const ours = parseResults(readFileSync(`${ROOT}docs/conformance.md`, "utf8")).get("ours");
  expect([...(ours?.keys() ?? [])]).toEqual(ids);
});
