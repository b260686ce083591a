// The result of a rule: a problem with the path of its field, from which a caller with the file can find the line.
// The severity comes from the table of codes.
import type { FieldPath } from "../objects/field.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { CodeOfRules } from "./codes.ts";
import { CODES } from "./codes.ts";

/** A problem of an object. `place` is the place of the object, `path` the field in the object. */
export interface Finding extends Problem {
  readonly path: FieldPath;
}

/** A finding on the field `path` of `object`; neither text ends with a period. */
export function finding(
  code: CodeOfRules,
  object: KubeObject,
  path: FieldPath,
  text: { readonly message: string; readonly advice: string },
): Finding {
  return {
    code,
    severity: CODES[code].severity,
    ...text,
    object: objectKey(object),
    ...(object.place === undefined ? {} : { place: object.place }),
    path,
  };
}
