// JSON values one after another in a text (as `kubectl get -o json` of several objects, joined): each a document with
// the places of its parts. Knows nothing of YAML; text that is no JSON is the caller's.
import { scanJson } from "./json-limits.ts";
import { JsonPlaces } from "./json-places.ts";
import type { ParsedDocument } from "./parsed-document.ts";
import type { TextPlaces } from "./text-places.ts";

/** Yields the values between `start` and `end`; returns the offset of what is no JSON value, or `end`. */
export function* parseJsonStream(
  text: string,
  places: TextPlaces,
  start: number,
  end: number,
): Generator<ParsedDocument, number> {
  let offset = skipBlank(text, start, end);
  while (offset < end && /[{[]/.test(text[offset]!)) {
    const document = parseOne(text, places, offset);
    if (document === undefined) break;
    yield document.parsed;
    offset = skipBlank(text, document.end, end);
  }
  return offset;
}

// JSON.parse is some fifty times faster than a YAML parser.
function parseOne(
  text: string,
  places: TextPlaces,
  start: number,
): { readonly parsed: ParsedDocument; readonly end: number } | undefined {
  const { end, isTooLarge, repeatedKeys } = scanJson(text, start);
  if (isTooLarge) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.slice(start, end));
  } catch {
    return undefined;
  }
  const json = new JsonPlaces(text, start);
  const parsed: ParsedDocument = {
    value,
    locate: (path) => places.at(json.offsetOf(path)),
    writtenAt: (path) => json.writtenAt(path),
    repeatedKeys: repeatedKeys.map(({ key, offset, earlier }) => ({
      key: JSON.parse(key) as string,
      ...places.at(offset),
      earlierLine: places.at(earlier).line,
    })),
  };
  return { parsed, end };
}

/** The offset of the next character that is not white space, a byte order mark or in a comment; at most `end`. */
export function skipBlank(text: string, start: number, end: number): number {
  let offset = start;
  while (offset < end) {
    if (text[offset] === "#") {
      const line = text.indexOf("\n", offset);
      offset = line === -1 ? end : line;
    } else if (/[\0- \ufeff]/.test(text[offset]!)) offset++;
    else break;
  }
  return Math.min(offset, end);
}
