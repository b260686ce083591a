// The report of `cluster-dns check` as JUnit XML, which CI systems show as tests: a suite for each file with problems
// and a test for each problem. A test that passes has the summary: some systems refuse a report without tests. Pure.
import type { Problem } from "../objects/problem.ts";
import type { ProblemReport } from "../planes/check-cluster.ts";
import { visible } from "../std/visible.ts";
import { messageOf, placeOf, summaryOf } from "./format-report.ts";

const NAME = "cluster-dns check";
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\ufffe": "\\u{fffe}",
  "\uffff": "\\u{ffff}",
};

/** A test fails if its problem fails the check: errors, and with `isStrict` warnings; the others are skipped. */
export function formatReportAsJunit(report: ProblemReport, isStrict: boolean): string {
  const fails = ({ severity }: Problem): boolean => severity === "error" || (isStrict && severity === "warning");
  const byFile = Map.groupBy(report.problems, ({ place }) => place?.file ?? NAME);
  const summary = summaryOf(report).map((line) => escapeText(line));
  const suites = [
    openSuite(NAME, { tests: 1, failures: 0, skipped: 0 }),
    `    <testcase classname="${NAME}" name="summary"><system-out>${summary.join("\n")}</system-out></testcase>`,
    "  </testsuite>",
    ...[...byFile].flatMap(([file, problems]) => {
      const failures = problems.filter(fails).length;
      return [
        openSuite(file, { tests: problems.length, failures, skipped: problems.length - failures }),
        ...problems.flatMap((problem) => formatTest(problem, file, fails(problem))),
        "  </testsuite>",
      ];
    }),
  ];
  return [`<?xml version="1.0" encoding="UTF-8"?>`, "<testsuites>", ...suites, "</testsuites>", ""].join("\n");
}

/** The start of a suite. */
export function openSuite(name: string, counts: Readonly<Record<"tests" | "failures" | "skipped", number>>): string {
  return `  <testsuite${attributes({ name, ...counts, errors: 0 })}>`;
}

function formatTest(problem: Problem, classname: string, isFailure: boolean): string[] {
  const { code, severity, object, place, advice } = problem;
  // Without the line: CI systems follow a test by its name.
  const name = object === undefined ? code : `${code} ${object}`;
  const message = messageOf(problem);
  const text = `${placeOf(problem)}${severity}: ${message}; ${advice}`;
  const position = place === undefined ? {} : { file: place.file, line: place.line };
  return [
    `    <testcase${attributes({ classname, name, ...position })}>`,
    isFailure
      ? `      <failure${attributes({ type: severity, message })}>${escapeText(text)}</failure>`
      : `      <skipped${attributes({ message: text })}/>`,
    "    </testcase>",
  ];
}

/** The attributes of an element, with a space before each. */
export function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeText(String(value))}"`)
    .join("");
}

/** Text of an element. XML 1.0 has no characters for most control characters, not even as references. */
export function escapeText(text: string): string {
  return visible(text).replace(/[&<>"\ufffe\uffff]/g, (character) => ESCAPES[character]!);
}
