// The problem of one object that is given twice, in one file or in two: one wording, whoever finds it.
// Pure; which of the two counts is decided elsewhere (in a file the first, else by the order of the sources).
import { objectKey } from "./kube-object.ts";
import type { KubeObject } from "./kube-object.ts";
import type { Problem } from "./problem.ts";

/** The problem of an object that is there already: `first` counts, `second` does not. */
export function duplicateObject(first: KubeObject, second: KubeObject): Problem {
  const at =
    first.place === undefined ? "elsewhere" : `at ${first.place.file}:${first.place.line}:${first.place.column}`;
  return {
    code: "duplicate-object",
    severity: "warning",
    message: `the object is there already, ${at}, and that one counts`,
    advice: "remove one of the two or give it another name",
    object: objectKey(second),
    ...(second.place === undefined ? {} : { place: second.place }),
  };
}
