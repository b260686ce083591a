// Finds the places of fields in a text. Objects keep only the place where they begin, so the text is parsed again; used
// for output to people only. A field that is absent has the place of the value that would contain it.
import type { FieldPath } from "../objects/field.ts";
import type { Place } from "../objects/problem.ts";
import { parseDocuments } from "./parse-documents.ts";
import { LIST_DEPTH_MAX } from "./yaml-limits.ts";

/** A field of the object that begins at `place`. */
export interface WantedField {
  readonly place: Place;
  readonly path: FieldPath;
}

/** The place of each wanted field, in order; the object's own place when no object of `text` begins there. */
export function fieldPlaces(text: string, wanted: readonly WantedField[]): readonly Place[] {
  const byStart = new Map<string, number[]>();
  wanted.forEach(({ place }, index) => {
    const key = `${place.line}:${place.column}`;
    byStart.set(key, [...(byStart.get(key) ?? []), index]);
  });
  const places = wanted.map(({ place }) => place);
  for (const document of parseDocuments(text)) {
    if ("fault" in document) continue;
    for (const root of objectPaths(document.value, [], 0)) {
      const { line, column } = document.locate(root);
      for (const index of byStart.get(`${line}:${column}`) ?? []) {
        const { place, path } = wanted[index]!;
        places[index] = { file: place.file, ...document.locate([...root, ...path]) };
      }
    }
  }
  return places;
}

function* objectPaths(value: unknown, path: FieldPath, depth: number): Generator<FieldPath> {
  yield path;
  if (typeof value !== "object" || value === null || depth === LIST_DEPTH_MAX) return;
  // Of a List, and of a Template of OpenShift.
  for (const key of ["items", "objects"]) {
    const items: unknown = Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
    if (!Array.isArray(items)) continue;
    for (const [index, item] of items.entries()) yield* objectPaths(item, [...path, key, index], depth + 1);
  }
}
