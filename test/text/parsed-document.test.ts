import { expect, test } from "vitest";
import { makeFault } from "../../src/text/parsed-document.ts";
import { TextPlaces } from "../../src/text/text-places.ts";

test("a fault has the place of its offset and the text of the line", () => {
  const places = new TextPlaces("a: 1\nb: [\nc: 2");
  expect(makeFault(places, "wrong", 8)).toEqual({ fault: "wrong", line: 2, column: 4, source: "b: [" });
});
