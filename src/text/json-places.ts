// Finds the offsets of values in a JSON text, on demand, so that JSON.parse is the only cost of files without problems.
// The text must be valid JSON (RFC 8259); nothing is checked here.
import type { FieldPath } from "../objects/field.ts";

/** Offsets of the members or items of one object or array. */
type Children = ReadonlyMap<string | number, number>;

/** Objects and arrays with this many children are cached at any depth. */
const CACHED_CHILDREN_MIN = 100;

/** Offsets in `text`; children of values up to two levels deep, and of large ones, are cached. */
export class JsonPlaces {
  readonly #text: string;
  readonly #start: number;
  readonly #known = new Map<number, Children>();

  /** The value begins at `start`. */
  constructor(text: string, start = 0) {
    this.#text = text;
    this.#start = start;
  }

  /** The number, true, false or null at `path` as it is written. */
  writtenAt(path: FieldPath): string | undefined {
    const offset = this.offsetOf(path);
    const isThere = path.length > 0 && offset !== this.offsetOf(path.slice(0, -1));
    return isThere ? /^[-\w][-+.\w]*/.exec(this.#text.slice(offset, skipValue(this.#text, offset)))?.[0] : undefined;
  }

  /** The offset of the value at `path`, or of the innermost value that contains it. */
  offsetOf(path: FieldPath): number {
    let offset = skipSpace(this.#text, this.#start);
    for (const [depth, key] of path.entries()) {
      let children = this.#known.get(offset);
      if (children === undefined) {
        children = readChildren(this.#text, offset);
        if (depth < 2 || children.size >= CACHED_CHILDREN_MIN) this.#known.set(offset, children);
      }
      const child = children.get(key);
      if (child === undefined) break;
      offset = child;
    }
    return offset;
  }
}

function readChildren(text: string, start: number): Children {
  const children = new Map<string | number, number>();
  const opening = text[start];
  if (opening !== "{" && opening !== "[") return children;
  let offset = skipSpace(text, start + 1);
  for (let index = 0; offset < text.length && text[offset] !== "}" && text[offset] !== "]"; index++) {
    let key: string | number = index;
    if (opening === "{") {
      const end = skipString(text, offset);
      key = JSON.parse(text.slice(offset, end)) as string;
      offset = skipSpace(text, skipSpace(text, end) + 1);
    }
    children.set(key, offset);
    offset = skipSpace(text, skipValue(text, offset));
    if (text[offset] === ",") offset = skipSpace(text, offset + 1);
  }
  return children;
}

function skipSpace(text: string, offset: number): number {
  while (offset < text.length && text.charCodeAt(offset) <= 0x20) offset++;
  return offset;
}

function skipString(text: string, offset: number): number {
  for (offset++; offset < text.length && text[offset] !== '"'; offset++) if (text[offset] === "\\") offset++;
  return offset + 1;
}

function skipValue(text: string, offset: number): number {
  let depth = 0;
  while (offset < text.length) {
    const character = text[offset];
    if (character === '"') {
      offset = skipString(text, offset);
      if (depth === 0) return offset;
      continue;
    }
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      if (depth === 0) return offset;
      depth--;
      if (depth === 0) return offset + 1;
    } else if (depth === 0 && character === ",") return offset;
    offset++;
  }
  return offset;
}
