// The current problems of the operator's input, by origin. A problem is logged once while it lasts.
// Behind `Server.problems`; does not know how problems are found.
import { formatProblem } from "../objects/problem.ts";
import type { Problem } from "../objects/problem.ts";
import type { Logger } from "./log.ts";

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

  /** Replaces the problems of `origin` and logs the new ones. */
  set(origin: string, problems: readonly Problem[]): void {
    const before = this.#problems.get(origin) ?? [];
    // Each publication sets them again, mostly unchanged: then skip formatting and comparing.
    if (before.length === problems.length && before.every((problem, i) => problem === problems[i])) return;
    const known = new Set(before.map(formatProblem));
    if (problems.length === 0) this.#problems.delete(origin);
    else this.#problems.set(origin, problems);
    for (const problem of problems) {
      const text = formatProblem(problem);
      if (known.has(text)) continue;
      const { code, place, severity } = problem;
      this.#log[severity === "error" ? "error" : severity === "warning" ? "warn" : "info"]({ code, ...place }, text);
    }
  }
}
