// Parses the text of one manifest file, YAML documents or JSON, to objects and problems; opens lists and templates.
// Pure. A bad document or object never affects a good one. The fields of objects are parsed in objects/.
import { duplicateObject } from "../../objects/duplicate-object.ts";
import type { FieldPath } from "../../objects/field.ts";
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { ParseContext } from "../../objects/parse-object.ts";
import { parseObject } from "../../objects/parse-object.ts";
import type { Place, Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import { child, isMapping } from "../../objects/raw-values.ts";
import type { ZoneContent } from "../../zonefile/choose-zones.ts";
import { parseDocuments } from "../../text/parse-documents.ts";
import type { ParsedDocument, RepeatedKey, TextFault } from "../../text/parsed-document.ts";
import { LIST_DEPTH_MAX } from "../../text/yaml-limits.ts";
import { isTemplate, openTemplate } from "./open-template.ts";
import type { CheckNotes } from "./check-notes.ts";
import { NoteTaker } from "./check-notes.ts";
import { composeProblem, isDataText } from "./data-files.ts";

/** The result for one file. Plain data, so that a worker can post it. */
export interface ParsedManifest {
  /** Documents that are not empty, including those with faults. */
  readonly documents: number;
  readonly objects: readonly KubeObject[];
  readonly problems: readonly Problem[];
  /** The text has faults, but is no manifest, not even a broken one. */
  readonly isData: boolean;
  /** Some document or object can't be identified, so that the file may still mean any of its previous objects. */
  readonly isBroken: boolean;
  /** Keys of objects that can be identified and are not valid (see `objectKey`). */
  readonly invalidKeys: readonly string[];
  readonly documentsWithoutKind: number;
  /** Objects of kinds that have no records, by kind. */
  readonly otherKinds: ReadonlyMap<string, number>;
  /** Of a zone file or hosts file without faults; such a file has no objects. */
  readonly zone?: ZoneContent;
  /** Paths of the files that it includes, or tries to. */
  readonly included: readonly string[];
  /** Only where `check` asked for them. */
  readonly notes?: CheckNotes;
}

/** `namespace` is that of objects without one; `file` is shown to the operator. */
export interface ManifestContext {
  readonly file: string;
  readonly namespace: string;
  /** Whether notes for `check` are taken; not if absent. */
  readonly takesNotes?: boolean;
}

/** Shown for one file; a file with more usually repeats one mistake. */
const PROBLEMS_MAX = 1_000;
const OBJECT_KEYS = ["apiVersion", "kind"];
const SHOWN_CHARACTERS_MAX = 80;
/** Kinds without records that are counted separately. */
const OTHER_KINDS_MAX = 100;

/** Parses the text of a file. Never throws on any text. */
export function parseManifest(text: string, context: ManifestContext): ParsedManifest {
  const collector = new Collector(context);
  for (const document of parseDocuments(text)) {
    if ("fault" in document) collector.addFault(document);
    else collector.addDocument(document);
  }
  const parsed = collector.finish();
  return { ...parsed, isData: parsed.isBroken && isDataText(text, context.file) };
}

class Collector {
  readonly #context: ManifestContext;
  readonly #objects = new Map<string, KubeObject>();
  readonly #problems: Problem[] = [];
  readonly #invalidKeys: string[] = [];
  readonly #otherKinds = new Map<string, number>();
  readonly #notes: NoteTaker | undefined;
  #documents = 0;
  #documentsWithoutKind = 0;
  /** The first document that is a list or plain text. */
  #stray: Problem | undefined;
  #isBroken = false;

  constructor(context: ManifestContext) {
    this.#context = context;
    this.#notes = context.takesNotes === true ? new NoteTaker() : undefined;
  }

  addFault(fault: TextFault): void {
    this.#documents++;
    this.#isBroken = true;
    this.#problems.push({
      code: "yaml-syntax",
      severity: "error",
      message: fault.fault,
      advice: fault.source.includes("{{")
        ? "this looks like a template: render it first, e.g. `helm template . | cluster-dns serve -`"
        : "correct this document; the other documents of the file apply",
      place: { file: this.#context.file, line: fault.line, column: fault.column },
    });
  }

  addDocument(document: ParsedDocument): void {
    this.#documents++;
    const { value } = document;
    // Data may repeat keys; its own program judges that.
    if (OBJECT_KEYS.some((key) => child(value, key) !== undefined))
      this.#problems.push(...document.repeatedKeys.map((repeated) => duplicateKey(this.#context.file, repeated)));
    if (isMapping(value)) this.#add(value, [], document, 0);
    else this.#addStray(value, this.#place(document, []));
  }

  #place(document: ParsedDocument, path: FieldPath): Place {
    return { file: this.#context.file, ...document.locate(path) };
  }

  // A file of data has such documents alone; among objects, or with objects in it, it is a mistake.
  #addStray(value: unknown, place: Place): void {
    const problem = notAnObject(value, place);
    if (isListOfObjects(value)) {
      this.#problems.push(problem);
      this.#isBroken = true;
      return;
    }
    this.#documentsWithoutKind++;
    this.#stray ??= problem;
  }

  #add(value: unknown, path: FieldPath, document: ParsedDocument, depth: number, defaults?: Defaults): void {
    const kind = child(value, "kind") ?? defaults?.kind;
    if (isMapping(value) && (kind === undefined || kind === null)) {
      this.#documentsWithoutKind++;
      const problem = isObjectOfNoKind(value)
        ? objectOfNoKind(this.#place(document, path))
        : composeProblem(value, this.#context.file);
      if (problem !== undefined) this.#problems.push(problem);
      return;
    }
    const items = child(value, "items");
    const isList = typeof kind === "string" && kind.endsWith("List") && (Array.isArray(items) || kind === "List");
    if (isList && depth < LIST_DEPTH_MAX && (Array.isArray(items) || items === undefined || items === null)) {
      const itemDefaults = listDefaults(value, kind);
      (items ?? []).forEach((item: unknown, index: number) => {
        this.#add(item, [...path, "items", index], document, depth + 1, itemDefaults);
      });
      return;
    }
    if (isMapping(value) && isTemplate(value) && depth < LIST_DEPTH_MAX) {
      const { objects, problems } = openTemplate(value, (field) => this.#place(document, [...path, ...field]));
      this.#problems.push(...problems);
      objects.forEach((object, index) => this.#add(object, [...path, "objects", index], document, depth + 1));
      return;
    }
    const context: ParseContext = {
      namespace: this.#context.namespace,
      // Finding the place of a field takes longer than finding the fault.
      locate: (field) => this.#place(document, [...path, ...(this.#problems.length < PROBLEMS_MAX ? field : [])]),
      writtenAt: (field) => document.writtenAt([...path, ...field]),
      ...(defaults === undefined ? {} : { defaults }),
    };
    const result = parseObject(value, context);
    if (result.key !== undefined) this.#notes?.add(value, result.key, result.object, () => context.locate([]));
    this.#take(result, typeof kind === "string" ? kind : "");
  }

  #take(result: ReturnType<typeof parseObject>, kind: string): void {
    this.#problems.push(...result.problems);
    const { object, key } = result;
    if (object === undefined) {
      const failed = result.problems.some((problem) => problem.severity === "error");
      if (!failed) this.#countOther(kind);
      else if (key === undefined) this.#isBroken = true;
      else this.#invalidKeys.push(key);
      return;
    }
    if (object.kind === "Other") this.#countOther(kind);
    const earlier = this.#objects.get(objectKey(object));
    const duplicate = earlier === undefined ? undefined : duplicateObject(object, earlier);
    if (duplicate !== undefined) this.#problems.push(duplicate);
    this.#objects.set(objectKey(object), object);
  }

  #countOther(written: string): void {
    const kind = this.#otherKinds.has(written) || this.#otherKinds.size < OTHER_KINDS_MAX ? written : "others";
    this.#otherKinds.set(kind, (this.#otherKinds.get(kind) ?? 0) + 1);
  }

  #shownProblems(): readonly Problem[] {
    const more = this.#problems.length - PROBLEMS_MAX;
    if (more <= 0) return this.#problems;
    const severity = this.#problems.slice(PROBLEMS_MAX).some((problem) => problem.severity === "error")
      ? "error"
      : "warning";
    const message = `the file has ${more} more ${more === 1 ? "problem" : "problems"}`;
    const advice = "correct the problems above first";
    const last = fileProblem(this.#context.file, "too-many-problems", message, advice, severity);
    return [...this.#problems.slice(0, PROBLEMS_MAX), last];
  }

  finish(): Omit<ParsedManifest, "isData"> {
    const hasObjects = this.#objects.size + this.#invalidKeys.length + this.#otherKinds.size > 0;
    if (this.#stray !== undefined && hasObjects) {
      this.#problems.push(this.#stray);
      this.#isBroken = true;
    }
    return {
      documents: this.#documents,
      objects: [...this.#objects.values()],
      problems: this.#shownProblems(),
      isBroken: this.#isBroken,
      invalidKeys: this.#invalidKeys.filter((key) => !this.#objects.has(key)),
      documentsWithoutKind: this.#documentsWithoutKind,
      otherKinds: this.#otherKinds,
      included: [],
      ...(this.#notes && { notes: this.#notes.finish() }),
    };
  }
}

function duplicateKey(file: string, { key, earlierLine, line, column }: RepeatedKey): Problem {
  const where = earlierLine === line ? `twice in line ${line}` : `in line ${earlierLine} and again in line ${line}`;
  return {
    code: "duplicate-key",
    severity: "warning",
    message: `the key ${shorten(key)} is ${where}; the last one is used`,
    advice: "remove one of the two",
    place: { file, line, column },
  };
}

function notAnObject(value: unknown, place: Place): Problem {
  const what = Array.isArray(value)
    ? "a list"
    : typeof value === "string"
      ? `the text ${shorten(value)}`
      : String(value);
  return {
    code: "not-an-object",
    severity: "error",
    message: `expected a Kubernetes object, got ${what}`,
    advice: isListOfObjects(value)
      ? "wrap the list: `apiVersion: v1`, `kind: List` and the objects as `items`"
      : "remove the document, or write it as a comment",
    place,
  };
}

function isListOfObjects(value: unknown): boolean {
  const isText = (item: unknown, key: string): boolean => typeof child(item, key) === "string";
  return Array.isArray(value) && value.some((item) => isText(item, "apiVersion") && isText(item, "kind"));
}

function shorten(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text);
}

type Defaults = NonNullable<ParseContext["defaults"]>;

/** Whether a mapping has all that tells an object from data but for its kind. */
function isObjectOfNoKind(value: unknown): boolean {
  return typeof child(value, "apiVersion") === "string" && isMapping(child(value, "metadata"));
}

function objectOfNoKind(place: Place): Problem {
  const message = "kind: expected the kind of the object, got nothing";
  return { code: "invalid-field", severity: "error", message, advice: "add the field `kind`, in lower case", place };
}

// An API server omits kind and apiVersion in the items of a typed list.
function listDefaults(list: unknown, kind: string): Defaults | undefined {
  const apiVersion = child(list, "apiVersion");
  return kind === "List" || typeof apiVersion !== "string"
    ? undefined
    : { apiVersion, kind: kind.slice(0, -"List".length) };
}
