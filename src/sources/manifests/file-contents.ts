// What a manifest file holds, and how a new parse of it updates that: an object or zone that can't be parsed stays as
// it was, an object that is gone from a good file goes. Pure.
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectKey, objectsByKey } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import type { ZoneContent } from "../../zonefile/choose-zones.ts";
import type { CheckNotes } from "./check-notes.ts";
import { holdsLess } from "./holds-less.ts";
import type { ParsedManifest } from "./parse-manifest.ts";

/** What a file holds. */
export interface FileContents {
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** Of a zone file or hosts file. */
  readonly zone: ZoneContent | undefined;
  readonly problems: readonly Problem[];
  readonly documentsWithoutKind: number;
  /** The file has something, and nothing of Kubernetes. */
  readonly isData: boolean;
  /** Objects of kinds that have no records, by kind. */
  readonly otherKinds: ReadonlyMap<string, number>;
  /** Keys of objects that went when a document lost its kind: they stay while more than `above` documents have none. */
  readonly kindless: { readonly keys: ReadonlySet<string>; readonly above: number };
  /** Only where `check` asked for them. */
  readonly notes?: CheckNotes;
}

export const EMPTY_CONTENTS: FileContents = {
  objects: new Map(),
  zone: undefined,
  problems: [],
  documentsWithoutKind: 0,
  isData: false,
  otherKinds: new Map(),
  kindless: { keys: new Set(), above: 0 },
};

/** Whether the file gives nothing to resolve. */
export function isEmptyContents({ objects, zone }: FileContents): boolean {
  return objects.size === 0 && zone?.kind !== "zone" && (zone?.entries.numbers.length ?? 0) === 0;
}

/** The contents after the file at `path` was parsed. */
export function updateContents(before: FileContents, parsed: ParsedManifest, path: string): FileContents {
  // A file that held objects has lost them by mistake.
  if (parsed.isData && isEmptyContents(before)) return { ...EMPTY_CONTENTS, isData: true };
  const kindless = findKindless(before, parsed);
  const misspelt = findMisspelt(before, parsed);
  const problems = misspelt.map((key) => misspeltKind(path, key));
  return {
    objects: keepObjects(before, parsed, [...kindless.keys, ...misspelt]),
    zone: parsed.isBroken ? before.zone : parsed.zone,
    problems: [...parsed.problems, ...problems, ...(kindless.keys.size > 0 ? [noKind(path)] : [])],
    documentsWithoutKind: parsed.documentsWithoutKind,
    isData: parsed.documents > 0 && parsed.documents === parsed.documentsWithoutKind && parsed.problems.length === 0,
    otherKinds: parsed.otherKinds,
    kindless,
    ...(parsed.notes && { notes: parsed.notes }),
  };
}

/** Whether `parsed` has faults or lacks something of `before`, as a file that is cut short would. */
export function isLoss(before: FileContents, parsed: ParsedManifest): boolean {
  if (parsed.isBroken || parsed.invalidKeys.length > 0) return true;
  // A zone file that is cut short may still be valid, and comparing all its records would take long.
  if (before.zone !== undefined) return true;
  const now = objectsByKey(parsed.objects);
  return [...before.objects].some(([key, object]) => holdsLess(now.get(key), object));
}

/** `before` with the objects of `parsed` that lack nothing; none of a file with faults, which may be cut short. */
export function addGains(before: FileContents, parsed: ParsedManifest): FileContents {
  if (parsed.isBroken || parsed.invalidKeys.length > 0) return before;
  const gains = [...objectsByKey(parsed.objects)].filter(([key, now]) => !holdsLess(now, before.objects.get(key)));
  return gains.length === 0 ? before : { ...before, objects: new Map([...before.objects, ...gains]) };
}

// A document that loses its kind may be what an object was, so all objects that go with it stay. Once it is there, it
// says nothing about objects that go later.
function findKindless(before: FileContents, parsed: ParsedManifest): FileContents["kindless"] {
  const { documentsWithoutKind } = parsed;
  const above = before.kindless.keys.size > 0 ? before.kindless.above : before.documentsWithoutKind;
  if (documentsWithoutKind <= above) return { keys: new Set(), above: documentsWithoutKind };
  const present = new Set([...parsed.objects.map(objectKey), ...parsed.invalidKeys]);
  const isMore = documentsWithoutKind > before.documentsWithoutKind;
  const candidates = isMore ? before.objects.keys() : before.kindless.keys;
  return { keys: new Set([...candidates].filter((key) => !present.has(key))), above };
}

/** Objects that went while an object of that name came whose kind is the same but for its letters' case. */
function findMisspelt(before: FileContents, parsed: ParsedManifest): readonly string[] {
  const keys = [...parsed.objects.map(objectKey), ...parsed.invalidKeys];
  const [present, similar] = [new Set(keys), new Set(keys.map(foldKind))];
  const isMisspelt = (key: string, { kind }: KubeObject): boolean =>
    kind !== "Other" && !present.has(key) && similar.has(foldKind(key));
  return [...before.objects].flatMap(([key, object]) => (isMisspelt(key, object) ? [key] : []));
}

/** The key with its kind in lower case, and without the API version of kinds that are not known. */
function foldKind(key: string): string {
  const [, kind, name] = /^([^. ]+)\S* (.*)$/.exec(key) ?? [];
  return `${kind?.toLowerCase()} ${name}`;
}

function keepObjects(
  before: FileContents,
  parsed: ParsedManifest,
  kept: readonly string[],
): ReadonlyMap<string, KubeObject> {
  const objects = new Map<string, KubeObject>();
  for (const key of parsed.isBroken ? before.objects.keys() : [...parsed.invalidKeys, ...kept]) {
    const object = before.objects.get(key);
    if (object !== undefined) objects.set(key, object);
  }
  for (const [key, object] of objectsByKey(parsed.objects)) objects.set(key, object);
  return objects;
}

function misspeltKind(path: string, key: string): Problem {
  const [kind] = key.split(" ", 1);
  const message = `${key} has another kind or apiVersion now; it stays in effect as it was`;
  return fileProblem(
    path,
    "no-kind",
    message,
    `write the kind as \`${kind}\` with its apiVersion, or remove the object`,
  );
}

function noKind(path: string): Problem {
  const message = "a document lost its kind; the objects that went with it stay in effect";
  return fileProblem(path, "no-kind", message, "write apiVersion and kind");
}
