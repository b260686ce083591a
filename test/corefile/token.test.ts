// The words of a Corefile. Expected words are what CoreDNS 1.13's own lexer makes of the same text.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTokens } from "../../src/corefile/token.ts";

const wordsOf = (text: string): string[] => readTokens(text, "Corefile").map((token) => token.text);

describe("words", () => {
  test.each<[what: string, text: string, words: string[]]>([
    ["spaces, tabs and returns", "a\tb  c\r\n d", ["a", "b", "c", "d"]],
    ["a comment", "a # b c\nd", ["a", "d"]],
    ["a comment that touches a word ends at the next space", "a#b c", ["a", "c"]],
    ["a byte order mark", "\uFEFFa", ["a"]],
    ["braces that touch a word are letters", "a{ {$B} } {", ["a{", "{$B}", "}", "{"]],
    ["quotes", '"a b" "" c', ["a b", "", "c"]],
    ["a quote in a word", 'a"b c"', ['a"b', 'c"']],
    ["a comment in quotes", '"a # b"', ["a # b"]],
    ["an escaped quote", String.raw`"a \" b"`, ['a " b']],
    ["only quotes are escaped", String.raw`"\d\\" c`, [String.raw`\d\\`, "c"]],
    ["a backslash outside of quotes", String.raw`a\ b`, [String.raw`a\ `.trim(), "b"]],
    ["a line end in quotes", '"a\nb" c', ["a\nb", "c"]],
    ["an open quote", 'a "b\nc', ["a", "b\nc"]],
    ["nothing", " \n # b", []],
  ])("%s", (_, text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test("have places, and know who starts a line", () => {
    const tokens = readTokens('a "b\nc" d\n  e', "Corefile").map(({ text, line, column, startsLine }) => {
      return [text, line, column, startsLine];
    });
    expect(tokens).toEqual([
      ["a", 1, 1, true],
      ["b\nc", 1, 3, false],
      ["d", 2, 4, false],
      ["e", 3, 3, true],
    ]);
  });

  test("cover the whole text but its spaces, and are where they say", () => {
    const letters = fc.stringMatching(/^[a-z{}.:$%\\ \n\t]*$/);
    fc.assert(
      fc.property(letters, (text) => {
        const lines = text.split("\n");
        expect(wordsOf(text).join("")).toBe(text.replaceAll(/\s/g, ""));
        for (const { text: word, line, column } of readTokens(text, ""))
          expect(lines[line - 1]!.slice(column - 1).startsWith(word)).toBe(true);
      }),
    );
  });

  test("of any text are found in time that grows with it", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readTokens(text, "")));
    expect(readTokens('"\\'.repeat(50_000), "")).toHaveLength(1);
  });
});
