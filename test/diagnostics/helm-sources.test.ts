import { expect, test } from "vitest";
import { HelmSources } from "../../src/diagnostics/helm-sources.ts";

const A = "# Source: shop/templates/a.yaml";
const B = "# Source: shop/charts/db/templates/sub/b.yaml";

/** The template of each line; `-` for none. */
function templates(...lines: readonly string[]): string {
  const sources = new HelmSources(lines.join("\n"));
  return lines.map((_, index) => /[^/]+(?=\.yaml$)/.exec(sources.templateOf(index + 1) ?? "")?.[0] ?? "-").join("");
}

test.each<[title: string, lines: string[], expected: string]>([
  ["no comment", ["x: 1", "---", "y: 1"], "---"],
  ["a document each", ["---", A, "x: 1", "---", B, "y: 1"], "aaabbb"],
  ["several documents of one template", ["---", A, "x: 1", "---", A, "y: 1"], "aaaaaa"],
  ["without a marker in front", [A, "x: 1", "---", B, "y: 1"], "aabbb"],
  ["a document without one, between", ["---", A, "x: 1", "---", "y: 1", "---", B], "aaa--bb"],
  ["on the line of the marker", [`--- ${A}`, "x: 1"], "aa"],
  ["after other comments and blank lines", ["---", "# made", "", A, "x: 1"], "aaaaa"],
  ["the first of two", ["---", A, B, "x: 1"], "aaaa"],
  ["with carriage returns", ["---\r", `${A}\r`, "x: 1\r"], "aaa"],
  ["a CRD, which Helm copies", ["---", "# Source: shop/crds/c.yaml", "x: 1"], "ccc"],
  ["after content", ["x: 1", A, "y: 1"], "---"],
  ["in a block of text", ["x: |", `  ${A}`], "--"],
  ["a source that is no template", ["---", "# Source: https://example.com/a.yaml", "x: 1"], "---"],
  ["a path that leads out", ["---", "# Source: shop/templates/../../a.yaml", "x: 1"], "---"],
  ["an absolute path", ["---", "# Source: /shop/templates/a.yaml", "x: 1"], "---"],
])("%s", (_, lines, expected) => {
  expect(templates(...lines)).toBe(expected);
});

test("a template has its whole path", () => {
  expect(new HelmSources(B).templateOf(1)).toBe("shop/charts/db/templates/sub/b.yaml");
});
