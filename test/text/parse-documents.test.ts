import { expect, test } from "vitest";
import { parseDocuments } from "../../src/text/parse-documents.ts";

/** The value of each document with the place of its `a`, or its fault with its place. */
function read(text: string): unknown[] {
  return [...parseDocuments(text)].map((document) => {
    if ("fault" in document) return `${document.line}:${document.column} ${document.fault}`;
    const { line, column } = document.locate(["a"]);
    return [document.value, `${line}:${column}`];
  });
}

test.each<[title: string, text: string, documents: unknown[]]>([
  [
    "YAML",
    "a: 1\n---\n a: 2\n",
    [
      [{ a: 1 }, "1:4"],
      [{ a: 2 }, "3:5"],
    ],
  ],
  ["JSON", '{\n "a": 1}', [[{ a: 1 }, "2:7"]]],
  ["a byte order mark before either", '\ufeff{"a": 1}', [[{ a: 1 }, "1:7"]]],
  ["flow style that is not JSON", "{a: 1,}", [[{ a: 1 }, "1:5"]]],
  ["a repeated key in JSON", '{"a": 1,\n"a": 2}', [[{ a: 2 }, "2:6"]]],
  ["a repeated key in YAML", "a: 1\n'a': 2", [[{ a: 2 }, "2:6"]]],
  [
    "JSON objects one after another",
    '{"a": 1}{"a": 2}\n\n  {\n"a": 3}',
    [
      [{ a: 1 }, "1:7"],
      [{ a: 2 }, "1:15"],
      [{ a: 3 }, "4:6"],
    ],
  ],
  [
    "JSON among YAML",
    'a: 0\n---\n{"a": 1}\n{"a": 2} # c\n--- {"a": 3}\n---\n# c\n{a: 4}\n---\na: 5',
    [
      [{ a: 0 }, "1:4"],
      [{ a: 1 }, "3:7"],
      [{ a: 2 }, "4:7"],
      [{ a: 3 }, "5:11"],
      [{ a: 4 }, "8:5"],
      [{ a: 5 }, "10:4"],
    ],
  ],
  [
    "a bad object after a good one",
    '{"a": 1}\n{"a": 2',
    [[{ a: 1 }, "1:7"], expect.stringMatching(/^2:8 Flow map must end with a }/)],
  ],
  [
    "YAML after JSON",
    '{"a": 1}\na: 2',
    [
      [{ a: 1 }, "1:7"],
      [{ a: 2 }, "2:4"],
    ],
  ],
  [
    "what is neither after JSON",
    '{"a": 1}, {"a": 2}',
    [[{ a: 1 }, "1:7"], "1:9 Plain value cannot start with flow indicator character ,"],
  ],
  [
    "a byte order mark in front of any document",
    "\ufeffa: 1\n---\n\ufeffa: 2\n\ufeff---\na: 3",
    [
      [{ a: 1 }, "1:4"],
      [{ a: 2 }, "3:4"],
      [{ a: 3 }, "5:4"],
    ],
  ],
  ["JSON nested too deep", `${"[".repeat(101)}${"]".repeat(101)}`, ["1:101 nested more than 100 levels deep"]],
  ["nothing", " \n", []],
])("%s", (_title, text, documents) => {
  expect(read(text)).toEqual(documents);
});

test.each<[text: string, keys: unknown[]]>([
  ["a: 1\nb: 2\na: 3", [["a", "3:1", 1]]],
  ["x:\n  yes: 1\n  true: 2", [["true", "3:3", 2]]],
  [
    "{a: 1, a: 2,\n a: 3}",
    [
      ["a", "1:8", 1],
      ["a", "2:2", 1],
    ],
  ],
  ['{"x": {"a": 1,\n"a": 2}}', [["a", "2:1", 1]]],
  ["m: &m {a: 1}\nx:\n  <<: *m\n  a: 2", []],
  ["m: &m {a: 1}\nx:\n  a: 2\n  <<: *m", [["a", "4:3", 3]]],
])("repeated keys of %j", (text, keys) => {
  const [document] = parseDocuments(text);
  if (document === undefined || "fault" in document) throw new Error("expected a document");
  const found = document.repeatedKeys.map(({ key, line, column, earlierLine }) => [
    key,
    `${line}:${column}`,
    earlierLine,
  ]);
  expect(found).toEqual(keys);
});
