// The documents of a YAML text (1.2, core schema), each on its own: one that does not parse leaves the others alone.
// Limits are checked in linear time, and before there is anything large to build; they are those of one object, so that
// a large List is parsed item by item and comes as many Lists of one. Nothing else of Kubernetes is known here.
import type { Document, ParsedNode } from "yaml";
import { Composer, CST, isScalar, Lexer, Parser } from "yaml";
import type { FieldPath } from "../objects/field.ts";
import { TextPlaces } from "./text-places.ts";
import { countYamlNodes, MAX_ALIASES, MAX_DEPTH, MAX_NODES, TOO_DEEP, TOO_MANY_ALIASES } from "./yaml-limits.ts";
import { findYamlListItems } from "./yaml-list.ts";
import type { YamlListItems } from "./yaml-list.ts";
import { YamlNodes } from "./yaml-nodes.ts";

/** A document that parsed: its value and where its parts stand. Lines and columns count from 1. */
export interface YamlDocument {
  readonly value: unknown;
  locate(path: FieldPath): { readonly line: number; readonly column: number };
}

/** What is wrong with a document, and where. */
export interface YamlFault {
  readonly fault: string;
  readonly line: number;
  readonly column: number;
  /** The line's text. */
  readonly source: string;
}

/** Parses `text` document by document; empty ones are left out. */
export function* parseYamlDocuments(text: string): Generator<YamlDocument | YamlFault> {
  const places = new TextPlaces(text);
  let documents = 0;
  for (const [start, end] of splitDocuments(text)) {
    if (++documents > MAX_NODES) {
      yield makeFault(places, `expected at most ${MAX_NODES} documents; what follows is not read`, start);
      return;
    }
    const source = text.slice(start, end);
    if (!/^(?:---)?\s*$/.test(source)) yield* parseOne(source, start, places);
  }
}

function* parseOne(source: string, start: number, places: TextPlaces): Generator<YamlDocument | YamlFault> {
  // A node is at least a character, so shorter texts need no count.
  if (source.length <= MAX_NODES) return yield* parseChunk(source, start, places);
  const list = findYamlListItems(source);
  const head = list === undefined ? undefined : readHead(source, list);
  if (list !== undefined && head !== undefined) yield* parseItems(source, start, places, list, head);
  else yield* parseCounted(source, start, places);
}

function* parseCounted(source: string, start: number, places: TextPlaces): Generator<YamlDocument | YamlFault> {
  if (source.length <= MAX_NODES || countYamlNodes(source) <= MAX_NODES) yield* parseChunk(source, start, places);
  else yield makeFault(places, `expected at most ${MAX_NODES} nodes in an object; this one is not read`, start);
}

/** The List without its items; undefined when that is not one good document that says it is a list. */
function readHead(source: string, { starts }: YamlListItems): Readonly<Record<string, unknown>> | undefined {
  const head = source.slice(0, starts[0]) + source.slice(starts.at(-1));
  if (head.length > MAX_NODES) return undefined;
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
    if (index === MAX_NODES) {
      yield makeFault(places, `expected at most ${MAX_NODES} items; what follows is not read`, start + itemStart);
      return;
    }
    // Without its dash the item is a document that is indented.
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

// An open quote or bracket would take in all that follows, the next document's marker too; so the text is cut first.
function* splitDocuments(text: string): Generator<[start: number, end: number]> {
  const marker = /^---(?=\s|$)/gm;
  let start = 0;
  for (let match = marker.exec(text); match !== null; match = marker.exec(text)) {
    // Directives belong to the document behind the marker.
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
    yield makeFault(places, `YAML has no control characters, and here is U+${code}`, start + control.index);
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

/** The documents of `source` up to the one that is too deep or has too many aliases, which is left out. */
function composeWithin(source: string): { documents: readonly Document.Parsed[]; refused: Refusal | undefined } {
  let refused: Refusal | undefined;
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    // As kubectl does: `<<` takes in another mapping.
    merge: true,
    stringKeys: true,
    // The library's own check compares each key with each other one; YamlNodes does it in linear time.
    uniqueKeys: false,
    logLevel: "silent",
  });
  const tokens = readTokens(source, (refusal) => (refused = refusal));
  // A kilobyte can hold a thousand errors, and the stack of each costs more than all the rest.
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
    if (!isScalarNext && lexeme.startsWith("*") && ++aliases > MAX_ALIASES) {
      return refuse({ message: TOO_MANY_ALIASES, offset: parser.offset });
    }
    isScalarNext = lexeme === CST.SCALAR;
    yield* parser.next(lexeme);
    // The document, and a scalar in the innermost collection, are on the stack too.
    if (parser.stack.length > MAX_DEPTH + 2) return refuse({ message: TOO_DEEP, offset: parser.offset });
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
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { value, locate: (path) => places.at(start + nodes.offsetOf(path)) };
  } catch (error) {
    // Too many aliases of aliases are the library's ReferenceError; anything else is a fault of ours.
    if (!(error instanceof ReferenceError)) throw error;
    return makeFault(places, TOO_MANY_ALIASES, start + nodes.offsetOf([]));
  }
}
