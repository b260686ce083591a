// Objects of a program from what the program passed in: Lists opened, each object checked as an API server would. The
// first fault is an error that names the object and the field. Pure.
import type { KubeObject } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import { parseObject } from "../objects/parse-object.ts";
import { OperatorError } from "../std/operator-error.ts";

/** An object that can't be used; the message names the object and the field, and says what to do. */
export class ObjectError extends OperatorError {
  override name = "ObjectError";
  /** `Kind namespace/name`; undefined where the object does not say. */
  readonly object: string | undefined;

  constructor(message: string, object?: string) {
    super(message);
    this.object = object;
  }
}

/** Parses the objects; `namespace` is for those without one. Throws an `ObjectError`. */
export function parseObjects(input: unknown, namespace: string): readonly KubeObject[] {
  return opened(input, "").map(({ value, where }) => {
    const { object, key, problems } = parseObject(value, { namespace, locate: () => undefined });
    const fault = problems.find(({ severity }) => severity === "error");
    if (object !== undefined && fault === undefined) return object;
    const what = fault === undefined ? "is no object: it has no metadata.name" : `${fault.message}; ${fault.advice}`;
    throw new ObjectError(`${key ?? where}: ${what}`, key);
  });
}

/** The keys of the objects, of which only kind, namespace and name are read. Throws an `ObjectError`. */
export function parseKeys(input: unknown, namespace: string): readonly string[] {
  return opened(input, "").map(({ value, where }) => {
    const { object, key } = parseObject(value, { namespace, locate: () => undefined });
    const found = key ?? (object && objectKey(object));
    if (found === undefined) throw new ObjectError(`${where}: expected kind, metadata.name and metadata.namespace`);
    return found;
  });
}

interface OpenedObject {
  readonly value: unknown;
  /** How to call it while its name is not known. */
  readonly where: string;
}

/** The objects of an object, an array or a List. */
function opened(input: unknown, where: string): readonly OpenedObject[] {
  if (Array.isArray(input)) return input.flatMap((each: unknown, index) => opened(each, `object ${index + 1}`));
  const { kind, items } = (input ?? {}) as { readonly kind?: unknown; readonly items?: unknown };
  const isList = typeof kind === "string" && kind.endsWith("List") && Array.isArray(items);
  if (!isList) return [{ value: input, where: where === "" ? "the object" : where }];
  return (items as readonly unknown[]).flatMap((item, index) => opened(item, `item ${index + 1} of a ${kind}`));
}
