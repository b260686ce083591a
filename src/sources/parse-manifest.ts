// The text of one manifest file into objects and problems: many YAML documents, or JSON; lists are opened. Pure, and a
// bad document or object never takes a good one with it. What an object must hold is the objects folder's to say.
import type { FieldPath } from "../objects/field.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { ParseContext } from "../objects/parse-object.ts";
import { parseObject } from "../objects/parse-object.ts";
import type { Place, Problem } from "../objects/problem.ts";
import { JsonPlaces } from "./json-places.ts";
import type { YamlFault } from "./yaml-documents.ts";
import { parseYamlDocuments } from "./yaml-documents.ts";

/** What one file holds. Plain data, so that a worker can hand it over. */
export interface ParsedManifest {
  /** Documents with something in them, those that do not parse among them. */
  readonly documents: number;
  readonly objects: readonly KubeObject[];
  readonly problems: readonly Problem[];
  /** Some document or object could not be told: what the file held before may still be meant. */
  readonly broken: boolean;
  /** Objects that could be told but are not valid (see `objectKey`). */
  readonly invalidKeys: readonly string[];
  readonly documentsWithoutKind: number;
  /** Objects of kinds that have no records, by kind. */
  readonly otherKinds: ReadonlyMap<string, number>;
}

/** `namespace` is where objects without one live; `file` is shown to the operator. */
export interface ManifestContext {
  readonly file: string;
  readonly namespace: string;
}

const MAX_LIST_DEPTH = 10;

/** Parses the text of a file. Never throws on any text. */
export function parseManifest(text: string, context: ManifestContext): ParsedManifest {
  const collector = new Collector(context);
  const clean = text.startsWith("\ufeff") ? text.slice(1) : text;
  const json = parseJson(clean);
  if (json !== undefined) {
    collector.addDocument(json, makeJsonLocator(clean));
    return collector.finish();
  }
  for (const document of parseYamlDocuments(clean)) {
    if ("fault" in document) collector.addFault(document);
    else collector.addDocument(document.value, (path) => document.locate(path));
  }
  return collector.finish();
}

// JSON.parse is some fifty times faster than a YAML parser; what it refuses may still be YAML's flow style.
function parseJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

type Locate = (path: FieldPath) => { readonly line: number; readonly column: number };

function makeJsonLocator(text: string): Locate {
  const places = new JsonPlaces(text);
  let lineStarts: number[] | undefined;
  return (path) => {
    if (lineStarts === undefined) {
      lineStarts = [0];
      for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) lineStarts.push(end + 1);
    }
    const offset = places.offsetOf(path);
    let low = 0;
    for (let high = lineStarts.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (lineStarts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - lineStarts[low]! + 1 };
  };
}

class Collector {
  readonly #context: ManifestContext;
  readonly #objects = new Map<string, KubeObject>();
  readonly #problems: Problem[] = [];
  readonly #invalidKeys: string[] = [];
  readonly #otherKinds = new Map<string, number>();
  #documents = 0;
  #documentsWithoutKind = 0;
  #broken = false;

  constructor(context: ManifestContext) {
    this.#context = context;
  }

  addFault(fault: YamlFault): void {
    this.#documents++;
    this.#broken = true;
    this.#problems.push({
      code: "yaml-syntax",
      severity: "error",
      message: fault.fault,
      advice: fault.source.includes("{{")
        ? "this looks like a template: render it first, e.g. `helm template . | cluster-dns serve -`"
        : "correct the document; the others of the file apply",
      place: { file: this.#context.file, line: fault.line, column: fault.column },
    });
  }

  addDocument(value: unknown, locate: Locate): void {
    this.#documents++;
    const place = (path: FieldPath): Place => ({ file: this.#context.file, ...locate(path) });
    if (Array.isArray(value)) this.#documentsWithoutKind++;
    else this.#add(value, [], place, 0);
  }

  #add(value: unknown, path: FieldPath, locate: (path: FieldPath) => Place, depth: number, defaults?: Defaults): void {
    const kind = ownField(value, "kind") ?? defaults?.kind;
    if (isMapping(value) && (kind === undefined || kind === null)) {
      this.#documentsWithoutKind++;
      return;
    }
    const items = ownField(value, "items");
    const isList = typeof kind === "string" && kind.endsWith("List") && (Array.isArray(items) || kind === "List");
    if (isList && depth < MAX_LIST_DEPTH && (Array.isArray(items) || items === undefined || items === null)) {
      const itemDefaults = listDefaults(value, kind);
      (items ?? []).forEach((item: unknown, index: number) => {
        this.#add(item, [...path, "items", index], locate, depth + 1, itemDefaults);
      });
      return;
    }
    const context: ParseContext = {
      namespace: this.#context.namespace,
      locate: (field) => locate(path.length === 0 ? field : [...path, ...field]),
      ...(defaults === undefined ? {} : { defaults }),
    };
    this.#take(parseObject(value, context), typeof kind === "string" ? kind : "");
  }

  #take(result: ReturnType<typeof parseObject>, kind: string): void {
    this.#problems.push(...result.problems);
    const { object, key } = result;
    if (object === undefined) {
      const failed = result.problems.some((problem) => problem.severity === "error");
      if (!failed) this.#countOther(kind);
      else if (key === undefined) this.#broken = true;
      else this.#invalidKeys.push(key);
      return;
    }
    if (object.kind === "Other") this.#countOther(kind);
    const first = this.#objects.get(objectKey(object));
    if (first === undefined) this.#objects.set(objectKey(object), object);
    else if (object.kind !== "Other") this.#problems.push(duplicateObject(first, object));
  }

  #countOther(kind: string): void {
    this.#otherKinds.set(kind, (this.#otherKinds.get(kind) ?? 0) + 1);
  }

  finish(): ParsedManifest {
    return {
      documents: this.#documents,
      objects: [...this.#objects.values()],
      problems: this.#problems,
      broken: this.#broken,
      invalidKeys: this.#invalidKeys.filter((key) => !this.#objects.has(key)),
      documentsWithoutKind: this.#documentsWithoutKind,
      otherKinds: this.#otherKinds,
    };
  }
}

type Defaults = NonNullable<ParseContext["defaults"]>;

// An API server leaves kind and apiVersion out of the items of a typed list.
function listDefaults(list: unknown, kind: string): Defaults | undefined {
  const apiVersion = ownField(list, "apiVersion");
  return kind === "List" || typeof apiVersion !== "string"
    ? undefined
    : { apiVersion, kind: kind.slice(0, -"List".length) };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function ownField(value: unknown, key: string): unknown {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

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
