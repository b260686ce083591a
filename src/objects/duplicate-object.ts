// The problem of an object that is defined twice, in one file or in two. Pure.
// The caller decides which definition is used: the later one, as after `kubectl apply`, or that of the stronger source.
import { objectKey } from "./kube-object.ts";
import type { KubeObject } from "./kube-object.ts";
import type { Problem } from "./problem.ts";

/**
 * The problem of `unused`, another definition of `used`; undefined if both are the same in all that is read of them, or
 * of a kind that only makes its namespace exist.
 */
export function duplicateObject(used: KubeObject, unused: KubeObject): Problem | undefined {
  if (used.kind === "Other" || isSame(used, unused)) return undefined;
  const { place } = used;
  const at = place === undefined ? "elsewhere" : `at ${place.file}:${place.line}:${place.column}`;
  return {
    code: "duplicate-object",
    severity: "warning",
    message: `defined again ${at}, and that definition is used`,
    advice: "remove or rename one of the two",
    object: objectKey(unused),
    ...(unused.place === undefined ? {} : { place: unused.place }),
  };
}

/** Whether two values of objects are the same; their places (`place`) are ignored. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Map) {
    return (
      b instanceof Map && a.size === b.size && [...a].every(([key, value]) => b.has(key) && isSame(value, b.get(key)))
    );
  }
  const [left, right] = [entriesOf(a), entriesOf(b)];
  return left.size === right.size && [...left].every(([key, value]) => right.has(key) && isSame(value, right.get(key)));
}

function entriesOf(value: object): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(value).filter(([key]) => key !== "place"));
}
