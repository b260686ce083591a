// The report of `cluster-dns check` in SARIF, for code scanning: one run, with the table of codes as its rules. Pure.
// OASIS, Static Analysis Results Interchange Format 2.1.0.
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { codeRow, CODES } from "../diagnostics/codes.ts";
import type { CodeRow } from "../diagnostics/code-row.ts";
import type { Place, Problem, Severity } from "../objects/problem.ts";
import type { ProblemReport } from "../planes/check-cluster.ts";
import { messageOf } from "./format-report.ts";

const LEVELS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", hint: "note" };

/** A SARIF log as JSON; `version` is the version of the program. */
export function formatReportAsSarif({ problems }: ProblemReport, version: string): string {
  const codes = Object.keys(CODES);
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "cluster-dns", version, rules: codes.map(formatRule) } },
        columnKind: "utf16CodeUnits",
        results: problems.map((problem) => formatResult(problem, codes.indexOf(problem.code))),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function formatRule(code: string): object {
  const { severity, summary, source }: CodeRow = codeRow(code)!;
  return {
    id: code,
    shortDescription: { text: summary },
    defaultConfiguration: { level: LEVELS[severity] },
    ...(source === undefined ? {} : { helpUri: source }),
  };
}

function formatResult(problem: Problem, ruleIndex: number): object {
  const { code, severity, advice, place } = problem;
  return {
    ruleId: code,
    ...(ruleIndex === -1 ? {} : { ruleIndex }),
    level: LEVELS[severity],
    message: { text: `${messageOf(problem)}; ${advice}` },
    ...(place === undefined ? {} : { locations: [formatLocation(place)] }),
  };
}

function formatLocation({ file, line, column }: Place): object {
  return {
    physicalLocation: { artifactLocation: { uri: formatUri(file) }, region: { startLine: line, startColumn: column } },
  };
}

/** Relative paths stay relative, because code scanning resolves them in the checkout. */
function formatUri(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(/[/\\]/).map(encodeURIComponent).join("/");
}
