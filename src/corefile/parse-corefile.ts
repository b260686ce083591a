// Parses a Corefile: server blocks, plugins and their nested lines, environment variables, snippets and imports.
// Pure: imported files come from a callback. Bad input is a Problem, never an exception; the first one ends the parse.
import type { Place, Problem } from "../objects/problem.ts";
import { readTokens } from "./token.ts";
import type { Token } from "./token.ts";

/** A line: words, and the lines in braces after them. */
export interface Line {
  readonly words: readonly Token[];
  readonly lines: readonly Line[];
}

/** The plugins for some zones and ports; `keys` has at least one. */
export interface ServerBlock {
  readonly keys: readonly Token[];
  readonly plugins: readonly Line[];
}

export interface CorefileText {
  readonly file: string;
  readonly text: string;
}

/** Where a Corefile's variables and imported files come from. */
export interface CorefileSources {
  /** Undefined: the variable is not set. */
  variable(name: string): string | undefined;
  /** The files that match the pattern, none for a pattern with wildcards that matches none. */
  files(pattern: string, from: Place): readonly CorefileText[] | Problem;
}

export interface ParsedCorefile {
  readonly blocks: readonly ServerBlock[];
  /** An error, after which nothing is read, or notes. */
  readonly problems: readonly Problem[];
}

export const COREFILE_LENGTH_MAX = 1 << 20;
const TOKENS_MAX = 100_000;
const IMPORTS_MAX = 1_000;
const DEPTH_MAX = 16;
/** Names have a limit, so that the cost grows with the text. */
const VARIABLE = /\{\$([^}]{1,200})\}|\{%(.{1,200}?)%\}/g;

/** Parses `text` and what it imports. */
export function parseCorefile({ text, file }: CorefileText, sources: CorefileSources): ParsedCorefile {
  const parser = new Parser(sources);
  const start = { file, line: 1, column: 1 };
  if (!parser.insert([{ text, file }], start)) return { blocks: [], problems: parser.problems };
  const blocks: ServerBlock[] = [];
  for (let block = parser.block(); block !== undefined; block = parser.block()) {
    if (block.keys.length > 0) blocks.push(block);
  }
  return { blocks, problems: parser.problems };
}

class Parser {
  readonly problems: Problem[] = [];
  readonly #sources: CorefileSources;
  /** What is left, the next one last: an import is replaced by its tokens in no time. */
  readonly #tokens: Token[] = [];
  readonly #snippets = new Map<string, readonly Token[]>();
  #last: Place = { file: "", line: 1, column: 1 };
  #imports = 0;
  #failed = false;

  constructor(sources: CorefileSources) {
    this.#sources = sources;
  }

  /** The next server block; without keys if it was a snippet; undefined at the end and after an error. */
  block(): ServerBlock | undefined {
    const keys = this.#keys();
    if (keys === undefined) return undefined;
    const name = /^\((.*)\)$/.exec(keys.length === 1 ? keys[0]!.text : "")?.[1];
    if (name !== undefined) return this.#snippet(name, keys[0]!) ? { keys: [], plugins: [] } : undefined;
    const hasBraces = this.#accept("{");
    const plugins = this.#lines(hasBraces ? 1 : 0);
    return this.#failed ? undefined : { keys, plugins };
  }

