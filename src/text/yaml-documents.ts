// Parses the documents of a YAML text (1.2, core schema) one by one: a fault in a document does not affect the others.
// Limits are checked in linear time, before anything large is built. They apply to one object, so a large List is
// parsed item by item and yielded as Lists of one item; nothing else of Kubernetes is known here.
import type { Document, ParsedNode } from "yaml";
import { Composer, CST, isScalar, Lexer, Parser } from "yaml";
import type { FieldPath } from "../objects/field.ts";
import { TextPlaces } from "./text-places.ts";
import { countYamlNodes, ALIASES_MAX, DEPTH_MAX, NODES_MAX, TOO_DEEP, TOO_MANY_ALIASES } from "./yaml-limits.ts";
import { findYamlListItems } from "./yaml-list.ts";
import type { YamlListItems } from "./yaml-list.ts";
import { YamlNodes } from "./yaml-nodes.ts";

/** A document that parsed: its value, and the places of its parts. Lines and columns count from 1. */
export interface YamlDocument {
  readonly value: unknown;
  locate(path: FieldPath): { readonly line: number; readonly column: number };
}

/** The fault of a document, and its place. */
export interface YamlFault {
  readonly fault: string;
  readonly line: number;
  readonly column: number;
  /** The line's text. */
  readonly source: string;
}

/** Parses `text` document by document; skips empty documents. */
export function* parseYamlDocuments(text: string): Generator<YamlDocument | YamlFault> {
  const places = new TextPlaces(text);
  let documents = 0;
  for (const [start, end] of splitDocuments(text)) {
    if (++documents > NODES_MAX) {
      yield makeFault(places, `expected at most ${NODES_MAX} documents; the rest is not read`, start);
      return;
    }
    const source = text.slice(start, end);
    if (!/^(?:---)?\s*$/.test(source)) yield* parseOne(source, start, places);
  }
}

function* parseOne(source: string, start: number, places: TextPlaces): Generator<YamlDocument | YamlFault> {
  // A node takes at least one character, so shorter texts need no count.
  if (source.length <= NODES_MAX) return yield* parseChunk(source, start, places);
  const list = findYamlListItems(source);
  const head = list === undefined ? undefined : readHead(source, list);
  if (list !== undefined && head !== undefined) yield* parseItems(source, start, places, list, head);
  else yield* parseCounted(source, start, places);
}

function* parseCounted(source: string, start: number, places: TextPlaces): Generator<YamlDocument | YamlFault> {
  if (source.length <= NODES_MAX || countYamlNodes(source) <= NODES_MAX) yield* parseChunk(source, start, places);
  else yield makeFault(places, `expected at most ${NODES_MAX} nodes in an object; this object is not read`, start);
}

/** The List without its items; undefined unless that is one document without a fault, of a list's kind. */
function readHead(source: string, { starts }: YamlListItems): Readonly<Record<string, unknown>> | undefined {
  const head = source.slice(0, starts[0]) + source.slice(starts.at(-1));
  if (head.length > NODES_MAX) return undefined;
  const [document, more] = parseChunk(head, 0, new TextPlaces(head));
  if (document === undefined || more !== undefined || "fault" in document) return undefined;
  const { value } = document;
  if (typeof value !== "object" || value === null || !("kind" in value) || !("items" in value)) return undefined;
  return typeof value.kind === "string" && value.kind.endsWith("List") && value.items === null
    ? { ...value }
    : undefined;
}

function* parseItems(
  source: string,
  start: number,
  places: TextPlaces,
  { starts, indent }: YamlListItems,
  head: Readonly<Record<string, unknown>>,
): Generator<YamlDocument | YamlFault> {
  for (const [index, itemStart] of starts.slice(0, -1).entries()) {
    if (index === NODES_MAX) {
      yield makeFault(places, `expected at most ${NODES_MAX} items; the rest is not read`, start + itemStart);
      return;
    }
    // Without its dash, the item is an indented document.
    const dash = itemStart + indent;
    const item = `${" ".repeat(indent + 1)}${source.slice(dash + 1, starts[index + 1])}`;
    let isEmpty = true;
    for (const document of parseCounted(item, start + itemStart, places)) {
      isEmpty = false;
      if ("fault" in document) yield document;
      else yield { value: { ...head, items: [document.value] }, locate: ([, , ...path]) => document.locate(path) };
    }
    if (isEmpty) yield { value: { ...head, items: [null] }, locate: () => places.at(start + dash + 1) };
  }
}

