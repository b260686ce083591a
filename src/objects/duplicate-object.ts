// The problem of an object that is defined twice, in one file or in two. Pure.
// The caller decides which definition is used: within a file the first, otherwise by the precedence of the origins.
import { objectKey } from "./kube-object.ts";
import type { KubeObject } from "./kube-object.ts";
import type { Problem } from "./problem.ts";

/** The problem of `second`, a duplicate of `first`, which is used. */
export function duplicateObject(first: KubeObject, second: KubeObject): Problem {
  const at =
    first.place === undefined ? "elsewhere" : `at ${first.place.file}:${first.place.line}:${first.place.column}`;
  return {
    code: "duplicate-object",
    severity: "warning",
    message: `already defined ${at}, and that definition is used`,
    advice: "remove or rename one of the two",
    object: objectKey(second),
    ...(second.place === undefined ? {} : { place: second.place }),
  };
}
