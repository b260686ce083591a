import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { formatReportAsJunit } from "../../src/cli/junit.ts";
import { whyNot } from "../support/optional-programs.ts";
import { PROBLEM, reportOf } from "./report.ts";

const ERROR = { ...PROBLEM, code: "invalid-field", severity: "error" } as const;
const HINT = { ...PROBLEM, severity: "hint" } as const;
/** What would end an attribute, an element or a document. */
const HOSTILE = {
  ...ERROR,
  message: `]]>&"'<a b="c">\u0000\u001b[2J\ud800\ufffe\uffff\r\n</failure>`,
  object: 'Service "a"/<b>&',
  advice: "<!-- & -->",
  place: { file: 'a"<&>\u0007.yaml', line: 1, column: 1 },
};

test("a passing test alone, when there are no problems", () => {
  expect(formatReportAsJunit(reportOf(), false)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="cluster-dns check" tests="1" failures="0" skipped="0" errors="0">
    <testcase classname="cluster-dns check" name="summary"><system-out>\
checked 1 file with 1 object: 0 errors, 0 warnings, 0 hints</system-out></testcase>
  </testsuite>
</testsuites>
`);
});

test("a suite for each file, a test for each problem", () => {
  const other = { ...ERROR, place: { file: "b.yaml", line: 2, column: 3 } };
  const xml = formatReportAsJunit(reportOf(PROBLEM, ERROR, other), false);
  expect(xml).toContain(`  <testsuite name="shop/web.yaml" tests="2" failures="1" skipped="1" errors="0">
    <testcase classname="shop/web.yaml" name="selector-no-pods Service shop/web" file="shop/web.yaml" line="5">
      <skipped message="shop/web.yaml:5:13: warning: Service shop/web: no pod has app=web; write labels"/>
    </testcase>
    <testcase classname="shop/web.yaml" name="invalid-field Service shop/web" file="shop/web.yaml" line="5">
      <failure type="error" message="Service shop/web: no pod has app=web">\
shop/web.yaml:5:13: error: Service shop/web: no pod has app=web; write labels</failure>
    </testcase>
  </testsuite>
  <testsuite name="b.yaml" tests="1" failures="1" skipped="0" errors="0">
`);
});

test.each([
  ["errors", ERROR, false, 1],
  ["warnings", PROBLEM, false, 0],
  ["warnings, strictly", PROBLEM, true, 1],
  ["hints, strictly", HINT, true, 0],
] as const)("%s", (_, problem, isStrict, failures) => {
  expect(formatReportAsJunit(reportOf(problem), isStrict).match(/<failure /g) ?? []).toHaveLength(failures);
});

test("a problem without a place", () => {
  const { place: _, ...placeless } = ERROR;
  const xml = formatReportAsJunit(reportOf(placeless), false);
  expect(xml).toContain('<testcase classname="cluster-dns check" name="invalid-field Service shop/web">');
});

test("an XML parser reads back what was written", ({ skip }) => {
  const missing = whyNot("xmllint");
  if (missing !== undefined) skip(missing);
  const xpath = "string(//failure/@message)";
  const input = formatReportAsJunit(reportOf(HOSTILE), true);
  const ran = spawnSync("xmllint", ["--xpath", xpath, "-"], { input, encoding: "utf8" });
  expect({ stderr: ran.stderr, status: ran.status }).toEqual({ stderr: "", status: 0 });
  expect(ran.stdout.trim()).toBe(
    `Service "a"/<b>&: ]]>&"'<a b="c">\\u{0}\\u{1b}[2J\ufffd\\u{fffe}\\u{ffff}\\u{d}\\u{a}</failure>`,
  );
});
