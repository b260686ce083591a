// Objects of a program from what the program passed in: Lists opened, each object checked as an API server would. The
// first fault is an error that names the object and the field. Pure.
import type { KubeObject } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import { parseObject } from "../objects/parse-object.ts";
import type { ParseResult } from "../objects/parse-object.ts";
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

/** Arrays and Lists in each other. More are a mistake, such as a List that contains itself. */
const DEPTH_MAX = 5;

/** Parses the objects; `namespace` is for those without one. Throws an `ObjectError`. */
export function parseObjects(input: unknown, namespace: string): readonly KubeObject[] {
  return opened(input).map(({ value, where }) => {
    const { object, key, problems } = parse(value, where, namespace);
    const fault = problems.find(({ severity }) => severity === "error");
    if (object !== undefined && fault === undefined) return object;
    const what = fault === undefined ? "is no object: it has no metadata.name" : `${fault.message}; ${fault.advice}`;
    throw new ObjectError(`${key ?? where}: ${what}`, key);
  });
}

/** The keys of the objects, of which only kind, namespace and name are read. Throws an `ObjectError`. */
export function parseKeys(input: unknown, namespace: string): readonly string[] {
  return opened(input).map(({ value, where }) => {
    const { object, key } = parse(value, where, namespace);
    const found = key ?? (object && objectKey(object));
    if (found === undefined) throw new ObjectError(`${where}: expected kind, metadata.name and metadata.namespace`);
    return found;
  });
}

/** What `read` returns; what it throws (a getter, a proxy) becomes an `ObjectError` about `where`. */
export function readable<Value>(where: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof ObjectError) throw error;
    const why = error instanceof Error ? error.message.split("\n")[0] : "it throws";
    throw new ObjectError(`${where} can't be read: ${why}`);
  }
}

function parse(value: unknown, where: string, namespace: string): ParseResult {
  return readable(where, () => parseObject(value, { namespace, locate: () => undefined }));
}

interface OpenedObject {
  readonly value: unknown;
  /** How to call it while its name is not known. */
  readonly where: string;
}

/** The objects of an object, an array or a List. */
function opened(input: unknown): readonly OpenedObject[] {
  return readable("the object", () => {
    if (!Array.isArray(input)) return openedOne(input, "the object");
    return input.flatMap((each: unknown, index) => openedOne(each, `object ${index + 1}`));
  });
}

function openedOne(input: unknown, where: string): readonly OpenedObject[] {
  const open = (value: unknown, name: string, depth: number): readonly OpenedObject[] => {
    const items = itemsOf(value);
    if (items === undefined) return [{ value, where: name }];
    if (depth === DEPTH_MAX)
      throw new ObjectError(`${where} can't be read: Lists nest more than ${DEPTH_MAX} levels deep`);
    return items.flatMap((item, index) => open(item, `item ${index + 1} of ${name}`, depth + 1));
  };
  return readable(where, () => open(input, where, 0));
}

/** The items of an array or a List. */
function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  const { kind, items } = (value ?? {}) as { readonly kind?: unknown; readonly items?: unknown };
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items) ? items : undefined;
}
