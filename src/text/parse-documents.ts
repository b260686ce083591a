// The documents of a manifest's text, whether JSON or YAML: each a value with the places of its parts, or a fault with
// its own. Knows nothing of Kubernetes and reads no file.
import { findInJson } from "./json-limits.ts";
import { JsonPlaces } from "./json-places.ts";
import { TextPlaces } from "./text-places.ts";
import type { YamlDocument, YamlFault } from "./yaml-documents.ts";
import { parseYamlDocuments } from "./yaml-documents.ts";

/** Parses `text`: one document of JSON, or any number of documents of YAML. Never throws on any text. */
export function* parseDocuments(text: string): Generator<YamlDocument | YamlFault> {
  const clean = text.startsWith("\ufeff") ? text.slice(1) : text;
  const json = parseJson(clean);
  if (json === undefined) yield* parseYamlDocuments(clean);
  else yield json;
}

// JSON.parse is some fifty times faster than a YAML parser. Text that it rejects may still be YAML's flow style, and
// text over the limits goes to the YAML parser for a fault with its place.
function parseJson(text: string): YamlDocument | YamlFault | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  const finding = findInJson(text);
  if (finding?.kind === "too-large") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const places = new TextPlaces(text);
  if (finding !== undefined) {
    return { fault: `the key ${finding.key} occurs twice`, ...places.at(finding.offset), source: "" };
  }
  const json = new JsonPlaces(text);
  return { value, locate: (path) => places.at(json.offsetOf(path)) };
}
