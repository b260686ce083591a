// Decodes an object as an API server with strict field validation: fields that the kind does not have, values of a
// wrong type, values that a field can't have, required fields that are absent. One pass over the object; known fields
// allocate nothing. Pure. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
import { Field } from "../field.ts";
import type { FieldPath, ProblemSink } from "../field.ts";
import { isMapping } from "../raw-values.ts";
import { isQuantity, isTime } from "./scalar-text.ts";
import type { ObjectType, ValueType } from "./schema.ts";
import { fieldAdvice } from "./nearest-field.ts";

/** How strictly an object is decoded. */
export interface Strictness {
  /** An API server has accepted the object, perhaps a newer one, so that it may have fields that are not known here. */
  readonly isLive: boolean;
  /** The object has an old version, in which required fields had defaults. */
  readonly isOld: boolean;
}

/** The problems of one object after which the rest of it is not looked at. */
export const OBJECT_PROBLEMS_MAX = 1_000;
const SHOWN_CHARACTERS_MAX = 80;
const INT32 = 0x8000_0000;
const NO_FIELDS = Object.freeze({});
/** Required in the API's reference, but not by the server. */
const NOT_REQUIRED: ReadonlySet<string> = new Set([
  "PreferredSchedulingTerm.preference",
  "SleepAction.seconds",
  "Sysctl.value",
  "DiscoveryV1ForZone.name",
  // The claims of a StatefulSet.
  "PersistentVolumeClaim.apiVersion",
  "PersistentVolumeClaim.kind",
]);

/** What the field at `path` would have to be if it had the value `better`; undefined if that is right. */
export type StillExpected = (path: FieldPath, better: unknown) => string | undefined;

/**
 * Reports what does not decode in the object `root`. True if all values have the types of their fields. With
 * `stillExpected`, the advice on a value is to write it otherwise only if that is right then.
 */
export function decodeStrictly(
  root: Field,
  type: ObjectType,
  sink: ProblemSink,
  strictness: Strictness,
  stillExpected?: StillExpected,
): boolean {
  return new Decoder(root, sink, strictness, stillExpected).decode(type);
}

class Decoder {
  readonly #root: Field;
  readonly #sink: ProblemSink;
  readonly #strictness: Strictness;
  readonly #path: (string | number)[] = [];
  /** The types of the objects on the path, and the lengths of their own paths. */
  readonly #types: ObjectType[] = [];
  readonly #depths: number[] = [];
  #hasRightTypes = true;
  readonly #stillExpected: StillExpected | undefined;

  constructor(root: Field, sink: ProblemSink, strictness: Strictness, stillExpected: StillExpected | undefined) {
    this.#root = root;
    this.#sink = sink;
    this.#strictness = strictness;
    this.#stillExpected = stillExpected;
  }

  decode(type: ObjectType): boolean {
    this.#decodeObject(this.#root.value, type);
    return this.#hasRightTypes;
  }

  #decodeObject(value: unknown, type: ObjectType): void {
    if (!isMapping(value)) return this.#wrongType("a mapping");
    const { fields } = type;
    this.#types.push(type);
    this.#depths.push(this.#path.length);
    for (const key of Object.keys(value)) {
      const field = fields.get(key);
      const given = value[key];
      if (field === undefined) this.#unknown(key);
      // Most fields are texts.
      else if (typeof given !== "string" || field.decoding !== "s" || field.values !== undefined) {
        this.#decodeAt(key, given, field);
      }
    }
    const { isLive, isOld } = this.#strictness;
    // The kind and the version are known, also where the list around the object names them.
    if (!isLive && !isOld && this.#path.length > 0 && this.#path[0] !== "status") this.#checkRequired(value, type);
    this.#types.pop();
    this.#depths.pop();
  }

