import { describe, expect, test } from "vitest";
import { parseDocument, Schema } from "yaml";
import { Anchors, YamlValues } from "../../src/text/yaml-values.ts";
import { Growth } from "../../src/text/yaml-limits.ts";
import { expectLinear, expectMsBelow, isTimed } from "../support/timing.ts";

function valuesOf(text: string): YamlValues {
  const document = parseDocument(text, { schema: new Schema({ schema: "failsafe" }), uniqueKeys: false });
  return new YamlValues(document.contents, 0, new Anchors(new Growth(text.length)));
}

/** Values that each hold the one before `width` times. */
function chain(length: number, width: number, wrap: (aliases: string) => string): string {
  const line = (index: number): string => {
    const alias = `*m${index - 1}`;
    return `m${index}: &m${index} ${wrap(Array(width).fill(alias).join())}\n`;
  };
  return `m0: &m0 {k: v}\n${Array.from({ length }, (_, index) => line(index + 1)).join("")}`;
}

const merges = (length: number): string => chain(length, 10, (aliases) => `{<<: [${aliases}]}`);
const lists = (length: number): string => chain(length, 10, (aliases) => `[${aliases}]`);

const pairs = (length: number): string => Array.from({ length }, (_, index) => `k${index}: v`).join();

describe("faults", () => {
  test.each<[text: string, message: RegExp | undefined, offset?: number]>([
    ["a: 1\nb: 1\n", undefined],
    ["a: 1\nb: 1\na: 2\n", undefined],
    ["a: {__proto__: 1, constructor: 1}\n", undefined],
    ["a: &x 1\nb: *x\n", undefined],
    ["a: *x\nb: &x 1\n", /\*x has no anchor/, 3],
    ["a: &x\n  - b: *x\n", /\*x refers to a node that contains it/, 13],
    ["a: &x 1\nb: &x [*x]\n", /a node that contains it/, 15],
    ["a: &x {b: 1}\nc:\n  <<: *x\n  <<: {d: 1}\n", undefined],
    ["a: &x {b: 1}\nc:\n  <<: [*x, {d: 1}]\n", undefined],
    ["a: &x [{b: 1}]\nc:\n  <<: *x\n", /`<<` takes a mapping/, 24],
    ["a:\n  <<: 5\n", /`<<` takes a mapping/, 9],
    ["a:\n  <<: [1]\n", /`<<` takes a mapping/, 9],
    ["a:\n  <<:\n", /`<<` takes a mapping/],
    ["a: &x 5\nb: {<<: *x}\n", /`<<` takes a mapping/, 16],
    ['a: {"<<": 5}\n', undefined],
    ["a: {b: 1, ~: 2}", /expected text as a key, got ~; put it in quotes/, 10],
    ['a: {!!int "b\\nc": 1}', /expected text as a key, got "b\\nc", which its tag does not fit/],
    ["a: {: 1}", /expected text as a key, got nothing/],
    ["? [a]\n: 1", /expected text as a key/, 2],
    ["a: !!int x", /the tag !!int does not fit "x"/],
    ["a: .inf", /expected a finite number, got .inf; text takes quotes: ".inf"/, 3],
    [merges(4), undefined],
    [merges(8), /the aliases of this file make more than \d+ nodes/],
    [lists(4), undefined],
    [lists(8), /the aliases of this file make more than \d+ nodes/],
    [`m: &m {${pairs(500)}}\nn: {<<: [${Array(30).fill("*m").join()}]}`, undefined],
    [
      `m: &m {${pairs(500)}}\nn: {${Array(900).fill("<<: *m").join()}}`,
      /the `<<` of this file copy more than \d+ pairs/,
    ],
    [chain(99, 1, (alias) => `[${alias}]`), /nested more than 100 levels/],
    [chain(97, 1, (alias) => `[${alias}]`), undefined],
    [chain(300, 1, (alias) => `{<<: ${alias}}`), undefined],
    [`${"[".repeat(100)}${"]".repeat(100)}`, undefined],
    [`${"[".repeat(101)}${"]".repeat(101)}`, /more than 100 levels/, 100],
  ])("%.60j", (text, message, offset) => {
    const { fault } = valuesOf(text);
    if (message === undefined) return expect(fault).toBeUndefined();
    expect(fault?.message).toMatch(message);
    if (offset !== undefined) expect(fault?.offset).toBe(offset);
  });
});