// The text is split before it is parsed: an open quote or bracket would swallow the documents that follow.
function* splitDocuments(text: string): Generator<[start: number, end: number]> {
  const marker = /^---(?=\s|$)/gm;
  let start = 0;
  for (let match = marker.exec(text); match !== null; match = marker.exec(text)) {
    // Directives belong to the document after the marker.
    if (isPreamble(text.slice(start, match.index))) continue;
    yield [start, match.index];
    start = match.index;
  }
  yield [start, text.length];
}

function isPreamble(text: string): boolean {
  return text.split("\n").every((line) => /^\s*(?:#.*|%.*)?\r?$/.test(line));
}

function makeFault(places: TextPlaces, message: string, offset: number): YamlFault {
  return { fault: message, ...places.at(offset), source: places.lineAt(offset) };
}

function* parseChunk(source: string, start: number, places: TextPlaces): Generator<YamlDocument | YamlFault> {
  const control = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\u{10ffff}]/u.exec(source);
  if (control !== null) {
    const code = control[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    yield makeFault(places, `expected no control characters, found U+${code}`, start + control.index);
    return;
  }
  const { documents, refused } = composeWithin(source);
  for (const document of documents) {
    const error = document.errors[0];
    if (error !== undefined) yield makeFault(places, error.message.split("\n", 1)[0]!, start + error.pos[0]);
    else if (document.contents !== null && !isEmpty(document.contents)) yield readDocument(document, start, places);
  }
  if (refused !== undefined) yield makeFault(places, refused.message, start + refused.offset);
}

interface Refusal {
  readonly message: string;
  readonly offset: number;
}

/** The documents of `source` up to the first that is too deep or has too many aliases, which is left out. */
function composeWithin(source: string): { documents: readonly Document.Parsed[]; refused: Refusal | undefined } {
  let refused: Refusal | undefined;
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    // As kubectl does: `<<` merges another mapping.
    merge: true,
    stringKeys: true,
    // The library's check is quadratic in the number of keys; YamlNodes checks in linear time.
    uniqueKeys: false,
    logLevel: "silent",
  });
  const tokens = readTokens(source, (refusal) => (refused = refusal));
  // A kilobyte can hold a thousand errors, and capturing their stacks would cost more than the parse.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return { documents: [...composer.compose(tokens)], refused };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function* readTokens(source: string, refuse: (refusal: Refusal) => void): Generator<CST.Token> {
  const parser = new Parser();
  let aliases = 0;
  let isScalarNext = false;
  for (const lexeme of new Lexer().lex(source)) {
    if (!isScalarNext && lexeme.startsWith("*") && ++aliases > ALIASES_MAX) {
      return refuse({ message: TOO_MANY_ALIASES, offset: parser.offset });
    }
    isScalarNext = lexeme === CST.SCALAR;
    yield* parser.next(lexeme);
    // The stack also holds the document, and a scalar of the innermost collection.
    if (parser.stack.length > DEPTH_MAX + 2) return refuse({ message: TOO_DEEP, offset: parser.offset });
  }
  yield* parser.end();
}

function isEmpty(contents: ParsedNode): boolean {
  return isScalar(contents) && contents.value === null;
}

function readDocument(document: Document.Parsed, start: number, places: TextPlaces): YamlDocument | YamlFault {
  const nodes = new YamlNodes(document);
  if (nodes.fault !== undefined) return makeFault(places, nodes.fault.message, start + nodes.fault.offset);
  try {
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return { value, locate: (path) => places.at(start + nodes.offsetOf(path)) };
  } catch (error) {
    // The library throws a ReferenceError for too many aliases of aliases; anything else is a bug.
    if (!(error instanceof ReferenceError)) throw error;
    return makeFault(places, TOO_MANY_ALIASES, start + nodes.offsetOf([]));
  }
}
