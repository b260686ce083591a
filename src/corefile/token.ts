// The words of a Corefile with their places. Quotes, comments and line ends are dealt with here; braces are words.
// Pure: text to tokens, which never fails.
import type { Place } from "../objects/problem.ts";

/** A word. */
export interface Token extends Place {
  readonly text: string;
  /** Whether it is the first word of its line. */
  readonly startsLine: boolean;
}

const BYTE_ORDER_MARK = "\uFEFF";

/** The words of `text`, which is the file at `file`. A quote that is not closed ends with the text. */
export function readTokens(text: string, file: string): readonly Token[] {
  const tokens: Token[] = [];
  // One alternative an item: line end, other space, comment, quoted word, word. A quote inside a word is a letter. A
  // comment that touches a word ends at the next space, as in CoreDNS.
  const items = /(\n)|[^\S\n]+|#.*|"((?:\\[^]|[^"\\])*)(?:"|\\?$(?![^]))|([^\s#]+)(?:#\S*)?/gy;
  let line = 1;
  let lineStart = 0;
  let startsLine = true;
  items.lastIndex = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  for (let match = items.exec(text); match !== null; match = items.exec(text)) {
    const [item, newline, quoted, plain] = match;
    const isWord = quoted !== undefined || plain !== undefined;
    if (isWord) {
      // Only quotes can be escaped.
      const word = plain ?? quoted!.replaceAll('\\"', '"');
      tokens.push({ text: word, file, line, column: match.index - lineStart + 1, startsLine });
    }
    if (isWord || newline !== undefined) startsLine = newline !== undefined;
    const lines = item.split("\n").length - 1;
    line += lines;
    if (lines > 0) lineStart = match.index + item.lastIndexOf("\n") + 1;
  }
  return tokens;
}
