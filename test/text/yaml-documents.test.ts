import { describe, expect, test } from "vitest";
import { parseYamlDocuments } from "../../src/text/yaml-documents.ts";

function values(text: string): unknown[] {
  return [...parseYamlDocuments(text)].map((document) => ("fault" in document ? document.fault : document.value));
}

describe("values of the core schema", () => {
  test.each<[text: string, value: unknown]>([
    ["a: 080", { a: 80 }],
    ["a: 0o17", { a: 15 }],
    ["a: 1_000", { a: "1_000" }],
    ["a: 1:30", { a: "1:30" }],
    ["a: no", { a: "no" }],
    ["a: 2024-01-01", { a: "2024-01-01" }],
    ["a: ~", { a: null }],
    ["80: x\ntrue: y", { "80": "x", true: "y" }],
    ["a: |\n  x\n  --- y\nb: 1", { a: "x\n--- y\n", b: 1 }],
    ["a: !Ref x", { a: "x" }],
    ["a: &x {b: 1}\nc:\n  <<: *x\n  d: 2", { a: { b: 1 }, c: { b: 1, d: 2 } }],
  ])("%j", (text, value) => {
    expect(values(text)).toEqual([value]);
  });

  test("a key named __proto__ is data", () => {
    const [value] = values("__proto__: {x: 1}");
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

test("a fault has the line's text, and ends with its document", () => {
  const [first, second] = parseYamlDocuments("---\nx: 1\ny: [\n--- # next\nz: 2\n");
  expect(first).toMatchObject({ line: 4, source: "--- # next" });
  expect(second).toMatchObject({ value: { z: 2 } });
});

test("places, also through aliases and of what is not there", () => {
  const [document] = parseYamlDocuments("# c\na:\n  - b: &x {k: v}\n  - *x\n");
  if (document === undefined || "fault" in document) throw new Error("expected a document");
  expect(document.locate([])).toEqual({ line: 2, column: 1 });
  expect(document.locate(["a", 0, "b", "k"])).toEqual({ line: 3, column: 15 });
  expect(document.locate(["a", 1, "k"])).toEqual({ line: 3, column: 15 });
  expect(document.locate(["a", 7])).toEqual({ line: 3, column: 3 });
  expect(document.locate(["nothing", 1])).toEqual({ line: 2, column: 1 });
});
