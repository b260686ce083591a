// One document of a text, JSON or YAML, as a value with the places of its parts, or a fault with its own. What the
// parsers of this folder yield; knows no format.
import type { FieldPath } from "../objects/field.ts";
import type { TextPlaces } from "./text-places.ts";

/** Lines and columns count from 1. */
interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A key that is written twice in a mapping: the place of the later one, which counts, and the line of the earlier. */
export interface RepeatedKey extends TextPlace {
  readonly key: string;
  readonly earlierLine: number;
}

/** A document that parsed. Values that an alias repeats are one value. */
export interface ParsedDocument {
  readonly value: unknown;
  /** The place of the value at `path`, or of the innermost value that contains it. */
  locate(path: FieldPath): TextPlace;
  /** The number, boolean or other word at `path` as it is written; undefined for anything in quotes or brackets. */
  writtenAt(path: FieldPath): string | undefined;
  /** At most `REPEATED_KEYS_MAX`. */
  readonly repeatedKeys: readonly RepeatedKey[];
}

/** The fault of a document. */
export interface TextFault extends TextPlace {
  readonly fault: string;
  /** The line's text. */
  readonly source: string;
}

/** The fault at `offset`. */
export function makeFault(places: TextPlaces, message: string, offset: number): TextFault {
  return { fault: message, ...places.at(offset), source: places.lineAt(offset) };
}