  #checkRequired(value: Readonly<Record<string, unknown>>, type: ObjectType): void {
    for (const name of type.required) {
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      if ((given ?? "") === "" && !NOT_REQUIRED.has(`${type.name}.${name}`)) {
        this.#path.push(name);
        this.#field().invalid(expectedOf(type.fields.get(name)!), `set ${name}: Kubernetes requires it`);
        this.#path.pop();
      }
    }
  }

  #decodeAt(key: string | number, value: unknown, type: ValueType): void {
    if (value === null || value === undefined || this.#isEnough()) return;
    this.#path.push(key);
    this.#decodeValue(value, type);
    this.#path.pop();
  }

  #decodeValue(value: unknown, type: ValueType): void {
    switch (type.decoding) {
      case "object":
        return this.#decodeObject(value, type.type!);
      case "list":
        if (!Array.isArray(value)) return this.#wrongType("a list");
        // A null item is an object without fields.
        value.forEach((item, index) =>
          this.#decodeAt(index, type.item!.type === undefined ? item : (item ?? NO_FIELDS), type.item!),
        );
        return undefined;
      case "map":
        if (!isMapping(value)) return this.#wrongType("a mapping");
        return this.#decodeMap(value, type.item!);
      case "s":
        if (typeof value !== "string") return this.#wrongType("text");
        return type.values === undefined ? undefined : this.#checkChoice(value, type.values);
      case "b":
        return typeof value === "boolean" ? undefined : this.#wrongType("true or false");
      case "i":
      case "l":
        if (isInteger(value, type.decoding)) return undefined;
        return this.#wrongType(Number.isInteger(value) ? `an integer from ${-INT32} to ${INT32 - 1}` : "an integer");
      case "n":
        return typeof value === "number" ? undefined : this.#wrongType("a number");
      case "x":
        return typeof value === "string" || isInteger(value, "i") ? undefined : this.#wrongType("an integer or text");
      case "q":
        return typeof value === "number" || isQuantity(value)
          ? undefined
          : this.#wrongType("a quantity, such as 500m or 1Gi");
      case "t":
        return isTime(value) ? undefined : this.#wrongType("a time, such as 2026-01-31T12:00:00Z, in quotes");
      case "o":
        return undefined;
    }
  }

  #decodeMap(value: Readonly<Record<string, unknown>>, type: ValueType): void {
    const isText = type.decoding === "s";
    for (const key of Object.keys(value)) {
      if (!isText || typeof value[key] !== "string") this.#decodeAt(key, value[key], type);
    }
  }

  // Servers fill in the value of an empty string, or name it as absent.
  #checkChoice(value: string, values: readonly string[]): void {
    if (value === "" || values.includes(value) || this.#strictness.isLive || this.#path[0] === "status") return;
    this.#field().choice(values);
  }

  #wrongType(expected: string): void {
    this.#hasRightTypes = false;
    const field = this.#field();
    if (expected === "true or false") return void field.boolean();
    const meant = meantBy(field, expected);
    const still = meant === undefined ? expected : this.#stillExpected?.(field.path, meant.value);
    if (still === undefined) field.invalid(expected, meant!.advice);
    else field.invalid(still);
  }

  /** Whether the object has so many problems that more would not help; it is then refused as it is. */
  #isEnough(): boolean {
    const isEnough = this.#sink.problems.length >= OBJECT_PROBLEMS_MAX;
    if (isEnough) this.#hasRightTypes = false;
    return isEnough;
  }

  #unknown(key: string): void {
    if (this.#isEnough()) return;
    const ancestors = this.#types.map((type, i) => ({ type, path: this.#field(this.#depths[i]).name }));
    const { path } = ancestors.at(-1)!;
    const severity = this.#strictness.isLive ? "hint" : "error";
    const message = `${path === "" ? "" : `${path}.`}${shown(key)}: Kubernetes has no such field`;
    this.#sink.add("unknown-field", severity, [...this.#path, key], message, fieldAdvice(key, ancestors));
  }

  #field(depth: number = this.#path.length): Field {
    return fieldAt(this.#root, this.#sink, this.#path.slice(0, depth));
  }
}

/** The field at `path` below `root`, for a problem that `sink` takes. */
export function fieldAt(root: Field, sink: ProblemSink, path: FieldPath): Field {
  let field = root;
  for (const key of path) field = new Field(ownItem(field.value, key), sink, field, key);
  return field;
}

function ownItem(container: unknown, key: string | number): unknown {
  if (typeof container !== "object" || container === null || !Object.hasOwn(container, key)) return undefined;
  return (container as Readonly<Record<string | number, unknown>>)[key];
}

function isInteger(value: unknown, decoding: "i" | "l"): boolean {
  return Number.isInteger(value) && (decoding === "l" || ((value as number) >= -INT32 && (value as number) < INT32));
}

/** A key as text of one line. */
function shown(key: string): string {
  const cut = key.length > SHOWN_CHARACTERS_MAX ? `${key.slice(0, SHOWN_CHARACTERS_MAX)}…` : key;
  return /^[\x20-\x7e…]*$/.test(cut) ? cut : JSON.stringify(cut);
}

/** What a value was meant to be: a text without quotes, or a number in quotes. */
function meantBy(field: Field, expected: string): { readonly value: unknown; readonly advice: string } | undefined {
  const { value, written } = field;
  if (expected === "text") {
    const isQuotable = written !== undefined && written.length <= SHOWN_CHARACTERS_MAX;
    return isQuotable ? { value: written, advice: `put it in quotes: "${written}"` } : undefined;
  }
  if (typeof value !== "string" || !/^\d{1,15}$/.test(value)) return undefined;
  // Without its zeros in front, which would make it octal.
  return { value: Number(value), advice: `write the number without quotes: ${Number(value)}` };
}

function expectedOf(type: ValueType): string {
  if (type.values !== undefined) return `one of ${type.values.join(", ")}`;
  return type.decoding === "object" ? "a mapping" : type.decoding === "list" ? "a list" : "a value";
}
