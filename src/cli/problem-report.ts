// What `cluster-dns check` found, and how it reads as text, as JSON and as commands of a GitHub workflow. Only formats;
// whoever wrote a manifest does not decide what a terminal or a workflow does with the output.
import type { Problem, Severity } from "../objects/problem.ts";

/** The outcome of a check. */
export interface ProblemReport {
  /** Sorted by place; those of no place first. */
  readonly problems: readonly Problem[];
  readonly files: number;
  readonly objects: number;
  readonly zones: number;
  /** Lines of hosts files. */
  readonly hostsLines: number;
  /** How many pods were made for each workload, by its key (`Deployment shop/web`). */
  readonly simulatedPods: ReadonlyMap<string, number>;
}

const SEVERITIES: readonly Severity[] = ["error", "warning", "hint"];
const MAX_WORKLOADS_SHOWN = 8;

/** How many problems there are of each severity. */
export function countSeverities(problems: readonly Problem[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, hint: 0 };
  for (const { severity } of problems) counts[severity]++;
  return counts;
}

/** As compilers write: `file:line:column: severity: what is wrong [code]`, under it what to do; last a summary. */
export function formatReport(report: ProblemReport): string {
  const lines = report.problems.flatMap((problem) => {
    const { code, severity, advice } = problem;
    return [`${placeOf(problem)}${severity}: ${messageOf(problem)} [${code}]`, `    ${advice}`];
  });
  return toLines([...lines, ...summaryOf(report)]);
}

/** Workflow commands that annotate the lines of a change; a hint is a notice. */
export function formatReportForGithub(report: ProblemReport): string {
  const lines = report.problems.map((problem) => {
    const { code, severity, place, advice } = problem;
    const properties = [
      ...(place === undefined ? [] : [`file=${place.file}`, `line=${place.line}`, `col=${place.column}`]),
      `title=${code}`,
    ].map((property) => escapeProperty(visible(property)));
    const command = severity === "hint" ? "notice" : severity;
    const text = visible(`${messageOf(problem)}; ${advice}`);
    return `::${command} ${properties.join(",")}::${escapeData(text)}`;
  });
  return toLines([...lines, ...summaryOf(report)]);
}

/** One JSON document: `problems`, each with its place spread into it, and what was looked at. */
export function formatReportAsJson(report: ProblemReport): string {
  const { problems, files, objects, zones, hostsLines, simulatedPods } = report;
  const { error: errors, warning: warnings, hint: hints } = countSeverities(problems);
  const document = {
    problems: problems.map(({ code, severity, message, advice, object, place }) => {
      return { code, severity, message, advice, object, file: place?.file, line: place?.line, column: place?.column };
    }),
    counts: { files, objects, zones, hostsLines, errors, warnings, hints },
    simulatedPods: Object.fromEntries(simulatedPods),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** What is wrong, with the object that has it. */
export function messageOf({ object, message }: Problem): string {
  return object === undefined ? message : `${object}: ${message}`;
}

function placeOf({ place }: Problem): string {
  return place === undefined ? "" : `${place.file}:${place.line}:${place.column}: `;
}

function summaryOf({ problems, files, objects, zones, hostsLines, simulatedPods }: ProblemReport): readonly string[] {
  const counts = countSeverities(problems);
  const faults = SEVERITIES.map((severity) => countOf(counts[severity], severity)).join(", ");
  // Zone files and hosts files are named only where there are any.
  const held = [
    countOf(objects, "object"),
    ...(zones === 0 ? [] : [countOf(zones, "zone")]),
    ...(hostsLines === 0 ? [] : [`${countOf(hostsLines, "line")} of hosts files`]),
  ];
  const checked = `checked ${countOf(files, "file")} with ${held.join(", ")}: ${faults}`;
  if (simulatedPods.size === 0) return [checked];
  const workloads = [...simulatedPods].map(([key, count]) => `${key} ${count}`);
  const total = [...simulatedPods.values()].reduce((sum, count) => sum + count, 0);
  const more = workloads.length - MAX_WORKLOADS_SHOWN;
  const shown = workloads.slice(0, MAX_WORKLOADS_SHOWN).join(", ") + (more > 0 ? `, and ${more} more workloads` : "");
  return [`simulated ${countOf(total, "pod")}: ${shown}`, checked];
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function toLines(lines: readonly string[]): string {
  return lines.map((line) => `${visible(line)}\n`).join("");
}

// Control and direction characters could hide a line, or make one look like another.
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

// As the workflow's toolkit does: what would end a command or a property is written in percent.
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(property: string): string {
  const equals = property.indexOf("=");
  const value = escapeData(property.slice(equals + 1))
    .replaceAll(":", "%3A")
    .replaceAll(",", "%2C");
  return property.slice(0, equals + 1) + value;
}
