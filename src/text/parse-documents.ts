// The documents of a manifest's text, YAML and JSON in any mixture: each a value with the places of its parts, or a
// fault with its own. Knows nothing of Kubernetes and reads no file.
import { parseJsonStream, skipBlank } from "./json-stream.ts";
import type { ParsedDocument, TextFault } from "./parsed-document.ts";
import { makeFault } from "./parsed-document.ts";
import { TextPlaces } from "./text-places.ts";
import { parseYaml } from "./yaml-documents.ts";
import { Growth, NODES_MAX } from "./yaml-limits.ts";

/** Parses `text` document by document; skips empty documents. Never throws on any text. */
export function* parseDocuments(text: string): Generator<ParsedDocument | TextFault> {
  // Files that were joined have a byte order mark in front of any document.
  const clean = text.includes("\ufeff") ? text.replaceAll(/^\ufeff/gm, "") : text;
  const places = new TextPlaces(clean);
  const growth = new Growth(clean.length);
  let documents = 0;
  for (const [start, end] of splitDocuments(clean)) {
    if (++documents > NODES_MAX) {
      yield makeFault(places, `expected at most ${NODES_MAX} documents; the rest is not read`, start);
      return;
    }
    const json = startOfJson(clean, start, end);
    const rest = json === undefined ? start : yield* parseJsonStream(clean, places, json, end);
    if (rest === end) continue;
    // What is no JSON is YAML, such as flow style, also after JSON. JSON over the limits gets a fault with its place.
    const yaml = rest === json ? start : rest;
    const source = clean.slice(yaml, end);
    if (!/^(?:---)?\s*$/.test(source)) yield* parseYaml(source, { start: yaml, places, growth });
  }
}

// The text is split before it is parsed: an open quote or bracket would swallow the documents that follow.
function* splitDocuments(text: string): Generator<[start: number, end: number]> {
  let start = 0;
  for (let at = markerFrom(text, 0); at !== -1; at = markerFrom(text, at + 3)) {
    // Directives belong to the document after the marker.
    if (isPreamble(text.slice(start, at))) continue;
    yield [start, at];
    start = at;
  }
  yield [start, text.length];
}

/** The offset of the next line that is `---`, with or without more behind it. */
function markerFrom(text: string, from: number): number {
  if (from === 0 && /^---(?=\s|$)/.test(text)) return 0;
  for (let at = text.indexOf("\n---", Math.max(from - 1, 0)); at !== -1; at = text.indexOf("\n---", at + 1)) {
    if (at + 4 === text.length || /\s/.test(text[at + 4]!)) return at + 1;
  }
  return -1;
}

function isPreamble(text: string): boolean {
  return text.split("\n").every((line) => /^\s*(?:#.*|%.*)?\r?$/.test(line));
}

/** The offset of the bracket that the document begins with, after its marker and comments; else undefined. */
function startOfJson(text: string, start: number, end: number): number | undefined {
  const at = skipBlank(text, text.startsWith("---", start) ? start + 3 : start, end);
  return at < end && /[{[]/.test(text[at]!) ? at : undefined;
}