test("merges apply in the order of the text, of a list the first", () => {
  const merge = (text: string): unknown =>
    (valuesOf(`m: &m {a: 1}\nn: &n {a: 3, b: 4}\nv: ${text}`).value as { v: object }).v;
  expect(merge("{<<: *m, a: 2}")).toEqual({ a: 2 });
  expect(merge("{a: 2, <<: *m}")).toEqual({ a: 1 });
  expect(merge("{<<: [*m, *n]}")).toEqual({ a: 1, b: 4 });
  expect(merge("{<<: *m, <<: *n}")).toEqual({ a: 3, b: 4 });
});

test("places: of keys among many, through aliases, of what is not there", () => {
  const many = Array.from({ length: 100 }, (_, index) => `  k${index}: v\n`).join("");
  const text = `a:\n${many}b: &x [1, {c: 2}]\nd: *x\n__proto__: 3\n1: 4\ne: {<<: {f: 5, g: 6}, g: 7}\n`;
  const values = valuesOf(text);
  expect(values.offsetOf(["a", "k77"])).toBe(text.indexOf("k77: v") + 5);
  expect(values.offsetOf(["a", "k100"])).toBe(text.indexOf("k0"));
  expect(values.offsetOf(["d", 1, "c"])).toBe(text.indexOf("2}"));
  expect(values.offsetOf(["b", 7])).toBe(text.indexOf("[1, {"));
  expect(values.offsetOf(["__proto__"])).toBe(text.indexOf("3\n"));
  expect(values.offsetOf(["1"])).toBe(text.indexOf("4\n"));
  expect(values.offsetOf(["e", "f"])).toBe(text.indexOf("5,"));
  expect(values.offsetOf(["e", "g"])).toBe(text.indexOf("7}"));
  expect(values.offsetOf([])).toBe(0);
});

test("what is written: of words without quotes alone", () => {
  const values = valuesOf("a: 1.10\nb: &b 0120\nc: '8'\nd: *b\ne: {<<: {f: no}}\ng: []");
  const written = ["a", "b", "c", "d", "g", "x"].map((key) => values.writtenAt([key]));
  expect(written).toEqual(["1.10", "0120", undefined, "0120", undefined, undefined]);
  expect(values.writtenAt(["e", "f"])).toBe("no");
});

test("a List of ten thousand items that share one mapping", () => {
  const labels = pairs(100);
  const items = `- {labels: *l}\n- {<<: *m}\n`.repeat(5_000);
  const { fault, value } = valuesOf(`l: &l {${labels}}\nm: &m {a: 1}\nitems:\n${items}`);
  expect(fault).toBeUndefined();
  const [first, second, third] = (value as { items: { labels: unknown }[] }).items;
  expect(first!.labels).toBe(third!.labels);
  expect(second).toEqual({ a: 1 });
});

if (isTimed) {
  test.each([
    ["nested lists", (length: number): string => lists(length / 40)],
    ["nested merges", (length: number): string => merges(length / 40)],
    ["a chain of merges", (length: number): string => chain(length / 30, 1, (alias) => `{<<: ${alias}, a: 1}`)],
    ["repeated keys", (length: number): string => `{${"a: 1, ".repeat(length / 6)}}`],
    [
      "merged keys that are repeated",
      (length: number): string => {
        const keys = Array.from({ length: length / 20 }, (_, index) => `k${index}: 1`).join();
        return `m: &m {${keys}}\nn: {<<: *m, ${keys}, <<: *m}`;
      },
    ],
  ])("time is linear in the length of the text: %s", (_title, make) => {
    expectMsBelow(
      expectLinear((length) => void valuesOf(make(length)), 100_000),
      3_000,
    );
  });
}
