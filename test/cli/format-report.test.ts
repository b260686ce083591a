import { describe, expect, test } from "vitest";
import { formatReport, formatReportAsJson, formatReportForGithub } from "../../src/cli/format-report.ts";
import type { ProblemReport } from "../../src/planes/check-cluster.ts";
import type { Problem } from "../../src/objects/problem.ts";

const PROBLEM: Problem = {
  code: "selector-no-pods",
  severity: "warning",
  message: "no pod has app=web",
  advice: "write labels that pods have",
  object: "Service shop/web",
  place: { file: "shop/web.yaml", line: 5, column: 13 },
};
const HINT: Problem = { code: "endpoints-deprecated", severity: "hint", message: "old", advice: "write new" };

function report(problems: readonly Problem[], simulated: readonly [string, number][] = []): ProblemReport {
  return {
    problems,
    ignored: 0,
    files: 2,
    dataFiles: 0,
    objects: 9,
    zones: 0,
    hostsLines: 0,
    simulatedPods: new Map(simulated),
    simulatedServices: new Map(),
  };
}

describe("text", () => {
  test.each<[title: string, report: ProblemReport, expected: string]>([
    ["no problems", report([]), "checked 2 files with 9 objects: 0 errors, 0 warnings, 0 hints\n"],
    [
      "zone files and hosts files",
      { ...report([]), zones: 1, hostsLines: 3 },
      "checked 2 files with 9 objects, 1 zone, 3 lines of hosts files: 0 errors, 0 warnings, 0 hints\n",
    ],
    [
      "data files",
      { ...report([]), dataFiles: 2 },
      "checked 2 files with 9 objects, skipped 2 data files: 0 errors, 0 warnings, 0 hints\n",
    ],
    [
      "silenced problems",
      { ...report([]), ignored: 2 },
      "checked 2 files with 9 objects: 0 errors, 0 warnings, 0 hints, 2 ignored\n",
    ],
    [
      "one of each",
      report([HINT, PROBLEM, { ...PROBLEM, severity: "error" }]),
      `hint: old [endpoints-deprecated]
    write new
shop/web.yaml:5:13: warning: Service shop/web: no pod has app=web [selector-no-pods]
    write labels that pods have
shop/web.yaml:5:13: error: Service shop/web: no pod has app=web [selector-no-pods]
    write labels that pods have
checked 2 files with 9 objects: 1 error, 1 warning, 1 hint
`,
    ],
    [
      "simulated pods",
      report(
        [],
        [
          ["Deployment shop/web", 3],
          ["StatefulSet shop/db", 1],
        ],
      ),
      `simulated 4 pods: Deployment shop/web 3, StatefulSet shop/db 1
checked 2 files with 9 objects: 0 errors, 0 warnings, 0 hints
`,
    ],
    [
      "many workloads",
      report(
        [],
        Array.from({ length: 10 }, (_, index) => [`Job shop/j${index}`, 1]),
      ),
      `simulated 10 pods: ${[0, 1, 2, 3, 4, 5, 6, 7].map((i) => `Job shop/j${i} 1`).join(", ")}, and 2 more workloads
checked 2 files with 9 objects: 0 errors, 0 warnings, 0 hints
`,
    ],
  ])("%s", (_, given, expected) => {
    expect(formatReport(given)).toBe(expected);
  });

  test("control characters are escaped", () => {
    const problem = {
      ...PROBLEM,
      message: "a\nb\u001b[2Jc\u202ed\u2028e\u0085",
      place: { file: "a\rb.yaml", line: 1, column: 1 },
    };
    expect(formatReport(report([problem])).split("\n")[0]).toBe(
      "a\\u{d}b.yaml:1:1: warning: Service shop/web: a\\u{a}b\\u{1b}[2Jc\\u{202e}d\\u{2028}e\\u{85} [selector-no-pods]",
    );
  });
});

describe("github", () => {
  test.each<[title: string, problem: Problem, expected: string]>([
    [
      "a warning",
      PROBLEM,
      "::warning file=shop/web.yaml,line=5,col=13,title=selector-no-pods::Service shop/web: no pod has app=web; write labels that pods have",
    ],
    ["a hint without a place", HINT, "::notice title=endpoints-deprecated::old; write new"],
    ["an error", { ...HINT, severity: "error" }, "::error title=endpoints-deprecated::old; write new"],
    [
      "characters with a meaning in workflow commands",
      { ...HINT, message: "100%\n::error::a,b", place: { file: "a,b:c%.yaml", line: 1, column: 2 } },
      "::notice file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=endpoints-deprecated::100%25\\u{a}::error::a,b; write new",
    ],
  ])("%s", (_, problem, expected) => {
    const lines = formatReportForGithub(report([problem])).split("\n");
    expect(lines[0]).toBe(expected);
    expect(lines[1]).toMatch(/^checked 2 files/);
  });
});

test("json", () => {
  expect(JSON.parse(formatReportAsJson(report([HINT, PROBLEM], [["Job shop/a", 2]])))).toEqual({
    problems: [
      { code: "endpoints-deprecated", severity: "hint", message: "old", advice: "write new" },
      {
        code: "selector-no-pods",
        severity: "warning",
        message: "no pod has app=web",
        advice: "write labels that pods have",
        object: "Service shop/web",
        file: "shop/web.yaml",
        line: 5,
        column: 13,
      },
    ],
    counts: {
      files: 2,
      dataFiles: 0,
      objects: 9,
      zones: 0,
      hostsLines: 0,
      errors: 0,
      warnings: 1,
      hints: 1,
      ignored: 0,
    },
    simulatedPods: { "Job shop/a": 2 },
    simulatedServices: {},
  });
});
