// The documents of a YAML text (1.2, core schema), each on its own: one that does not parse leaves the others alone.
// Size of nesting, aliases and repeated keys are checked in linear time; nothing here knows Kubernetes.
import type { Document, Node, ParsedNode } from "yaml";
import { Composer, isAlias, isCollection, isMap, isNode, isScalar, LineCounter, Parser, visit } from "yaml";
import type { FieldPath } from "../objects/field.ts";

const MAX_ALIASES = 100;
const MAX_DEPTH = 100;

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
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) lines.addNewLine(end + 1);
  for (const [start, end] of splitDocuments(text)) yield* parseChunk(text, start, end, lines);
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

function* parseChunk(
  text: string,
  start: number,
  end: number,
  lines: LineCounter,
): Generator<YamlDocument | YamlFault> {
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(Math.min(start + offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const fault = (message: string, offset: number): YamlFault => {
    const position = place(offset);
    const lineStart = lines.lineStarts[position.line - 1] ?? 0;
    const lineEnd = text.indexOf("\n", lineStart);
    return { fault: message, ...position, source: text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd) };
  };
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    // As kubectl does: `<<` takes in another mapping.
    merge: true,
    stringKeys: true,
    // The library's own check compares each key with each other one; checkNodes does it in linear time.
    uniqueKeys: false,
    logLevel: "silent",
  });
  for (const document of composer.compose(new Parser().parse(text.slice(start, end)))) {
    const error = document.errors[0];
    if (error !== undefined) {
      const isDepth = error.message.includes("call stack");
      yield fault(isDepth ? TOO_DEEP : error.message.split("\n", 1)[0]!, error.pos[0]);
      continue;
    }
    if (document.contents === null || isEmpty(document.contents)) continue;
    const [message, offset] = checkNodes(document) ?? [];
    if (message !== undefined) {
      yield fault(message, offset ?? 0);
      continue;
    }
    yield toDocument(document, place, fault);
  }
}

const TOO_DEEP = `nested more than ${MAX_DEPTH} levels deep`;

function isEmpty(contents: ParsedNode): boolean {
  return isScalar(contents) && contents.value === null;
}

function toDocument(
  document: Document.Parsed,
  place: (offset: number) => { line: number; column: number },
  fault: (message: string, offset: number) => YamlFault,
): YamlDocument | YamlFault {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { value, locate: (path) => place(offsetOf(document, path)) };
  } catch (error) {
    // Too many aliases is the library's ReferenceError; anything else is a fault of ours.
    if (!(error instanceof ReferenceError)) throw error;
    return fault(
      `expected at most ${MAX_ALIASES} uses of aliases`,
      document.contents === null ? 0 : startOf(document.contents),
    );
  }
}

/** The first repeated key, unknown alias or too deep node of a document, with its offset. */
function checkNodes(document: Document.Parsed): [message: string, offset: number] | undefined {
  let found: [string, number] | undefined;
  const anchors = new Set<string>();
  visit(document, (_key, node, path) => {
    if (!isNode(node)) return undefined;
    if (path.length > MAX_DEPTH && path.filter(isCollection).length > MAX_DEPTH) found = [TOO_DEEP, startOf(node)];
    else if (isAlias(node) && !anchors.has(node.source)) {
      found = [`the alias *${node.source} stands for nothing: no &${node.source} comes before it`, startOf(node)];
    } else if (isMap(node)) found = findRepeatedKey(node.items);
    if (!isAlias(node) && node.anchor !== undefined) anchors.add(node.anchor);
    return found === undefined ? undefined : visit.BREAK;
  });
  return found;
}

function findRepeatedKey(items: readonly { readonly key: unknown }[]): [string, number] | undefined {
  const keys = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key) || key.value === "<<") continue;
    if (keys.has(key.value)) return [`the key "${String(key.value)}" is there twice`, startOf(key)];
    keys.add(key.value);
  }
  return undefined;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function offsetOf(document: Document.Parsed, path: FieldPath): number {
  let node: unknown = document.contents;
  let offset = document.contents === null ? 0 : startOf(document.contents);
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    const child: unknown = isNode(node) && "get" in node ? node.get(key as never, true) : undefined;
    if (!isNode(child)) break;
    node = child;
    offset = startOf(child);
  }
  return offset;
}
