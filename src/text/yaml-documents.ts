// Parses one YAML document, as kubectl reads it (see yaml-values.ts); a fault affects no other document. Limits are
// checked in linear time, before anything large is built. They apply to one object, so a large List is parsed item by
// item and yielded as Lists of one item; nothing else of Kubernetes is known here.
import type { CST, Document, ParsedNode } from "yaml";
import { Composer, isScalar, Lexer, Parser, Schema } from "yaml";
import type { ParsedDocument, TextFault } from "./parsed-document.ts";
import { makeFault } from "./parsed-document.ts";
import type { TextPlaces } from "./text-places.ts";
import type { Growth } from "./yaml-limits.ts";
import { countYamlNodes, DEPTH_MAX, NODES_MAX, TOO_DEEP } from "./yaml-limits.ts";
import { findYamlListItems } from "./yaml-list.ts";
import type { YamlListItems } from "./yaml-list.ts";
import { resolvePlain } from "./yaml-scalars.ts";
import { Anchors, YamlValues } from "./yaml-values.ts";

/** A part of a text: where it begins, the places of the whole, and what aliases have made of it so far. */
export interface YamlContext {
  readonly start: number;
  readonly places: TextPlaces;
  readonly growth: Growth;
}

type Results = Generator<ParsedDocument | TextFault>;

/** Parses `source`, which usually is one document. Never throws on any text. */
export function* parseYaml(source: string, { start, places, growth }: YamlContext): Results {
  const chunk = new Chunks(places, growth);
  // A node takes at least one character, so shorter texts need no count.
  const list = source.length <= NODES_MAX ? undefined : findYamlListItems(source);
  const head = list === undefined ? undefined : chunk.readHead(source, list);
  if (list !== undefined && head !== undefined) yield* parseItems(source, start, chunk, list, head);
  else yield* chunk.parse(source, start);
}

type Head = Readonly<Record<string, unknown>>;

function* parseItems(
  source: string,
  start: number,
  chunks: Chunks,
  { starts, indent }: YamlListItems,
  head: Head,
): Results {
  const { places } = chunks;
  for (const [index, itemStart] of starts.slice(0, -1).entries()) {
    if (index === NODES_MAX) {
      yield makeFault(places, `expected at most ${NODES_MAX} items; the rest is not read`, start + itemStart);
      return;
    }
    // Without its dash, the item is an indented document.
    const dash = itemStart + indent;
    const item = `${" ".repeat(indent + 1)}${source.slice(dash + 1, starts[index + 1])}`;
    let isEmpty = true;
    for (const document of chunks.parse(item, start + itemStart)) {
      isEmpty = false;
      if ("fault" in document) yield document;
      else {
        yield {
          ...document,
          value: { ...head, items: [document.value] },
          locate: ([, , ...path]) => document.locate(path),
          writtenAt: ([, , ...path]) => document.writtenAt(path),
        };
      }
    }
    if (isEmpty) {
      const locate = (): ReturnType<TextPlaces["at"]> => places.at(start + dash + 1);
      yield { value: { ...head, items: [null] }, locate, writtenAt: () => undefined, repeatedKeys: [] };
    }
  }
}

/** The pieces of one document, which share its anchors. */
class Chunks {
  readonly places: TextPlaces;
  readonly #anchors: Anchors;

  constructor(places: TextPlaces, growth: Growth) {
    this.places = places;
    this.#anchors = new Anchors(growth);
  }

  *parse(source: string, start: number): Results {
    if (source.length > NODES_MAX && countYamlNodes(source) > NODES_MAX) {
      yield makeFault(this.places, `expected at most ${NODES_MAX} nodes in an object; this object is not read`, start);
      return;
    }
    const control = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\u{10ffff}]/u.exec(source);
    if (control !== null) {
      const code = control[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
      yield makeFault(this.places, `expected no control characters, found U+${code}`, start + control.index);
      return;
    }
    const { documents, refused } = composeWithin(source);
    for (const document of documents) {
      const error = document.errors[0];
      if (error !== undefined) yield makeFault(this.places, error.message.split("\n", 1)[0]!, start + error.pos[0]);
      else if (document.contents !== null && !isEmpty(document.contents)) yield this.#read(document, start);
    }
    if (refused !== undefined) yield makeFault(this.places, refused.message, start + refused.offset);
  }

  /** The List without its items; undefined unless that is one document without a fault, of a list's kind. */
  readHead(source: string, { starts }: YamlListItems): Head | undefined {
    const head = source.slice(0, starts[0]) + source.slice(starts.at(-1));
    if (head.length > NODES_MAX) return undefined;
    const [document, more] = this.parse(head, 0);
    if (document === undefined || more !== undefined || "fault" in document) return undefined;
    const { value } = document;
    if (typeof value !== "object" || value === null || !("kind" in value) || !("items" in value)) return undefined;
    return typeof value.kind === "string" && value.kind.endsWith("List") && value.items === null
      ? { ...value }
      : undefined;
  }

  #read(document: Document.Parsed, start: number): ParsedDocument | TextFault {
    const { places } = this;
    const { explicit, version } = document.directives.yaml;
    if (explicit && version !== "1.1") {
      return makeFault(
        places,
        `expected YAML 1.1, found %YAML ${version}; kubectl refuses it: remove this line`,
        start,
      );
    }
    const values = new YamlValues(document.contents, start, this.#anchors);
    if (values.fault !== undefined) return makeFault(places, values.fault.message, values.fault.offset);
    return {
      value: values.value,
      locate: (path) => places.at(values.offsetOf(path)),
      writtenAt: (path) => values.writtenAt(path),
      repeatedKeys: values.repeatedKeys.map(({ key, offset, earlier }) => ({
        key,
        ...places.at(offset),
        earlierLine: places.at(earlier).line,
      })),
    };
  }
}

interface Refusal {
  readonly message: string;
  readonly offset: number;
}

// Scalars are resolved in yaml-values.ts.
const SCHEMA = new Schema({ schema: "failsafe", resolveKnownTags: false });

/** The documents of `source` up to the first that is too deep, which is left out. */
function composeWithin(source: string): { documents: readonly Document.Parsed[]; refused: Refusal | undefined } {
  let refused: Refusal | undefined;
  // The library's check of keys is quadratic in their number; YamlValues checks in linear time.
  const composer = new Composer({ version: "1.2", schema: SCHEMA, uniqueKeys: false, logLevel: "silent" });
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
  for (const lexeme of new Lexer().lex(source)) {
    yield* parser.next(lexeme);
    // The stack also holds the document, and a scalar of the innermost collection.
    if (parser.stack.length > DEPTH_MAX + 2) return refuse({ message: TOO_DEEP, offset: parser.offset });
  }
  yield* parser.end();
}

function isEmpty(contents: ParsedNode): boolean {
  return isScalar(contents) && contents.type === "PLAIN" && resolvePlain(contents.source ?? "") === null;
}
