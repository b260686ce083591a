import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FieldPath } from "../../src/objects/field.ts";
import { parseDocuments } from "../../src/text/parse-documents.ts";
import { TextPlaces } from "../../src/text/text-places.ts";
import { Growth } from "../../src/text/yaml-limits.ts";
import { parseYaml } from "../../src/text/yaml-documents.ts";

function values(text: string): unknown[] {
  return [...parseDocuments(text)].map((document) => ("fault" in document ? document.fault : document.value));
}

describe("values", () => {
  test.each<[text: string, value: unknown]>([
    ["80: x\ntrue: v\nno: z", { "80": "x", true: "v", false: "z" }],
    ["a: |\n  x\n  --- y\nb: 1", { a: "x\n--- y\n", b: 1 }],
    ["a: !Ref x", { a: "x" }],
    ["a: !!set {b}", { a: { b: null } }],
    ["a: &x {b: 1}\nc:\n  <<: *x\n  d: 2", { a: { b: 1 }, c: { b: 1, d: 2 } }],
    ["%YAML 1.1\n---\na: yes", { a: true }],
    ["%YAML 1.2\n---\na: yes", "expected YAML 1.1, found %YAML 1.2; kubectl refuses it: remove this line"],
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
  const [first, second] = parseDocuments("---\nx: 1\ny: [\n--- # next\nz: 2\n");
  expect(first).toMatchObject({ line: 4, source: "--- # next" });
  expect(second).toMatchObject({ value: { z: 2 } });
});

test("places, also through aliases and of what is not there", () => {
  const [document] = parseDocuments("# c\na:\n  - b: &x {k: v}\n  - *x\n");
  if (document === undefined || "fault" in document) throw new Error("expected a document");
  expect(document.locate([])).toEqual({ line: 2, column: 1 });
  expect(document.locate(["a", 0, "b", "k"])).toEqual({ line: 3, column: 15 });
  expect(document.locate(["a", 1, "k"])).toEqual({ line: 3, column: 15 });
  expect(document.locate(["a", 7])).toEqual({ line: 3, column: 3 });
  expect(document.locate(["nothing", 1])).toEqual({ line: 2, column: 1 });
});

describe("a List of more than a million characters, which is parsed item by item", () => {
  const pad = `# ${"x".repeat(1_000)}\n`.repeat(1_000);
  const list = (items: string): string => `kind: List\nx: &above {a: up}\nitems:\n- {}\n${pad}${items}tail: &tail 1\n`;

  test("anchors reach the items after them", () => {
    const items = "- &one {a: 1}\n- b: *one\n- *above\n- &two\n  <<: *one\n  c: 3\n- {d: *two, <<: *above}\n";
    const found = values(list(items))
      .slice(1)
      .map((value) => (value as { items: unknown[] }).items[0]);
    const [one, two] = [{ a: 1 }, { a: 1, c: 3 }];
    expect(found).toEqual([one, { b: one }, { a: "up" }, two, { a: "up", d: two }]);
  });

  test("places of what an alias repeats are those of the anchor", () => {
    const documents = [...parseDocuments(list("- &one\n  a: 1\n- b: *one\n"))];
    const last = documents.at(-1)!;
    if ("fault" in last) throw new Error(last.fault);
    expect(last.locate(["items", 0, "b", "a"])).toEqual({ line: 1_006, column: 6 });
    expect(last.writtenAt(["items", 0, "b", "a"])).toBe("1");
    expect(last.locate(["items", 0, "b"])).toEqual({ line: 1_007, column: 6 });
  });
});

function* pathsOf(value: unknown): Generator<FieldPath> {
  yield [];
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    for (const path of pathsOf(child)) yield [Array.isArray(value) ? Number(key) : key, ...path];
  }
}

test("JSON read as YAML has the same value, places and words", () => {
  const json = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()));
  fc.assert(
    fc.property(json, fc.nat(2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      fc.pre(!text.includes("\u007f"));
      const [asJson] = parseDocuments(text);
      const context = { start: 0, places: new TextPlaces(text), growth: new Growth(text.length) };
      const [asYaml] = parseYaml(text, context);
      if (asJson === undefined || "fault" in asJson) throw new Error(`JSON: ${asJson?.fault}`);
      if (asYaml === undefined || "fault" in asYaml) throw new Error(`YAML: ${asYaml?.fault}`);
      expect(asYaml.value).toEqual(asJson.value);
      for (const path of pathsOf(asJson.value)) {
        expect([asYaml.locate(path), asYaml.writtenAt(path)]).toEqual([asJson.locate(path), asJson.writtenAt(path)]);
      }
    }),
  );
});
