import { expect, test } from "vitest";
import { scanJson } from "../../src/text/json-limits.ts";
import { expectLinear, expectMsBelow, isTimed } from "../support/timing.ts";

/** What is found: `too large`, or the keys that are repeated with the offsets of the later and the earlier. */
function find(text: string): unknown {
  const { isTooLarge, repeatedKeys } = scanJson(text, 0);
  return isTooLarge ? "too large" : repeatedKeys.map(({ key, offset, earlier }) => [key, offset, earlier]);
}

test.each<[title: string, text: string, found: unknown]>([
  ["nothing", "", []],
  ["one of each", '{"a": [1, -2.5e3, true, null, "x", {}, []], "b": {"a": "a"}}', []],
  ["a key twice", '{"a": 1, "b": {"c": 1, "a": 2}, "a": 3}', [['"a"', 32, 1]]],
  [
    "a key three times",
    '{"a": 1, "a": 2, "a": 3}',
    [
      ['"a"', 9, 1],
      ['"a"', 17, 9],
    ],
  ],
  ["a key twice further in", '[{"a": 1}, {"b": [], "b": 1}]', [['"b"', 21, 12]]],
  ["values like keys", '{"a": "a", "b": ["a", "a", "b"]}', []],
  ["keys of every object", '{"__proto__": 1, "constructor": {"constructor": 1}}', []],
  ["such a key twice", '{"__proto__": 1, "__proto__": 2}', [['"__proto__"', 17, 1]]],
  ["quotes and backslashes", String.raw`{"a\"": 1, "a\\": 2, "a\\\"": "\\", "b": "\"b\": 1"}`, []],
  ["brackets in text", JSON.stringify({ a: "[".repeat(200), ["{".repeat(200)]: 1 }), []],
  ["as deep as may be", "[".repeat(100) + "]".repeat(100), []],
  ["deeper", "[".repeat(101) + "]".repeat(101), "too large"],
  ["deeper, of objects", '{"a":'.repeat(101), "too large"],
  ["as many as may be", `[${"1,".repeat(999_998)}1]`, []],
  ["one more", `[${"1,".repeat(999_999)}1]`, "too large"],
  ["one more, of texts", `[${'"",'.repeat(999_999)}""]`, "too large"],
  ["one more, of arrays", `[${"[],".repeat(999_999)}[]]`, "too large"],
  ["one more, of words", `[${"true,".repeat(999_999)}null]`, "too large"],
  ["as many in each item of a list", `{"items": [[${"1,".repeat(999_000)}1], [${"1,".repeat(999_000)}1]]}`, []],
  ["more in one of its items", `{"items": [[1], [${"1,".repeat(999_999)}1], [1]]}`, "too large"],
  ["more items", `{"items": [${"1,".repeat(999_999)}1]}`, "too large"],
  ["lists that are no items", `{"a": [[${"1,".repeat(500_000)}1], [${"1,".repeat(500_000)}1]]}`, "too large"],
  ["items further in", `{"a": {"items": [[${"1,".repeat(500_000)}1], [${"1,".repeat(500_000)}1]]}}`, "too large"],
  ["too many of all items", `{"items": [${`[${"1,".repeat(900_000)}1],`.repeat(9)}1]}`, "too large"],
  ["no JSON: it ends in a text", '{"a": "b', []],
  ["no JSON: closed too often", "]}]}", []],
])("%s", (_title, text, found) => {
  expect(find(text)).toEqual(found);
});

test("the value ends before what follows it", () => {
  expect(scanJson('{"a": "}"} {"b": 1}', 0).end).toBe(10);
  expect(scanJson('{"a": "}"} {"b": 1}', 11).end).toBe(19);
});

test("a hundred repeated keys are named", () => {
  expect(scanJson(`{${'"a": 1, '.repeat(1_000)}"a": 2}`, 0).repeatedKeys).toHaveLength(100);
});

if (isTimed) {
  test("time is linear in the length of the text", () => {
    const scan = (length: number): unknown => scanJson(`{"${'\\"'.repeat(length)}": "${"\\".repeat(2 * length)}"}`, 0);
    expectMsBelow(expectLinear(scan, 1_000_000), 1_000);
  });
}
