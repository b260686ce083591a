import { expect, test } from "vitest";
import { parseJsonStream, skipBlank } from "../../src/text/json-stream.ts";
import { TextPlaces } from "../../src/text/text-places.ts";
import { expectLinear, expectMsBelow, isTimed } from "../support/timing.ts";

/** The values, and the rest of the text that is no JSON. */
function read(text: string, start = 0, end = text.length): [values: unknown[], rest: string] {
  const values: unknown[] = [];
  const stream = parseJsonStream(text, new TextPlaces(text), start, end);
  for (;;) {
    const { done, value } = stream.next();
    if (done === true) return [values, text.slice(value, end)];
    values.push(value.value);
  }
}

test.each<[text: string, values: unknown[], rest: string]>([
  ["", [], ""],
  ["{}", [{}], ""],
  [' {"a": 1}{"a": 2}\n[3] ', [{ a: 1 }, { a: 2 }, [3]], ""],
  ['{"a": "}{"}{"b": "\\"}"}', [{ a: "}{" }, { b: '"}' }], ""],
  ['{"a": 1} # c {\n{"a": 2}', [{ a: 1 }, { a: 2 }], ""],
  ['{"a": 1}\ufeff{"a": 2}', [{ a: 1 }, { a: 2 }], ""],
  ['{"a": 1}, {"a": 2}', [{ a: 1 }], ', {"a": 2}'],
  ['{"a": 1} {a: 2}', [{ a: 1 }], "{a: 2}"],
  ['{"a": 1} {"a": 2', [{ a: 1 }], '{"a": 2'],
  ["8 {}", [], "8 {}"],
])("%j", (text, values, rest) => {
  expect(read(text)).toEqual([values, rest]);
});

test("nothing is read behind the end", () => {
  expect(read('{"a": 1}{"a": 2}', 0, 8)).toEqual([[{ a: 1 }], ""]);
  expect(skipBlank("  # c\n  x", 0, 4)).toBe(4);
});

test("places and texts count from the start of the text", () => {
  const text = '{"a": 1}\n{"a": 1.10}';
  const [, second] = parseJsonStream(text, new TextPlaces(text), 0, text.length);
  expect(second!.locate(["a"])).toEqual({ line: 2, column: 7 });
  expect([second!.writtenAt(["a"]), second!.writtenAt(["b"])]).toEqual(["1.10", undefined]);
});

if (isTimed) {
  test("time is linear in the number of values", () => {
    expectMsBelow(
      expectLinear((length) => read('{"a": 1}'.repeat(length)), 200_000),
      3_000,
    );
  });
}
