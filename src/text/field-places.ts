// Where fields of objects stand in a file: looked up in its text once more, as the objects themselves keep no more than
// where they begin. Only for what is shown to people; a field that is not there has the place of what encloses it.
import type { FieldPath } from "../objects/field.ts";
import type { Place } from "../objects/problem.ts";
import { parseDocuments } from "./parse-documents.ts";

/** A field of the object that begins at `place`. */
export interface WantedField {
  readonly place: Place;
  readonly path: FieldPath;
}

/** The place of each wanted field, in their order; that of the object where `text` holds none that begins there. */
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

/** As deep as lists in lists are opened. */
const MAX_LIST_DEPTH = 10;

function* objectPaths(value: unknown, path: FieldPath, depth: number): Generator<FieldPath> {
  yield path;
  const items = typeof value === "object" && value !== null && "items" in value ? value.items : undefined;
  if (!Array.isArray(items) || depth === MAX_LIST_DEPTH) return;
  for (const [index, item] of items.entries()) yield* objectPaths(item, [...path, "items", index], depth + 1);
}
