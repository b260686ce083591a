// The report of `cluster-dns check` as a Code Quality report of GitLab, which shows it in merge requests: a list of
// issues. GitLab tells new issues from known ones by fingerprint, and shows one issue of each. Pure.
// GitLab, "Code Quality": report format.
import { createHash } from "node:crypto";
import { isAbsolute, normalize, relative } from "node:path";
import type { Place, Problem, Severity } from "../objects/problem.ts";
import type { ProblemReport } from "../planes/check-cluster.ts";
import { messageOf } from "./format-report.ts";

const SEVERITIES: Readonly<Record<Severity, string>> = { error: "major", warning: "minor", hint: "info" };

/** A list of issues as JSON. */
export function formatReportForGitlab({ problems }: ProblemReport): string {
  const counts = new Map<string, number>();
  const issues = problems.map((problem) => {
    const { code, severity, advice, place } = problem;
    const path = place === undefined ? "." : pathInRepository(place);
    const identity = identityOf(problem, path);
    const count = counts.get(identity) ?? 0;
    counts.set(identity, count + 1);
    return {
      description: `${messageOf(problem)}; ${advice}`,
      check_name: code,
      fingerprint: createHash("sha256").update(`${identity}\0${count}`).digest("hex"),
      severity: SEVERITIES[severity],
      location: { path, lines: { begin: place?.line ?? 1 } },
    };
  });
  return `${JSON.stringify(issues, undefined, 2)}\n`;
}

/** What stays the same when lines above the problem come and go. */
function identityOf({ code, object, message }: Problem, path: string): string {
  return [code, path, object, message].join("\0");
}

/** The working directory of a job is the root of the repository. */
function pathInRepository({ file }: Place): string {
  return isAbsolute(file) ? relative("", file) : normalize(file);
}
