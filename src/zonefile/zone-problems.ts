// Collects the problems of a zone file or hosts file in the order of discovery, up to a limit: a file of another format
// has a problem on every line.
import type { Place, Problem, Severity } from "../objects/problem.ts";

/** Maximum number of problems shown for one file. */
export const PROBLEMS_MAX = 20;

/** Code, message and advice of a `Problem`. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly advice: string;
}

/** The problems of one file; `path` is the place of the problem that says there are more. */
export class ZoneProblems {
  readonly #path: string;
  readonly #problems: Problem[] = [];
  #worstLeftOut: Severity | undefined;
  #hasErrors = false;

  constructor(path: string) {
    this.#path = path;
  }

  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  /** Further problems are not shown. */
  get isFull(): boolean {
    return this.#worstLeftOut !== undefined;
  }

  /** Adds an error: the file is not served. */
  fail(place: Place, fault: Fault): void {
    this.add({ ...fault, severity: "error", place });
  }

  /** Adds a warning: the file is served. */
  warn(place: Place, fault: Fault): void {
    this.add({ ...fault, severity: "warning", place });
  }

  add(problem: Problem): void {
    if (problem.severity === "error") this.#hasErrors = true;
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(problem);
    else if (this.#worstLeftOut !== "error") this.#worstLeftOut = problem.severity;
  }

  list(): readonly Problem[] {
    if (this.#worstLeftOut === undefined) return this.#problems;
    const last: Problem = {
      code: "too-many-problems",
      severity: this.#worstLeftOut,
      message: "the file has more problems",
      advice: "correct those that are shown first",
      place: { file: this.#path, line: 1, column: 1 },
    };
    return [...this.#problems, last];
  }
}

/** A word for messages: in backticks, shortened, without control characters. */
export function show(word: string): string {
  const shown = word.length > 60 ? `${word.slice(0, 60)}…` : word;
  return `\`${shown.replaceAll(/\p{Cc}/gu, "\ufffd")}\``;
}
