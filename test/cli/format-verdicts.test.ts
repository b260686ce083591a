// Reports of expectations, read back by those who read such reports.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  formatVerdicts,
  formatVerdictsAsJunit,
  formatVerdictsAsTap,
  formatVerdictsForGithub,
} from "../../src/cli/format-verdicts.ts";
import type { Verdict } from "../../src/expect/expectation.ts";
import { expectation, outcome } from "../expect/outcomes.ts";
import { whyNot } from "../support/optional-programs.ts";

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-verdicts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HOLDS: Verdict = {
  expectation: expectation({ answer: ["10.0.0.1"] }),
  mismatches: [],
  outcome: outcome("NOERROR"),
};
const FAILS: Verdict = {
  expectation: expectation({ name: "wed", from: "shop", place: { file: "dns.yaml", line: 7, column: 5 } }),
  mismatches: [
    { key: "answer", expected: "10.0.0.1", got: "NXDOMAIN" },
    { key: "count", expected: "1 record", got: "NXDOMAIN" },
  ],
  outcome: outcome("NXDOMAIN", [], { name: "wed.shop.svc.cluster.local." }),
  why: { code: "no-service", text: "no service wed in namespace shop; nearest: web", details: ["hint: a, b: c"] },
};
const UNASKED: Verdict = {
  expectation: expectation({ name: "example.com", type: 28 }),
  mismatches: [{ expected: "AAAA records", got: "nothing: outside" }],
  outcome: outcome("unasked", [], { name: "example.com.", fault: "outside" }),
};
/** What would end a line, an element, a command or a comment. */
const HOSTILE: Verdict = {
  ...FAILS,
  expectation: expectation({ name: "a#b\\\u001b[2J%::\n", place: { file: 'a,:"<&>.yaml', line: 1, column: 1 } }),
  mismatches: [{ key: "reason", expected: "]]>&\"'<a>\u0007\r\n...", got: "%0A::error::x\n::stop" }],
};
const report = (...verdicts: readonly Verdict[]) => ({ verdicts, isUpdating: false });

test("text: expected, got, why; then a summary", () => {
  expect(formatVerdicts(report(HOLDS, FAILS, UNASKED))).toBe(`dns.yaml:7:5: wed A from shop: failed
    expected  answer 10.0.0.1
    expected  count 1 record
    got       NXDOMAIN (wed.shop.svc.cluster.local.)
    why       no service wed in namespace shop; nearest: web
              hint: a, b: c
dns.yaml:2:5: example.com AAAA: failed
    expected  AAAA records
    got       nothing: outside
3 expectations: 1 passed, 2 failed
`);
});

test("text of an update: what got no reply still fails", () => {
  const text = formatVerdicts({ verdicts: [HOLDS, FAILS, UNASKED], isUpdating: true });
  expect(text).toMatch(/^dns\.yaml:7:5: wed A from shop: updated\n/);
  expect(text).toMatch(/^dns\.yaml:2:5: example\.com AAAA: failed\n/m);
  expect(text).toMatch(/\n3 expectations: 1 passed, 1 updated, 1 failed\n$/);
});

test("commands of a workflow", () => {
  expect(formatVerdictsForGithub(report(HOLDS, FAILS))).toBe(
    "::error file=dns.yaml,line=7,col=5,title=dns expectation::wed A from shop: expected answer 10.0.0.1; " +
      "expected count 1 record; got NXDOMAIN (wed.shop.svc.cluster.local.); " +
      "why no service wed in namespace shop; nearest: web; hint: a, b: c\n2 expectations: 1 passed, 1 failed\n",
  );
  expect(formatVerdictsForGithub({ verdicts: [FAILS, UNASKED], isUpdating: true })).toMatch(/^::notice .*\n::error /);
  const hostile = formatVerdictsForGithub(report(HOSTILE)).split("\n");
  expect(hostile).toHaveLength(3);
  expect(hostile[0]).toMatch(/^::error file=a%2C%3A"<&>\.yaml,line=1,col=1,title=dns expectation::a#b/);
  expect(hostile[0]).toContain("%250A::error::x\\u{a}::stop");
});

describe("TAP", () => {
  test("a line for each, a YAML block for those that fail", () => {
    const tap = formatVerdictsAsTap(report(HOLDS, FAILS));
    const [, block = ""] = /^ {2}---\n(.*)^ {2}\.\.\.$/ms.exec(tap) ?? [];
    expect(tap.replace(block, "")).toBe(
      "TAP version 13\n1..2\nok 1 - web A\nnot ok 2 - wed A from shop\n  ---\n  ...\n",
    );
    expect(parse(block)).toEqual({
      at: { file: "dns.yaml", line: 7, column: 5 },
      expected: ["answer: 10.0.0.1", "count: 1 record"],
      got: ["NXDOMAIN"],
      why: ["no service wed in namespace shop; nearest: web", "hint: a, b: c"],
    });
  });

  test.for([
    ["all hold", [HOLDS, HOLDS], /^All tests successful\.$/m],
    ["one fails", [HOLDS, FAILS, UNASKED, HOLDS], /Failed tests: {2}2-3$/m],
    ["hostile names", [HOSTILE, HOLDS], /Failed test: {2}1$/m],
    ["none", [], /^Result: NOTESTS$/m],
  ] as const)("prove reads it: %s", ([, verdicts, output], { skip }) => {
    const missing = whyNot("prove");
    if (missing !== undefined) skip(missing);
    const path = join(folder, "report.tap");
    writeFileSync(path, formatVerdictsAsTap(report(...verdicts)));
    const ran = spawnSync("prove", ["--exec", "cat", path], { encoding: "utf8" });
    expect(ran.stdout).toMatch(output);
    expect(ran.stdout).not.toContain("Parse errors");
  });
});

describe("JUnit", () => {
  test("a suite for each file", () => {
    expect(formatVerdictsAsJunit(report(HOLDS, FAILS))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="dns.yaml" tests="2" failures="1" skipped="0" errors="0">
    <testcase classname="cluster-dns expect" name="web A" file="dns.yaml" line="2"/>
    <testcase classname="cluster-dns expect" name="wed A from shop" file="dns.yaml" line="7">
      <failure type="expectation" message="expected answer 10.0.0.1; expected count 1 record; \
got NXDOMAIN (wed.shop.svc.cluster.local.); why no service wed in namespace shop; nearest: web; hint: a, b: c">\
dns.yaml:7:5
expected answer 10.0.0.1
expected count 1 record
got NXDOMAIN (wed.shop.svc.cluster.local.)
why no service wed in namespace shop; nearest: web
hint: a, b: c</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  test("an XML parser reads it back", ({ skip }) => {
    const missing = whyNot("xmllint");
    if (missing !== undefined) skip(missing);
    const input = formatVerdictsAsJunit(report(HOSTILE, HOLDS));
    const xpath = "concat(count(//testcase), ' ', //testsuite/@failures, ' ', //testcase[failure]/@name)";
    const ran = spawnSync("xmllint", ["--xpath", xpath, "-"], { input, encoding: "utf8" });
    expect({ stderr: ran.stderr, stdout: ran.stdout.trim() }).toEqual({
      stderr: "",
      stdout: "2 1 a#b\\\\u{1b}[2J%::\\u{a} A",
    });
  });
});
