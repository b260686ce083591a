// Leaves out the problems that the operator has silenced: by --ignore, by an annotation of the object, or by a comment
// in the file. A code that does not exist is a problem itself, as it silences nothing.
import { codeRow, CODES } from "../diagnostics/codes.ts";
import { IgnoreComments } from "../diagnostics/ignore-comments.ts";
import type { Place, Problem } from "../objects/problem.ts";
import type { IgnoredCodes } from "../sources/manifests/check-notes.ts";
import { didYouMean } from "../std/nearest.ts";

/** What the operator has silenced, apart from comments. */
export interface Silencing {
  /** The codes of --ignore. */
  readonly codes: readonly string[];
  readonly annotations: readonly IgnoredCodes[];
}

/** Reads a file again; undefined if it can not be read. */
export type TextOf = (file: string) => Promise<string | undefined>;

/** The problems that are left, and how many were silenced. `textOf` reads a file with problems. */
export async function silenceProblems(
  problems: readonly Problem[],
  { codes, annotations }: Silencing,
  textOf: TextOf,
): Promise<{ readonly problems: readonly Problem[]; readonly ignored: number }> {
  const ofObjects = new Map<string, Set<string>>();
  const unknown: Problem[] = [];
  for (const { object, codes: ofObject, place } of annotations) {
    const known = ofObjects.get(object) ?? new Set();
    ofObjects.set(object, known);
    for (const code of ofObject) {
      known.add(code);
      if (codeRow(code) === undefined) unknown.push(unknownCode(code, place, object));
    }
  }
  const comments = new Map<string, IgnoreComments>();
  for (const file of new Set(problems.flatMap(({ place }) => place?.file ?? []))) {
    const found = new IgnoreComments((await textOf(file)) ?? "");
    comments.set(file, found);
    for (const { code, line, column } of found.written) {
      if (codeRow(code) === undefined) unknown.push(unknownCode(code, { file, line, column }));
    }
  }
  const left = problems.filter(
    ({ code, object, place }) =>
      !codes.includes(code) &&
      !(object !== undefined && ofObjects.get(object)?.has(code) === true) &&
      !(place !== undefined && comments.get(place.file)!.has(code, place.line)),
  );
  const shown = codes.includes("unknown-code") ? [] : unknown;
  return { problems: [...left, ...shown], ignored: problems.length - left.length };
}

function unknownCode(code: string, place: Place | undefined, object?: string): Problem {
  return {
    code: "unknown-code",
    severity: "warning",
    message: `there is no problem code ${code}, so nothing is ignored`,
    advice: `use a code of docs/errors.md${didYouMean(code, Object.keys(CODES))}`,
    ...(place && { place }),
    ...(object !== undefined && { object }),
  };
}
