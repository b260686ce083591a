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
  ["a repeated key in JSON", '{"a": 1,\n"a": 2}', ['2:1 the key "a" occurs twice']],
  ["JSON nested too deep", `${"[".repeat(101)}${"]".repeat(101)}`, ["1:101 nested more than 100 levels deep"]],
  ["nothing", " \n", []],
])("%s", (_title, text, documents) => {
  expect(read(text)).toEqual(documents);
});
