// What only `check` needs of a file beside its objects: the references in them, and the problems that an annotation
// silences. `serve` takes no notes, so that it does not pay for them. Pure.
import type { KubeObject } from "../../objects/kube-object.ts";
import type { Place } from "../../objects/problem.ts";
import { collectReferences } from "../../objects/references/collect-references.ts";
import { child, entries, text } from "../../objects/raw-values.ts";
import type { Reference } from "../../objects/references/reference.ts";

/** Problem codes, separated by commas, that `check` does not report for the object. */
const IGNORE_ANNOTATION = "cluster-dns/ignore";

/** Fields by which custom resources ask their operator for pods. */
const POD_FIELDS: ReadonlySet<string> = new Set(
  `replicas instances members nodes nodeCount nodeSets size servers shards workers storage volumeClaimTemplate
  volumeClaimTemplates persistence podTemplate`.split(/\s+/),
);

/** The codes in the annotation of an object. */
export interface IgnoredCodes {
  /** The key of the object. */
  readonly object: string;
  readonly codes: readonly string[];
  /** The place of the object. */
  readonly place: Place | undefined;
}

export interface CheckNotes {
  readonly references: readonly Reference[];
  /** The keys of custom resources that ask for pods. */
  readonly askingForPods: readonly string[];
  readonly ignored: readonly IgnoredCodes[];
}

/** Takes the notes of one file. */
export class NoteTaker implements CheckNotes {
  readonly references: Reference[] = [];
  readonly askingForPods: string[] = [];
  readonly ignored: IgnoredCodes[] = [];

  /** Adds an object as it is written; without `object` it is not valid. */
  add(value: unknown, key: string, object: KubeObject | undefined, place: () => Place | undefined): void {
    if (object !== undefined) for (const reference of collectReferences(value, object)) this.references.push(reference);
    if (object?.kind === "Other" && asksForPods(child(value, "spec"))) this.askingForPods.push(key);
    const annotation = text(child(value, "metadata", "annotations", IGNORE_ANNOTATION));
    if (annotation !== undefined) this.ignored.push({ object: key, codes: splitCodes(annotation), place: place() });
  }

  /** The notes as plain data, for a message between threads. */
  finish(): CheckNotes {
    return { references: this.references, askingForPods: this.askingForPods, ignored: this.ignored };
  }
}

/** Whether a spec has a number of pods or storage, itself or one level below. */
function asksForPods(spec: unknown): boolean {
  const fields = entries(spec);
  return [...fields, ...fields.flatMap(([, below]) => entries(below))].some(([key]) => POD_FIELDS.has(key));
}

function splitCodes(list: string): readonly string[] {
  return list
    .split(",")
    .map((code) => code.trim())
    .filter((code) => code !== "");
}
