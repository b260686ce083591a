import { expect, test } from "vitest";
import type { FieldPath } from "../../src/objects/field.ts";
import { JsonPlaces } from "../../src/text/json-places.ts";
import { expectLinear, expectMsBelow } from "../support/timing.ts";

const text = ` { "a" : [ 1 , {"b\\"]" : "x,}" , "c":[ [ ], true ]} ] , "a\\u0062":null,"":{},"e": -1.5e3 } `;

test.each<[path: FieldPath, found: string]>([
  [[], "{"],
  [["a"], "[ 1"],
  [["a", 0], "1 ,"],
  [["a", 1], '{"b'],
  [["a", 1, 'b"]'], '"x,}"'],
  [["a", 1, "c"], "[ [ ]"],
  [["a", 1, "c", 0], "[ ]"],
  [["a", 1, "c", 1], "true"],
  [["ab"], "null"],
  [[""], "{}"],
  [["e"], "-1.5e3"],
  [["a", 1, "missing", "x"], '{"b'],
  [["a", 9], "[ 1"],
  [["e", "x"], "-1.5e3"],
  [["__proto__"], "{"],
])("%j", (path, found) => {
  const places = new JsonPlaces(text);
  for (let round = 0; round < 2; round++) expect(text.slice(places.offsetOf(path)).startsWith(found)).toBe(true);
});

test("a long list is walked once", () => {
  const walk = (length: number): void => {
    const items = Array.from({ length }, (_, index) => ({ index, pad: "x".repeat(20) }));
    const list = JSON.stringify({ items });
    const places = new JsonPlaces(list);
    const wrong = items.filter(
      ({ index }) => !list.startsWith(`{"index":${index},`, places.offsetOf(["items", index])),
    );
    expect(wrong).toEqual([]);
  };
  walk(20_000);
  expectMsBelow(expectLinear(walk, 20_000), 2_000);
});
