import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { YamlNodes } from "../../src/text/yaml-nodes.ts";

function nodesOf(text: string): YamlNodes {
  return new YamlNodes(parseDocument(text, { merge: true, uniqueKeys: false, stringKeys: true }));
}

/** Mappings that each take in the one before ten times. */
function mergeChain(length: number): string {
  const line = (index: number): string =>
    `m${index}: &m${index} {<<: [${Array(10)
      .fill(`*m${index - 1}`)
      .join()}]}\n`;
  return `m0: &m0 {k: v}\n${Array.from({ length }, (_, index) => line(index + 1)).join("")}`;
}

describe("faults", () => {
  test.each<[text: string, message: RegExp | undefined, offset?: number]>([
    ["a: 1\nb: 1\n", undefined],
    ["a: 1\nb: 1\na: 2\n", /"a" occurs twice/, 10],
    ["a: {__proto__: 1, constructor: 1}\n", undefined],
    ["a: {constructor: 1, constructor: 1}\n", /"constructor" occurs twice/, 20],
    ["a: &x 1\nb: *x\n", undefined],
    ["a: *x\nb: &x 1\n", /\*x has no anchor/, 3],
    ["a: &x\n  - b: *x\n", /\*x refers to a node that contains it/, 13],
    ["a: &x 1\nb: &x [*x]\n", /a node that contains it/, 15],
    ["a: &x {b: 1}\nc:\n  <<: *x\n  <<: {d: 1}\n", undefined],
    ["a: &x {b: 1}\nc:\n  <<: [*x, {d: 1}]\n", undefined],
    ["a: &x [{b: 1}]\nc:\n  <<: *x\n", undefined],
    ["a:\n  <<: 5\n", /`<<` takes a mapping/, 5],
    ["a:\n  <<: [1]\n", /`<<` takes a mapping/, 5],
    ["a:\n  <<:\n", /`<<` takes a mapping/, 5],
    ["a: &x 5\nb: {<<: *x}\n", /`<<` takes a mapping/, 11],
    ['a: {"<<": 5}\n', undefined],
    [mergeChain(5), undefined],
    [mergeChain(6), /more than 1000000 nodes/],
    [`${"[".repeat(100)}${"]".repeat(100)}`, undefined],
    [`${"[".repeat(101)}${"]".repeat(101)}`, /more than 100 levels/, 100],
  ])("%j", (text, message, offset) => {
    const { fault } = nodesOf(text);
    if (message === undefined) return expect(fault).toBeUndefined();
    expect(fault?.message).toMatch(message);
    if (offset !== undefined) expect(fault?.offset).toBe(offset);
  });
});

test("places: of keys among many, through aliases, of what is not there", () => {
  const many = Array.from({ length: 100 }, (_, index) => `  k${index}: v\n`).join("");
  const text = `a:\n${many}b: &x [1, {c: 2}]\nd: *x\n__proto__: 3\n`;
  const nodes = nodesOf(text);
  expect(nodes.offsetOf(["a", "k77"])).toBe(text.indexOf("k77: v") + 5);
  expect(nodes.offsetOf(["a", "k100"])).toBe(text.indexOf("k0"));
  expect(nodes.offsetOf(["d", 1, "c"])).toBe(text.indexOf("2}"));
  expect(nodes.offsetOf(["b", 7])).toBe(text.indexOf("[1, {"));
  expect(nodes.offsetOf(["__proto__"])).toBe(text.indexOf("3\n"));
  expect(nodes.offsetOf([])).toBe(0);
});