  /** Puts the words of the files next; false: there are too many. */
  insert(files: readonly CorefileText[], at: Place): boolean {
    const long = files.find(({ text }) => text.length > COREFILE_LENGTH_MAX);
    if (long !== undefined) this.#fail(at, `${long.file} has more than ${COREFILE_LENGTH_MAX} characters`, "split it");
    return (
      long === undefined &&
      this.#insertTokens(
        files.flatMap(({ text, file }) => readTokens(text, file)),
        at,
      )
    );
  }

  #insertTokens(tokens: readonly Token[], at: Place): boolean {
    if (this.#tokens.length + tokens.length > TOKENS_MAX)
      return this.#fail(at, `the Corefile has more than ${TOKENS_MAX} words`, "look for a file that imports itself");
    for (let i = tokens.length - 1; i >= 0; i--) this.#tokens.push(tokens[i]!);
    return true;
  }

  /** The words up to the line's end or a brace, and of the next line after a comma. */
  #keys(): readonly Token[] | undefined {
    const keys: Token[] = [];
    let isOpen = true;
    for (let next = this.#peek(); next !== undefined; next = this.#peek()) {
      if (next.text === "{" || (next.startsLine && !isOpen)) break;
      this.#take();
      // A variable that is not set says nothing.
      isOpen = next.text === "" ? isOpen && keys.length > 0 : next.text.endsWith(",");
      const text = next.text.replace(/,$/, "");
      if (text !== "") keys.push({ ...next, text });
    }
    if (this.#failed || (keys.length === 0 && this.#peek() === undefined)) return undefined;
    const what = keys.length === 0 ? "a server block has no zone" : "a comma is not followed by a zone";
    if (keys.length === 0 || isOpen) this.#fail(this.#last, what, "write a zone such as .:53 before the brace");
    return this.#failed ? undefined : keys;
  }

  #snippet(name: string, at: Token): boolean {
    if (!this.#accept("{")) return this.#fail(at, `snippet (${name}) has no braces`, "write (name) { … }");
    if (this.#snippets.has(name)) return this.#fail(at, `snippet (${name}) exists already`, "rename one of the two");
    const tokens: Token[] = [];
    for (let depth = 1; ;) {
      const token = this.#tokens.pop();
      if (token === undefined) return this.#fail(at, `snippet (${name}) has no closing brace`, "add a }");
      if (token.text === "}" && --depth === 0) break;
      if (token.text === "{") depth++;
      tokens.push(token);
    }
    this.#snippets.set(name, tokens);
    return true;
  }

  /** Lines up to the closing brace, or at depth 0 to the end of the text. */
  #lines(depth: number): readonly Line[] {
    const lines: Line[] = [];
    const start = this.#last;
    if (depth > DEPTH_MAX) this.#fail(start, `braces are nested more than ${DEPTH_MAX} deep`, "remove some");
    for (let next = this.#peek(); next !== undefined; next = this.#peek()) {
      if (next.text === "}") {
        if (depth === 0) this.#fail(next, "} closes nothing", "remove it");
        else this.#take();
        return lines;
      }
      const words: Token[] = [];
      do {
        if (next.text !== "{") words.push(this.#take());
        next = this.#peek();
      } while (next !== undefined && !next.startsLine && next.text !== "{" && next.text !== "}");
      if (words.length === 0) this.#fail(this.#last, "{ follows no plugin", "write the plugin's name before it");
      lines.push({ words, lines: next?.text === "{" && this.#accept("{") ? this.#lines(depth + 1) : [] });
    }
    if (depth > 0) this.#fail(start, "{ has no closing brace", "add a }");
    return lines;
  }

  #accept(text: string): boolean {
    const isNext = this.#peek()?.text === text;
    if (isNext) this.#take();
    return isNext;
  }

  /** The next word, after imports and with the values of variables; undefined at the end and after an error. */
  #peek(): Token | undefined {
    while (!this.#failed && this.#tokens.length > 0) {
      const token = this.#tokens.at(-1)!;
      if (token.text !== "import" || !token.startsLine) return this.#replaceVariables(token);
      this.#tokens.pop();
      this.#import(token);
    }
    return undefined;
  }

  #take(): Token {
    const token = this.#replaceVariables(this.#tokens.pop()!);
    this.#last = token;
    return token;
  }

  #import(at: Token): void {
    const words: Token[] = [];
    while (this.#tokens.length > 0 && !this.#tokens.at(-1)!.startsLine && !/^[{}]$/.test(this.#tokens.at(-1)!.text))
      words.push(this.#replaceVariables(this.#tokens.pop()!));
    const [name, ...others] = words;
    if (name === undefined || name.text === "" || others.length > 0) {
      this.#fail(at, "import takes one file, pattern or snippet", "write import FILE; CoreDNS has no arguments for it");
    } else if (++this.#imports > IMPORTS_MAX) {
      this.#fail(at, `there are more than ${IMPORTS_MAX} imports`, "look for a file or snippet that imports itself");
    } else {
      const snippet = this.#snippets.get(name.text);
      if (snippet !== undefined) this.#insertTokens(startLine(snippet), at);
      else this.#importFiles(name);
    }
    // What follows the import is on another line.
    const next = this.#tokens.at(-1);
    if (next !== undefined) this.#tokens.splice(-1, 1, { ...next, startsLine: true });
  }

  #importFiles(name: Token): void {
    const files = this.#sources.files(name.text, name);
    if (!Array.isArray(files)) {
      this.problems.push(files as Problem);
      this.#failed = true;
      return;
    }
    const found = files as readonly CorefileText[];
    if (found.length === 0) this.#note(name, `import: no file matches ${name.text}`, "nothing is imported here");
    this.insert(found, name);
  }

  #replaceVariables(token: Token): Token {
    const text = token.text.replaceAll(VARIABLE, (_, dollar?: string, percent?: string) => {
      const name = dollar ?? percent!;
      return this.#sources.variable(name) ?? "";
    });
    return text === token.text ? token : { ...token, text };
  }

  #note(place: Place, message: string, advice: string): void {
    this.problems.push({ code: "corefile-note", severity: "hint", message, advice, place: placeOf(place) });
  }

  #fail(place: Place, message: string, advice: string): false {
    if (!this.#failed)
      this.problems.push({ code: "corefile-syntax", severity: "error", message, advice, place: placeOf(place) });
    this.#failed = true;
    return false;
  }
}

function startLine(tokens: readonly Token[]): readonly Token[] {
  return tokens.map((token, i) => (i === 0 ? { ...token, startsLine: true } : token));
}

/** The place of a token alone. */
export function placeOf({ file, line, column }: Place): Place {
  return { file, line, column };
}
