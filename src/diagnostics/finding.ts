// The result of a rule: a problem with the path of its field, from which a caller with the file can find the line.
// The severity comes from the table of codes.
import type { FieldPath } from "../objects/field.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem, Severity } from "../objects/problem.ts";
import type { Reference } from "../objects/references/reference.ts";
import type { CodeOfRules } from "./codes.ts";
import { CODES } from "./codes.ts";

/** A problem of an object. `place` is the place of the object, `path` the field in the object. */
export interface Finding extends Problem {
  readonly path: FieldPath;
}

/** The texts of a finding, neither of which ends with a period, and its severity if it is not that of the code. */
interface FindingText {
  readonly message: string;
  readonly advice: string;
  readonly severity?: Severity;
}

/** A finding on the field `path` of `object`. */
export function finding(code: CodeOfRules, object: KubeObject, path: FieldPath, text: FindingText): Finding {
  const { place } = object;
  return findingAt(code, { object: objectKey(object), ...(place && { place }), path }, text);
}

/** A finding on a field that a reference is in. */
export function findingAt(
  code: CodeOfRules,
  { object, place, path }: Pick<Reference, "object" | "place" | "path">,
  text: FindingText,
): Finding {
  return { code, severity: CODES[code].severity, ...text, object, ...(place && { place }), path };
}
