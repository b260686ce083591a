// The fields of the kinds that are read, as the API server decodes them: the table of schema-table.ts as types that
// refer to each other. Pure. Source: the Kubernetes API reference.
import { SCHEMA_TABLE } from "./schema-table.ts";

/** How a value is decoded; the scalars are explained at the head of schema-table.ts. */
export type Decoding = "s" | "b" | "i" | "l" | "n" | "x" | "q" | "t" | "o" | "object" | "list" | "map";

/** A field, an item of a list or a value of a mapping. */
export interface ValueType {
  readonly decoding: Decoding;
  /** Of lists and mappings. */
  readonly item?: ValueType;
  /** Of objects. */
  readonly type?: ObjectType;
  /** The values that a string may have. */
  readonly values?: readonly string[];
  /** Whether the field may not be absent. */
  readonly isRequired?: boolean;
}

/** The fields of an object, by name. A type is read from the table when an object of it is first met. */
export class ObjectType {
  readonly name: string;
  readonly #words: readonly string[];
  #fields: ReadonlyMap<string, ValueType> | undefined;
  #required: readonly string[] | undefined;

  /** `words`: the fields as in the table. */
  constructor(name: string, words: readonly string[]) {
    this.name = name;
    this.#words = words;
  }

  get fields(): ReadonlyMap<string, ValueType> {
    return (this.#fields ??= new Map(
      this.#words.map((word): [string, ValueType] => {
        const colon = word.indexOf(":");
        const isRequired = word[colon - 1] === "!";
        const type = readType(word.slice(colon + 1));
        return [word.slice(0, isRequired ? colon - 1 : colon), isRequired ? { ...type, isRequired } : type];
      }),
    ));
  }

  /** The names of the fields that may not be absent. */
  get required(): readonly string[] {
    return (this.#required ??= [...this.fields].filter(([, field]) => field.isRequired === true).map(([name]) => name));
  }
}

function readType(code: string): ValueType {
  if (code[0] === "[") return { decoding: "list", item: readType(code.slice(1)) };
  if (code[0] === "{") return { decoding: "map", item: readType(code.slice(1)) };
  const [name = "", values] = code.split("=");
  if (name.length > 1) return { decoding: "object", type: TYPES.get(name)! };
  return { decoding: name as Decoding, ...(values === undefined ? {} : { values: values.split("|") }) };
}

const TYPES: ReadonlyMap<string, ObjectType> = new Map(
  SCHEMA_TABLE.trim()
    .replaceAll("\n ", " ")
    .split("\n")
    .map((line) => {
      const [name = "", ...words] = line.split(" ");
      return [name, new ObjectType(name, words)];
    }),
);

/** The group of a kind, as the names of the table's types have it. */
const GROUPS: Readonly<Record<string, string>> = {
  EndpointSlice: "DiscoveryV1",
  Deployment: "AppsV1",
  StatefulSet: "AppsV1",
  ReplicaSet: "AppsV1",
  DaemonSet: "AppsV1",
  Job: "BatchV1",
  CronJob: "BatchV1",
};

/** The fields of a kind that is read, in its current version; undefined for other kinds. */
export function schemaOf(kind: string): ObjectType | undefined {
  return TYPES.get(`${Object.hasOwn(GROUPS, kind) ? GROUPS[kind] : ""}${kind}`);
}
