// A problem of a file or an object, for the operator: what is wrong, where, and what to do.
// A problem is a value: it is collected and reported, and does not affect other objects.

/** A place in a file; `line` and `column` count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * `error`: the object or file is not used. `warning`: it is used, but not as written. `hint`: it works, but there is a
 * better way.
 */
export type Severity = "error" | "warning" | "hint";

/** A fault in the operator's input. `message` says what is wrong, `advice` what to do; neither ends with a period. */
export interface Problem {
  /** Stable, in kebab-case, e.g. `yaml-syntax`, `invalid-field`, `duplicate-object`. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly advice: string;
  readonly place?: Place;
  /** The place in the rendered text, if `place` is the template that it was rendered from. */
  readonly rendered?: Place;
  /** The key of the object, `Kind namespace/name`. */
  readonly object?: string;
}

/** A problem of a whole file or folder; its place is the first line. */
export function fileProblem(
  path: string,
  code: string,
  message: string,
  advice: string,
  severity: Severity = "error",
): Problem {
  return { code, severity, message, advice, place: { file: path, line: 1, column: 1 } };
}

/** `file:line:column: message; advice` on one line, for logs and terminals. */
export function formatProblem(problem: Problem): string {
  return `${formatFault(problem)}; ${problem.advice}`;
}

/** The same without the advice. */
export function formatFault(problem: Problem): string {
  const place =
    problem.place === undefined ? "" : `${problem.place.file}:${problem.place.line}:${problem.place.column}: `;
  const object = problem.object === undefined ? "" : `${problem.object}: `;
  return `${place}${object}${problem.message}`;
}

/** The number of problems of each severity. */
export function countSeverities(problems: readonly Problem[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, hint: 0 };
  for (const { severity } of problems) counts[severity]++;
  return counts;
}
