import { expect, test } from "vitest";
import { readEntries } from "../../src/zonefile/zone-entries.ts";

/** Each entry as its tokens with their places; quoted ones in quotes, joined ones with a plus. */
function show(text: string): string[] {
  return [...readEntries(text)].map(({ tokens, isIndented, fault }) => {
    const words = tokens.map((token) => {
      const shown = token.isQuoted ? `"${token.text}"` : token.text;
      return `${token.isJoined ? "+" : ""}${shown}@${token.line}:${token.column}`;
    });
    const end = fault === undefined ? "" : ` !${fault.line}:${fault.column} ${fault.message}`;
    return `${isIndented ? "_ " : ""}${words.join(" ")}${end}`;
  });
}

test.each<[title: string, text: string, entries: string[]]>([
  ["nothing", "", []],
  ["blank lines and comments", "\n ; a\n\t\r\n;b", []],
  ["words", "a\tb  c\n", ["a@1:1 b@1:3 c@1:6"]],
  ["CR LF and no newline at the end", "a\r\nb", ["a@1:1", "b@2:1"]],
  ["a byte order mark", "\ufeffa", ["a@1:1"]],
  ["an owner left out", " a\n\tb\nc", ["_ a@1:2", "_ b@2:2", "c@3:1"]],
  ["a comment behind a word", "a;b\nc ; d", ["a@1:1", "c@2:1"]],
  ["parentheses", "a ( b ; c\n d)e\nf", ["a@1:1 b@1:5 d@2:2 e@2:4", "f@3:1"]],
  ["parentheses within each other", "a ((b\n)\nc) d", ["a@1:1 b@1:5 c@3:1 d@3:4"]],
  ["quotes", '"a b;(" "" c', ['"a b;("@1:1 ""@1:9 c@1:12']],
  ["quotes that are joined", 'a="b"c "d"', ['a=@1:1 +"b"@1:3 +c@1:6 "d"@1:8']],
  ["escapes", 'a\\ b\\;\\(\\"c "d\\"e"', ['a\\ b\\;\\(\\"c@1:1 "d\\"e"@1:13']],
  ["a backslash at the line's end", "a\\\nb\\", ["a\\@1:1", "b\\@2:1"]],
  ["a quote that is not closed", 'a "b\nc', ["a@1:1 !1:3 the quote is not closed on its line", "c@2:1"]],
  ["a quote closed by an escape only", '"b\\"', [" !1:1 the quote is not closed on its line"]],
  ["a parenthesis that is not closed", "a (b (c)\nd", ["a@1:1 b@1:4 c@1:7 d@2:1 !1:3 the parenthesis is never closed"]],
  ["a parenthesis that was not opened", "a )\nb", ["a@1:1 !1:3 the parenthesis was not opened", "b@2:1"]],
])("%s", (_title, text, entries) => {
  expect(show(text)).toEqual(entries);
});
