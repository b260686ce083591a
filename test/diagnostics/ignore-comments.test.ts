import { expect, test } from "vitest";
import { IgnoreComments } from "../../src/diagnostics/ignore-comments.ts";

const LINES = 12;

/** The lines for which the code `a` is silenced. */
function silenced(...lines: readonly string[]): number[] {
  const comments = new IgnoreComments(lines.join("\n"));
  return Array.from({ length: LINES }, (_, index) => index + 1).filter((line) => comments.has("a", line));
}

const A = "# cluster-dns: ignore a";

test.each<[title: string, lines: string[], expected: number[]]>([
  ["no comment", ["x: 1", "y: 2"], []],
  ["at the end of a line", ["x: 1", `y: 2 ${A}`, "z: 3"], [2]],
  ["on the line above", ["x: 1", A, "y: 2", "z: 3"], [3]],
  ["on the line above, with carriage returns", ["x: 1\r", `${A}\r`, "y: 2\r", "z: 3\r"], [3]],
  ["above blank lines and other comments", ["x: 1", A, "", "# why", "y: 2"], [5]],
  ["at the head of a document", ["x: 1", "---", A, "y: 1", "---", "z: 1"], [2, 3, 4]],
  ["on the line of the marker", ["x: 1", `--- ${A}`, "y: 1", "---", "z: 1"], [2, 3]],
  ["at the head of the first document", [A, "x: 1", "---", "y: 1"], [1, 2]],
  [
    "before the first marker of a file",
    ["# shop", A, "---", "x: 1", "---", "y: 1"],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  ],
  ["in a zone file", ["$TTL 60", "x A 192.0.2.1 ; cluster-dns: ignore a"], [2]],
  ["for another code", ["x: 1", "y: 2 # cluster-dns: ignore b"], []],
  ["one of several codes", ["x: 1", "y: 2 # cluster-dns: ignore b, a , c"], [2]],
  ["what is no comment", ["x: 1", "y: cluster-dns: ignore a"], []],
])("%s", (_, lines, expected) => {
  expect(silenced(...lines)).toEqual(expected);
});

test("the codes have their places", () => {
  expect(new IgnoreComments("x: 1\ny: 2 # cluster-dns: ignore a, b").written).toEqual([
    { code: "a", line: 2, column: 28 },
    { code: "b", line: 2, column: 31 },
  ]);
});
