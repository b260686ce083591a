import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Row, Rule } from "../../../src/objects/validation/rules.ts";
import { below, checkRules, mount, RuleTable } from "../../../src/objects/validation/rules.ts";
import type { Mapping } from "../../../src/objects/raw-values.ts";
import { textIn } from "../../../src/objects/validation/values.ts";

function broken(value: Mapping, ...rows: Row[]): string[] {
  const found: string[] = [];
  checkRules(value, new RuleTable(rows), (path, rule) => found.push(`${path.join(".")}: ${rule.expected}`));
  return found;
}

const isX = (value: unknown): boolean => value === "x";

describe("checkRules", () => {
  test("a rule sees the value, and an absent or null one as undefined", () => {
    const rule = { at: "spec.a", expected: "x", holds: isX };
    expect(broken({ spec: { a: "x" } }, rule)).toEqual([]);
    expect(broken({ spec: { a: "y" } }, rule)).toEqual(["spec.a: x"]);
    const absent = { at: "spec.a", expected: "nothing", holds: (value: unknown) => value === undefined };
    expect(broken({ spec: {} }, absent)).toEqual([]);
    expect(broken({ spec: { a: null } }, absent)).toEqual([]);
    expect(broken({ spec: { a: 0 } }, absent)).toEqual(["spec.a: nothing"]);
  });

  test("a field of an absent object is not judged", () => {
    const rule = { at: "spec.a.b", expected: "x", holds: isX };
    for (const value of [{}, { spec: null }, { spec: { a: null } }, { spec: "text" }])
      expect(broken(value, rule)).toEqual([]);
  });

  test("items of lists have their numbers, and a null item is an object without fields", () => {
    const rule = { at: "list[].name", expected: "x", holds: isX };
    expect(broken({ list: [{ name: "x" }, { name: "y" }, null] }, rule)).toEqual(["list.1.name: x", "list.2.name: x"]);
    const items = { at: "list[]", expected: "x", holds: isX };
    expect(broken({ list: ["x", null] }, items)).toEqual(["list.1: x"]);
  });

  test("only the first broken rule of a field is reported", () => {
    const rules = ["one", "two"].map((expected) => ({ at: "a", expected, holds: isX }));
    expect(broken({ a: "y" }, ...rules)).toEqual(["a: one"]);
  });

  test("values that have to differ are reported where they come again", () => {
    const rule = {
      at: "list[].name",
      expected: "other",
      distinct: (item: unknown) => textIn(item, "name") || undefined,
    };
    const list = ["a", "b", "a", "", "", "a"].map((name) => ({ name }));
    expect(broken({ list }, rule)).toEqual(["list.2.name: other", "list.5.name: other"]);
  });

  test("names of Object.prototype are no fields", () => {
    const rule = { at: "constructor", expected: "nothing", holds: (value: unknown) => value === undefined };
    expect(broken({}, rule)).toEqual([]);
  });
});

describe("tables within tables", () => {
  const isKnown: Rule = {
    at: "mounts[].name",
    expected: "a volume",
    holds: (name, _, scope) => scope.names("volumes").has(String(name)),
  };

  test("a mounted table has its object as scope, wherever it is", () => {
    const pod = { volumes: [{ name: "a" }], mounts: [{ name: "a" }, { name: "b" }] };
    expect(broken({ spec: pod }, mount("spec", [isKnown]))).toEqual(["spec.mounts.1.name: a volume"]);
    const template = below("spec.template", [mount("spec", [isKnown])]);
    expect(broken({ spec: { template: { spec: pod } } }, template)).toEqual([
      "spec.template.spec.mounts.1.name: a volume",
    ]);
  });

  test("a table that is a part has the scope around it", () => {
    const part = below("containers[]", [isKnown]);
    const spec = { volumes: [{ name: "a" }], containers: [{ mounts: [{ name: "b" }] }] };
    expect(broken({ spec }, mount("spec", [part]))).toEqual(["spec.containers.0.mounts.0.name: a volume"]);
  });
});

test("any value has an answer", () => {
  const rules = mount("spec", [
    { at: "list[].name", expected: "x", holds: isX },
    { at: "list[].name", expected: "other", distinct: (item) => textIn(item, "name") },
  ]);
  fc.assert(
    fc.property(fc.record({ spec: fc.jsonValue() }), (value) => {
      expect(Array.isArray(broken(value, rules))).toBe(true);
    }),
  );
});
