import { expect, test } from "vitest";
import { findInJson } from "../../src/text/json-limits.ts";
import { expectLinear, expectMsBelow, isTimed } from "../support/timing.ts";

const TOO_LARGE = { kind: "too-large" };

test.each<[title: string, text: string, finding: object | undefined]>([
  ["nothing", "", undefined],
  ["one of each", '{"a": [1, -2.5e3, true, null, "x", {}, []], "b": {"a": "a"}}', undefined],
  ["a key twice", '{"a": 1, "b": {"c": 1, "a": 2}, "a": 3}', { kind: "repeated-key", key: '"a"', offset: 32 }],
  ["a key twice further in", '[{"a": 1}, {"b": [], "b": 1}]', { kind: "repeated-key", key: '"b"', offset: 21 }],
  ["values like keys", '{"a": "a", "b": ["a", "a", "b"]}', undefined],
  ["keys of every object", '{"__proto__": 1, "constructor": {"constructor": 1}}', undefined],
  ["such a key twice", '{"__proto__": 1, "__proto__": 2}', { kind: "repeated-key", key: '"__proto__"', offset: 17 }],
  ["quotes and backslashes", String.raw`{"a\"": 1, "a\\": 2, "a\\\"": "\\", "b": "\"b\": 1"}`, undefined],
  ["brackets in text", JSON.stringify({ a: "[".repeat(200), ["{".repeat(200)]: 1 }), undefined],
  ["as deep as may be", "[".repeat(100) + "]".repeat(100), undefined],
  ["deeper", "[".repeat(101) + "]".repeat(101), TOO_LARGE],
  ["deeper, of objects", '{"a":'.repeat(101), TOO_LARGE],
  ["as many as may be", `[${"1,".repeat(999_998)}1]`, undefined],
  ["one more", `[${"1,".repeat(999_999)}1]`, TOO_LARGE],
  ["one more, of texts", `[${'"",'.repeat(999_999)}""]`, TOO_LARGE],
  ["one more, of arrays", `[${"[],".repeat(999_999)}[]]`, TOO_LARGE],
  ["one more, of words", `[${"true,".repeat(999_999)}null]`, TOO_LARGE],
  ["as many in each item of a list", `{"items": [[${"1,".repeat(999_000)}1], [${"1,".repeat(999_000)}1]]}`, undefined],
  ["more in one of its items", `{"items": [[1], [${"1,".repeat(999_999)}1], [1]]}`, TOO_LARGE],
  ["more items", `{"items": [${"1,".repeat(999_999)}1]}`, TOO_LARGE],
  ["lists that are no items", `{"a": [[${"1,".repeat(500_000)}1], [${"1,".repeat(500_000)}1]]}`, TOO_LARGE],
  ["items further in", `{"a": {"items": [[${"1,".repeat(500_000)}1], [${"1,".repeat(500_000)}1]]}}`, TOO_LARGE],
  ["too many of all items", `{"items": [${`[${"1,".repeat(900_000)}1],`.repeat(9)}1]}`, TOO_LARGE],
  ["no JSON: it ends in a text", '{"a": "b', undefined],
  ["no JSON: closed too often", "]}]}", undefined],
  ["no JSON: a text behind the end", '{}"a", "a"', undefined],
])("%s", (_title, text, finding) => {
  expect(findInJson(text)).toEqual(finding);
});

if (isTimed) {
  test("time is linear in the length of the text", () => {
    const find = (length: number): unknown => findInJson(`{"${'\\"'.repeat(length)}": "${"\\".repeat(2 * length)}"}`);
    expectMsBelow(expectLinear(find, 1_000_000), 1_000);
  });
}
