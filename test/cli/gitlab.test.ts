import { resolve } from "node:path";
import { expect, test } from "vitest";
import { formatReportForGitlab } from "../../src/cli/gitlab.ts";
import type { Problem } from "../../src/objects/problem.ts";
import { PROBLEM, reportOf } from "./report.ts";

interface Issue {
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

function issuesOf(...problems: readonly Problem[]): readonly Issue[] {
  return JSON.parse(formatReportForGitlab(reportOf(...problems))) as readonly Issue[];
}

const fingerprints = (...problems: readonly Problem[]): string[] =>
  issuesOf(...problems).map(({ fingerprint }) => fingerprint);

const moved = (line: number): Problem => ({ ...PROBLEM, place: { file: "shop/web.yaml", line, column: 1 } });

test("no problems are an empty list", () => {
  expect(formatReportForGitlab(reportOf())).toBe("[]\n");
});

test("an issue has the fields of the report format", () => {
  expect(issuesOf(PROBLEM)).toEqual([
    {
      description: "Service shop/web: no pod has app=web; write labels",
      check_name: "selector-no-pods",
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      severity: "minor",
      location: { path: "shop/web.yaml", lines: { begin: 5 } },
    },
  ]);
  expect(issuesOf({ ...PROBLEM, severity: "error" })[0]!.severity).toBe("major");
  expect(issuesOf({ ...PROBLEM, severity: "hint" })[0]!.severity).toBe("info");
});

test("the fingerprint stays when lines move, and differs otherwise", () => {
  expect(fingerprints(moved(9))).toEqual(fingerprints(PROBLEM));
  const others = [
    { ...PROBLEM, code: "invalid-field" },
    { ...PROBLEM, message: "no pod has app=cart" },
    { ...PROBLEM, object: "Service shop/cart" },
    { ...PROBLEM, place: { file: "shop/cart.yaml", line: 5, column: 13 } },
  ];
  expect(new Set([PROBLEM, ...others].flatMap((problem) => fingerprints(problem))).size).toBe(5);
});

test("the fingerprints of equal problems differ, because GitLab shows one issue of each", () => {
  expect(new Set(fingerprints(PROBLEM, moved(9))).size).toBe(2);
  expect(fingerprints(PROBLEM, moved(9))[0]).toBe(fingerprints(PROBLEM)[0]);
});

test("rendered text that moves keeps the fingerprint", () => {
  const rendered = (line: number): Problem => ({ ...PROBLEM, rendered: { file: "-", line, column: 1 } });
  expect(fingerprints(rendered(7))).toEqual(fingerprints(rendered(70)));
});

test.each([
  ["./shop/../web.yaml", "web.yaml"],
  [resolve("shop/web.yaml"), "shop/web.yaml"],
  ["-", "-"],
])("the path of %j is %j", (file, path) => {
  expect(issuesOf({ ...PROBLEM, place: { file, line: 3, column: 1 } })[0]!.location.path).toBe(path);
});

test("a problem without a place is on the repository", () => {
  const { place: _, ...placeless } = PROBLEM;
  expect(issuesOf(placeless)[0]!.location).toEqual({ path: ".", lines: { begin: 1 } });
});
