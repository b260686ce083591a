// What is wrong with the operator's input right now, by where it was found; each problem is logged once, as long as it
// lasts. The place for `Server.problems`; knows nothing of how problems come about.
import { formatProblem } from "../objects/problem.ts";
import type { Problem } from "../objects/problem.ts";
import type { Logger } from "./log.ts";

export class ProblemLog {
  readonly #log: Logger;
  readonly #problems = new Map<string, readonly Problem[]>();

  constructor(log: Logger) {
    this.#log = log;
  }

  get all(): readonly Problem[] {
    return [...this.#problems.values()].flat();
  }

  /** `problems` are all there are of this origin now; those that are new are logged. */
  set(origin: string, problems: readonly Problem[]): void {
    const before = this.#problems.get(origin) ?? [];
    // Told anew with each publication, and mostly the same: then there is nothing to format and compare.
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
