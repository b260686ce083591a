import { expect, test, vi } from "vitest";
import { TextPlaces } from "../../src/text/text-places.ts";

const TEXT = "ab\n\ncd\r\nef";

test.each<[offset: number, line: number, column: number, text: string]>([
  [0, 1, 1, "ab"],
  [2, 1, 3, "ab"],
  [3, 2, 1, ""],
  [4, 3, 1, "cd\r"],
  [8, 4, 1, "ef"],
  [10, 4, 3, "ef"],
  [99, 4, 3, "ef"],
])("offset %i", (offset, line, column, text) => {
  const places = new TextPlaces(TEXT);
  expect([places.at(offset), places.lineAt(offset)]).toEqual([{ line, column }, text]);
});

test("offsets in any order", () => {
  const places = new TextPlaces(TEXT);
  expect([9, 0, 4, 99, 3].map((offset) => places.at(offset).line)).toEqual([4, 1, 3, 4, 2]);
});

test("an empty text", () => {
  expect([new TextPlaces("").at(0), new TextPlaces("").lineAt(5)]).toEqual([{ line: 1, column: 1 }, ""]);
});

test("a text of one line is searched for its end once", () => {
  const search = vi.spyOn(String.prototype, "indexOf");
  try {
    const places = new TextPlaces("x".repeat(100));
    for (let offset = 0; offset < 100; offset++) places.at(offset);
    expect(search).toHaveBeenCalledOnce();
  } finally {
    search.mockRestore();
  }
});
