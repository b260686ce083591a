// What a rule finds: a problem that also knows its field, so that whoever has the file at hand can point at the line.
// The severity comes from the table of codes and from nowhere else.
import type { FieldPath } from "../objects/field.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import type { CodeOfRules } from "./codes.ts";
import { CODES } from "./codes.ts";

/** A problem of an object; `place` is the object's, `path` leads from there to the field that is meant. */
export interface Finding extends Problem {
  readonly path: FieldPath;
}

/** What a rule says of a field of `object`; neither text ends with a stop. */
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
