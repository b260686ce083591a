// The report of `cluster-dns expect` as text, TAP, JUnit XML and commands of a GitHub workflow. Pure.
// Escapes everything from files and from the network: it must not control a terminal or a workflow.
import { formatType } from "../dns/type-names.ts";
import type { Expectation, Verdict } from "../expect/expectation.ts";
import { canUpdate } from "../expect/update-expectations.ts";
import { countOf, formatGithubCommand, formatPlace, toLines } from "./format-report.ts";
import { attributes, escapeText, openSuite } from "./junit.ts";

const NAME = "cluster-dns expect";

/** What came of all expectations, in their order. */
export interface ExpectReport {
  readonly verdicts: readonly Verdict[];
  /** With `--update`: what fails and has a reply has been written anew. */
  readonly isUpdating: boolean;
}

/** The failed ones, each with what was expected, what came and why; then a summary. */
export function formatVerdicts(report: ExpectReport): string {
  const failed = report.verdicts.filter(isMismatched).flatMap((verdict) => {
    const { expectation } = verdict;
    return [
      `${formatPlace(expectation.place)}: ${titleOf(expectation)}: ${stateOf(verdict, report)}`,
      ...evidenceOf(verdict).map((line) => `    ${line}`),
    ];
  });
  return toLines([...failed, summaryOf(report)]);
}

/** Annotations of the lines of a pull request; then a summary. */
export function formatVerdictsForGithub(report: ExpectReport): string {
  const lines = report.verdicts.filter(isMismatched).map((verdict) => {
    const text = `${titleOf(verdict.expectation)}: ${evidenceOf(verdict, 0).join("; ")}`;
    const command = stateOf(verdict, report) === "failed" ? "error" : "notice";
    return formatGithubCommand(command, verdict.expectation.place, "dns expectation", text);
  });
  return toLines([...lines, summaryOf(report)]);
}

/** A test point for each expectation. TAP 13: `prove` refuses 14, and readers of 14 take 13. */
export function formatVerdictsAsTap(report: ExpectReport): string {
  const points = report.verdicts.flatMap((verdict, index) => {
    const { expectation, mismatches, why } = verdict;
    const title = titleOf(expectation).replace(/[\\#]/g, "\\$&");
    const isOk = stateOf(verdict, report) !== "failed";
    const point = `${isOk ? "ok" : "not ok"} ${index + 1} - ${title}`;
    if (isOk) return [point];
    // JSON is YAML, and needs no rules of its own for quotes.
    const block = {
      at: expectation.place,
      expected: mismatches.map(({ key, expected }) => (key === undefined ? expected : `${key}: ${expected}`)),
      got: [...new Set(mismatches.map(({ got }) => got))],
      ...(why !== undefined && { why: [why.text, ...why.details] }),
    };
    const rows = Object.entries(block).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`);
    return [point, "  ---", ...rows, "  ..."];
  });
  return toLines(["TAP version 13", `1..${report.verdicts.length}`, ...points]);
}

/** A suite for each file, a test for each expectation. */
export function formatVerdictsAsJunit(report: ExpectReport): string {
  const fails = (verdict: Verdict): boolean => stateOf(verdict, report) === "failed";
  const byFile = Map.groupBy(report.verdicts, ({ expectation }) => expectation.place.file);
  const suites = [...byFile].flatMap(([file, own]) => [
    openSuite(file, { tests: own.length, failures: own.filter(fails).length, skipped: 0 }),
    ...own.flatMap((verdict) => {
      const { place } = verdict.expectation;
      const test = { classname: NAME, name: titleOf(verdict.expectation), file: place.file, line: place.line };
      if (!fails(verdict)) return [`    <testcase${attributes(test)}/>`];
      const evidence = evidenceOf(verdict, 0);
      const text = [formatPlace(place), ...evidence].map(escapeText).join("\n");
      return [
        `    <testcase${attributes(test)}>`,
        `      <failure${attributes({ type: "expectation", message: evidence.join("; ") })}>${text}</failure>`,
        "    </testcase>",
      ];
    }),
    "  </testsuite>",
  ]);
  return [`<?xml version="1.0" encoding="UTF-8"?>`, "<testsuites>", ...suites, "</testsuites>", ""].join("\n");
}

/** What became of an expectation. */
export function stateOf(verdict: Verdict, { isUpdating }: ExpectReport): "holds" | "updated" | "failed" {
  if (verdict.mismatches.length === 0) return "holds";
  return isUpdating && canUpdate(verdict) ? "updated" : "failed";
}

/** `web A from shop/front`. */
function titleOf({ name, type, from }: Expectation): string {
  return `${name} ${formatType(type)}${from === undefined ? "" : ` from ${from}`}`;
}

/** Lines with what was expected, what came, and why. Words are in a column of `width` characters. */
function evidenceOf({ expectation, mismatches, outcome, why }: Verdict, width = 10): readonly string[] {
  const row = (word: string, text: string): string =>
    width === 0 ? `${word} ${text}`.trimStart() : `${word.padEnd(width)}${text}`;
  // Of the search list, which name it was.
  const isSearched = outcome.name.replace(/\.$/, "") !== expectation.name.replace(/\.$/, "");
  const gots = [...new Set(mismatches.map(({ got }) => got))];
  return [
    ...mismatches.map(({ key, expected }) => row("expected", `${key === undefined ? "" : `${key} `}${expected}`)),
    ...gots.map((got) => row("got", `${got}${isSearched ? ` (${outcome.name})` : ""}`)),
    ...(why === undefined || gots.includes(why.text) ? [] : [row("why", why.text)]),
    ...(why?.details ?? []).map((line) => row("", line)),
  ];
}

function isMismatched({ mismatches }: Verdict): boolean {
  return mismatches.length > 0;
}

function summaryOf(report: ExpectReport): string {
  const counts = { holds: 0, updated: 0, failed: 0 };
  for (const verdict of report.verdicts) counts[stateOf(verdict, report)]++;
  const updated = report.isUpdating ? `, ${counts.updated} updated` : "";
  return `${countOf(report.verdicts.length, "expectation")}: ${counts.holds} passed${updated}, ${counts.failed} failed`;
}
