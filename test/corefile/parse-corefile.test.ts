// Blocks, plugins, variables, snippets and imports; and that nothing makes the parser throw or run for ever.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COREFILE_LENGTH_MAX, parseCorefile } from "../../src/corefile/parse-corefile.ts";
import type { Line, ParsedCorefile } from "../../src/corefile/parse-corefile.ts";
import { formatProblem } from "../../src/objects/problem.ts";

const FILES: Readonly<Record<string, string>> = {
  "log.conf": "log\nerrors",
  "server.conf": "b {\n whoami\n}",
  "self.conf": "import self.conf",
  "lines.conf": "lameduck 5s\n",
};

function parse(text: string): ParsedCorefile {
  return parseCorefile(
    { file: "Corefile", text },
    {
      variable: (name) => ({ ZONE: "example.org", TWO: "a b" })[name],
      files: (pattern, place) => {
        if (pattern.endsWith("*")) return [];
        const found = FILES[pattern];
        if (found !== undefined) return [{ file: pattern, text: found }];
        return { code: "corefile-file", severity: "error", message: "gone", advice: "look", place };
      },
    },
  );
}

function show({ words, lines }: Line): string {
  const inner = lines.length === 0 ? "" : ` {${lines.map(show).join("; ")}}`;
  return words.map(({ text }) => text).join(" ") + inner;
}

const shown = (text: string): string[] =>
  parse(text).blocks.map(
    ({ keys, plugins }) => `${keys.map((key) => key.text).join(" ")}: ${plugins.map(show).join("; ")}`,
  );
const problemsOf = (text: string): string[] => parse(text).problems.map(formatProblem);

describe("a Corefile", () => {
  test.each<[what: string, text: string, blocks: string[]]>([
    ["nothing", "# nothing", []],
    ["a block", ". {\n errors\n cache 30\n}", [".: errors; cache 30"]],
    ["blocks", "a {\n}\nb {\n log\n}", ["a: ", "b: log"]],
    ["several keys", "a b, c:53,\n d {\n log\n}", ["a b c:53 d: log"]],
    ["a block without braces", ".:53\nerrors\nlog", [".:53: errors; log"]],
    ["lines of a plugin", ". {\n health :1 {\n  lameduck 5s\n }\n log\n}", [".: health :1 {lameduck 5s}; log"]],
    ["braces on one line", ". {\n health { lameduck 5s }\n}", [".: health {lameduck 5s}"]],
    ["a brace on the next line", ". {\n health\n {\n  lameduck 5s\n }\n}", [".: health {lameduck 5s}"]],
    ["nested braces", ". {\n a {\n  b {\n   c\n  }\n }\n}", [".: a {b {c}}"]],
    [
      "variables",
      "{$ZONE} {%ZONE%}:53 {\n file db.{$ZONE}{$UNSET}\n}",
      ["example.org example.org:53: file db.example.org"],
    ],
    ["a value is one word", ". {\n log {$TWO}\n}", [".: log a b"]],
    [
      "a snippet",
      "(s) {\n log\n cache 5 {\n  x\n }\n}\n. {\n errors\n import s\n loop\n}",
      [".: errors; log; cache 5 {x}; loop"],
    ],
    ["an import", ". {\n import log.conf\n loop\n}", [".: log; errors; loop"]],
    ["an import of blocks", "import server.conf\n. {\n log\n}", ["b: whoami", ".: log"]],
    ["an import in a plugin", ". {\n health {\n  import lines.conf\n }\n}", [".: health {lameduck 5s}"]],
    ["import as an argument", ". {\n log import\n}", [".: log import"]],
  ])("%s", (_, text, blocks) => {
    expect(problemsOf(text)).toEqual([]);
    expect(shown(text)).toEqual(blocks);
  });

  test("keeps the places of words over imports", () => {
    const [block] = parse("(s) {\n log\n}\n. {\n import s\n import log.conf\n}").blocks;
    expect(block!.plugins.map(({ words: [word] }) => `${word!.file}:${word!.line}`)).toEqual([
      "Corefile:2",
      "log.conf:1",
      "log.conf:2",
    ]);
  });

  test("says when a pattern matches no file", () => {
    expect(problemsOf(". {\n import custom/*\n log\n}")).toEqual([
      "Corefile:2:9: import: no file matches custom/*; nothing is imported here",
    ]);
    expect(shown(". {\n import custom/*\n log\n}")).toEqual([".: log"]);
  });

  test.each<[what: string, text: string, problem: string]>([
    ["an open brace", ". {\n log", "Corefile:1:3: { has no closing brace; add a }"],
    ["a closing brace too many", ".\nlog\n}", "Corefile:3:1: } closes nothing; remove it"],
    ["no zone", "{\n log\n}", "a server block has no zone"],
    ["a comma at the end", "a,", "a comma is not followed by a zone"],
    ["an open snippet", "(s) {\n log", "Corefile:1:1: snippet (s) has no closing brace"],
    ["a snippet twice", "(s) {\n}\n(s) {\n}", "Corefile:3:1: snippet (s) exists already"],
    ["a snippet without braces", "(s)\nlog", "snippet (s) has no braces"],
    ["a brace after no plugin", ". {\n {\n }\n}", "{ follows no plugin"],
    ["an import of nothing", ". {\n import\n}", "Corefile:2:2: import takes one file, pattern or snippet"],
    ["an import with arguments", ". {\n import s a\n}", "CoreDNS has no arguments for it"],
    ["an import of a missing file", ". {\n import gone.conf\n}", "Corefile:2:9: gone; look"],
    ["a file that imports itself", "import self.conf", "self.conf:1:1: there are more than 1000 imports"],
    ["a snippet that imports itself", "(s) {\n import s\n import s\n}\nimport s", "there are more than 1000 imports"],
    ["deep braces", `. {\n${" a {\n".repeat(20)}`, "braces are nested more than 16 deep"],
    ["many words", "a ".repeat(100_001), "the Corefile has more than 100000 words"],
    ["a long file", " ".repeat(COREFILE_LENGTH_MAX + 1), "Corefile has more than 1048576 characters"],
  ])("%s is an error with a place", (_, text, problem) => {
    expect(problemsOf(text).join("\n")).toContain(problem);
    expect(parse(text).problems.filter(({ severity }) => severity === "error")).toHaveLength(1);
  });

  test.each(["{%", "{$", '"', "\\", "#", "a ", "\n", "{ ", "} "])(
    "of many %j takes time that grows with it",
    (piece) => {
      const text = `. {\n${piece.repeat(400_000 / piece.length)}`;
      expect(parse(text).problems.length).toBeLessThanOrEqual(1);
    },
  );

  test("never makes the parser throw", () => {
    const word = fc.constantFrom(
      ...'a . { } ( ) (s) import {$ZONE} {$ {% \n , # " \\ self.conf s'.split(" "),
      "\n",
      "}\n",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
        for (const { keys, plugins } of parse(words.join(" ")).blocks) {
          expect(keys.length).toBeGreaterThan(0);
          for (const plugin of plugins) expect(plugin.words.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
