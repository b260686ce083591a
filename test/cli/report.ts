// Reports of `cluster-dns check` for the tests of its formats.
// One problem, and a report with some.
import type { Problem } from "../../src/objects/problem.ts";
import type { ProblemReport } from "../../src/planes/check-cluster.ts";

export const PROBLEM: Problem = {
  code: "selector-no-pods",
  severity: "warning",
  message: "no pod has app=web",
  advice: "write labels",
  object: "Service shop/web",
  place: { file: "shop/web.yaml", line: 5, column: 13 },
};

/** A report with these problems, and nothing else of interest. */
export function reportOf(...problems: readonly Problem[]): ProblemReport {
  return {
    problems,
    ignored: 0,
    dataFiles: 0,
    files: 1,
    objects: 1,
    zones: 0,
    hostsLines: 0,
    simulatedPods: new Map(),
    simulatedServices: new Map(),
  };
}
