// The current problems of the operator's input, by origin. A problem is logged once while it lasts, and when it is
// solved: the file has been repaired or removed.
// Behind `Server.problems`; does not know how problems are found.
import { formatFault, formatProblem } from "../objects/problem.ts";
import type { Problem } from "../objects/problem.ts";
import type { Logger } from "./log.ts";

/** Lines for problems of one origin that are solved at once. */
const SOLVED_MAX = 5;
/** A number of problems of one code and severity. */
export interface ProblemCount extends Pick<Problem, "code" | "severity"> {
  readonly count: number;
}

/** The current problems by origin, logged when they appear. */
export class ProblemLog {
  readonly #log: Logger;
  readonly #problems = new Map<string, readonly Problem[]>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** All current problems. */
  get all(): readonly Problem[] {
    return [...this.#problems.values()].flat();
  }

  /** How many current problems there are, by code and severity. */
  counts(): readonly ProblemCount[] {
    const counts = new Map<string, { readonly code: string; readonly severity: Problem["severity"]; count: number }>();
    for (const { code, severity } of this.all) {
      const key = `${code} ${severity}`;
      const known = counts.get(key) ?? { code, severity, count: 0 };
      counts.set(key, known);
      known.count++;
    }
    return [...counts.values()];
  }

  /** Replaces the problems of `origin` and logs the new ones. */
  set(origin: string, problems: readonly Problem[]): void {
    const before = this.#problems.get(origin) ?? [];
    // Each publication sets them again, mostly unchanged: then skip formatting and comparing.
    if (before.length === problems.length && before.every((problem, i) => problem === problems[i])) return;
    const known = new Set(before.map(formatProblem));
    if (problems.length === 0) this.#problems.delete(origin);
    else this.#problems.set(origin, problems);
    this.#reportSolved(before, problems);
    for (const problem of problems) {
      const text = formatProblem(problem);
      if (known.has(text)) continue;
      const { code, place, severity } = problem;
      this.#log[severity === "error" ? "error" : severity === "warning" ? "warn" : "info"]({ code, ...place }, text);
    }
  }

  #reportSolved(before: readonly Problem[], now: readonly Problem[]): void {
    if (before.length === 0) return;
    const lasting = new Set(now.map(identityOf));
    const solved = before.filter((problem) => !lasting.has(identityOf(problem)));
    for (const problem of solved.slice(0, SOLVED_MAX))
      this.#log.info({ code: problem.code, ...problem.place }, `solved: ${formatFault(problem)}`);
    const more = solved.length - SOLVED_MAX;
    if (more > 0) this.#log.info({ more }, "solved: more problems of the same place");
  }
}

/** A problem is the same one where lines before it have come or gone. */
function identityOf({ code, message, place, object }: Problem): string {
  return JSON.stringify([code, message, place?.file, object]);
}
