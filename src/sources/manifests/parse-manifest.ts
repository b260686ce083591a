// Parses the text of one manifest file, YAML documents or JSON, to objects and problems; opens lists. Pure. A bad
// document or object never affects a good one. The fields of objects are parsed in objects/.
import { duplicateObject } from "../../objects/duplicate-object.ts";
import type { FieldPath } from "../../objects/field.ts";
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey } from "../../objects/kube-object.ts";
import type { ParseContext } from "../../objects/parse-object.ts";
import { parseObject } from "../../objects/parse-object.ts";
import type { Place, Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import type { ZoneContent } from "../../zonefile/choose-zones.ts";
import { parseDocuments } from "../../text/parse-documents.ts";
import type { YamlFault } from "../../text/yaml-documents.ts";
import { LIST_DEPTH_MAX } from "../../text/yaml-limits.ts";
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
/** Kinds without records that are counted separately. */
const OTHER_KINDS_MAX = 100;

/** Parses the text of a file. Never throws on any text. */
export function parseManifest(text: string, context: ManifestContext): ParsedManifest {
  const collector = new Collector(context);
  for (const document of parseDocuments(text)) {
    if ("fault" in document) collector.addFault(document);
    else collector.addDocument(document.value, (path) => document.locate(path));
  }
  const parsed = collector.finish();
  return { ...parsed, isData: parsed.isBroken && isDataText(text, context.file) };
}

type Locate = (path: FieldPath) => { readonly line: number; readonly column: number };

class Collector {
  readonly #context: ManifestContext;
  readonly #objects = new Map<string, KubeObject>();
  readonly #problems: Problem[] = [];
  readonly #invalidKeys: string[] = [];
  readonly #otherKinds = new Map<string, number>();
  readonly #notes: NoteTaker | undefined;
  #documents = 0;
  #documentsWithoutKind = 0;
  #isBroken = false;

  constructor(context: ManifestContext) {
    this.#context = context;
    this.#notes = context.takesNotes === true ? new NoteTaker() : undefined;
  }

  addFault(fault: YamlFault): void {
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
      const problem = composeProblem(value, this.#context.file);
      if (problem !== undefined) this.#problems.push(problem);
      return;
    }
    const items = ownField(value, "items");
    const isList = typeof kind === "string" && kind.endsWith("List") && (Array.isArray(items) || kind === "List");
    if (isList && depth < LIST_DEPTH_MAX && (Array.isArray(items) || items === undefined || items === null)) {
      const itemDefaults = listDefaults(value, kind);
      (items ?? []).forEach((item: unknown, index: number) => {
        this.#add(item, [...path, "items", index], locate, depth + 1, itemDefaults);
      });
      return;
    }
    const context: ParseContext = {
      namespace: this.#context.namespace,
      // Finding the place of a field takes longer than finding the fault.
      locate: (field) => locate([...path, ...(this.#problems.length < PROBLEMS_MAX ? field : [])]),
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
    const first = this.#objects.get(objectKey(object));
    if (first === undefined) this.#objects.set(objectKey(object), object);
    else if (object.kind !== "Other") this.#problems.push(duplicateObject(first, object));
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

type Defaults = NonNullable<ParseContext["defaults"]>;

// An API server omits kind and apiVersion in the items of a typed list.
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
