// What is wrong with a zone file or hosts file, in the order in which it was found; so many at most, as a file that is
// no zone file at all is wrong on every line. Decides nothing: who reads it does.
import type { Place, Problem, Severity } from "../objects/problem.ts";

/** Problems shown of one file. */
export const MAX_PROBLEMS = 20;

/** What is wrong and what to do about it, in the words of `Problem`. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly advice: string;
}

/** Collects the problems of one file, whose path stands in the last one when there are too many. */
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

  /** More would not be shown. */
  get isFull(): boolean {
    return this.#worstLeftOut !== undefined;
  }

  /** An error: the file does not count. */
  fail(place: Place, fault: Fault): void {
    this.add({ ...fault, severity: "error", place });
  }

  /** A warning: the file counts. */
  warn(place: Place, fault: Fault): void {
    this.add({ ...fault, severity: "warning", place });
  }

  add(problem: Problem): void {
    if (problem.severity === "error") this.#hasErrors = true;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
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

/** A word as a message shows it: in backticks, and not longer than is readable. */
export function show(word: string): string {
  const shown = word.length > 60 ? `${word.slice(0, 60)}…` : word;
  return `\`${shown.replaceAll(/\p{Cc}/gu, "\ufffd")}\``;
}
