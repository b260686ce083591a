// The report of `cluster-dns check` as text, as JSON and as commands of a GitHub workflow. Pure.
// Escapes everything from a manifest: it must not control a terminal or a workflow.
import { countSeverities } from "../objects/problem.ts";
import type { Place, Problem, Severity } from "../objects/problem.ts";
import type { ProblemReport } from "../planes/check-cluster.ts";
import { visible } from "../std/visible.ts";

const SEVERITIES: readonly Severity[] = ["error", "warning", "hint"];
const SIMULATED_SHOWN_MAX = 8;

/** Two lines per problem: `file:line:column: severity: message [code]` like a compiler, and advice; then a summary. */
export function formatReport(report: ProblemReport): string {
  const lines = report.problems.flatMap((problem) => {
    const { code, severity, advice } = problem;
    return [`${placeOf(problem)}${severity}: ${messageOf(problem)} [${code}]`, `    ${advice}`];
  });
  return toLines([...lines, ...summaryOf(report)]);
}

/** Workflow commands that annotate the lines of a pull request, with hints as notices; then a summary. */
export function formatReportForGithub(report: ProblemReport): string {
  const lines = report.problems.map((problem) => {
    const { code, severity, place, advice } = problem;
    const text = `${messageOf(problem)}; ${advice}`;
    return formatGithubCommand(severity === "hint" ? "notice" : severity, place, code, text);
  });
  return toLines([...lines, ...summaryOf(report)]);
}

/** A workflow command that annotates a line, without the end of its own line. */
export function formatGithubCommand(
  command: "error" | "warning" | "notice",
  place: Place | undefined,
  title: string,
  text: string,
): string {
  const properties = [
    ...(place === undefined ? [] : [`file=${place.file}`, `line=${place.line}`, `col=${place.column}`]),
    `title=${title}`,
  ].map((property) => escapeProperty(visible(property)));
  return `::${command} ${properties.join(",")}::${escapeData(visible(text))}`;
}

/** One JSON document: `problems` with flat places, `counts`, `simulatedPods` and `simulatedServices`. */
export function formatReportAsJson(report: ProblemReport): string {
  const { problems, ignored, files, dataFiles, objects, zones, hostsLines, simulatedPods, simulatedServices } = report;
  const { error: errors, warning: warnings, hint: hints } = countSeverities(problems);
  const document = {
    problems: problems.map(({ place, rendered, code, severity, message, advice, object }) => {
      const { file, line, column } = place ?? {};
      return { code, severity, message, advice, object, file, line, column, rendered };
    }),
    counts: { files, dataFiles, objects, zones, hostsLines, errors, warnings, hints, ignored },
    simulatedPods: Object.fromEntries(simulatedPods),
    simulatedServices: Object.fromEntries(simulatedServices),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** The message of a problem, after its object; its place in the rendered text follows. */
export function messageOf({ object, message, rendered }: Problem): string {
  const from = rendered === undefined ? "" : ` (rendered: ${formatPlace(rendered)})`;
  return `${object === undefined ? "" : `${object}: `}${message}${from}`;
}

/** `file:line:column: `, or nothing. */
export function placeOf({ place }: Problem): string {
  return place === undefined ? "" : `${formatPlace(place)}: `;
}

/** `file:line:column`. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** The last lines of a report: what was simulated, what was checked, and the numbers of problems. */
export function summaryOf(report: ProblemReport): readonly string[] {
  const { problems, ignored, files, dataFiles, objects, zones, hostsLines } = report;
  const counts = countSeverities(problems);
  const faults = [
    ...SEVERITIES.map((severity) => countOf(counts[severity], severity)),
    ...(ignored === 0 ? [] : [`${ignored} ignored`]),
  ].join(", ");
  const contents = [
    countOf(objects, "object"),
    ...(zones === 0 ? [] : [countOf(zones, "zone")]),
    ...(hostsLines === 0 ? [] : [`${countOf(hostsLines, "line")} of hosts files`]),
  ];
  const skipped = dataFiles === 0 ? "" : `, skipped ${countOf(dataFiles, "data file")}`;
  const checked = `checked ${countOf(files, "file")} with ${contents.join(", ")}${skipped}: ${faults}`;
  return [...simulatedLines(report), checked];
}

function simulatedLines({ simulatedPods, simulatedServices }: ProblemReport): readonly string[] {
  const pods = [...simulatedPods.values()].reduce((sum, count) => sum + count, 0);
  const workloads = [...simulatedPods].map(([key, count]) => `${key} ${count}`);
  const services = [...simulatedServices.values()].flat();
  return [
    ...(pods === 0 ? [] : [`simulated ${countOf(pods, "pod")}: ${listed(workloads, "workload")}`]),
    ...(services.length === 0
      ? []
      : [`simulated ${countOf(services.length, "service")}: ${listed(services, "service")}`]),
  ];
}

function listed(items: readonly string[], what: string): string {
  const more = items.length - SIMULATED_SHOWN_MAX;
  return items.slice(0, SIMULATED_SHOWN_MAX).join(", ") + (more > 0 ? `, and ${countOf(more, `more ${what}`)}` : "");
}

/** `1 error`, `2 errors`. */
export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** The lines as text that is safe for a terminal; each ends in a newline. */
export function toLines(lines: readonly string[]): string {
  return lines.map((line) => `${visible(line)}\n`).join("");
}

// Percent-encodes the characters that would end a command or a property, like the toolkit of GitHub Actions.
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
