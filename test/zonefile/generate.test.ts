import { expect, test } from "vitest";
import { parseRange, parseTemplate } from "../../src/zonefile/generate.ts";

test.each([
  ["1-3", { first: 1, last: 3, step: 1 }],
  ["0-254/2", { first: 0, last: 254, step: 2 }],
  ["5-5", { first: 5, last: 5, step: 1 }],
  ["3-1", undefined],
  ["1-3/0", undefined],
  ["1", undefined],
  ["-1-3", undefined],
  ["1-2147483648", undefined],
])("range %s", (text, range) => {
  expect(parseRange(text)).toEqual(range);
});

test.each<[template: string, number: number, text: string | undefined]>([
  ["a", 1, "a"],
  ["$.$", 7, "7.7"],
  ["$$x$", 7, "$x7"],
  [String.raw`\$x\\$`, 7, String.raw`\$x\\7`],
  ["${-4}", 3, "-1"],
  ["${-4,3}", 3, "-01"],
  ["${1,4}}", 3, "0004}"],
  ["${0,3,o}", 8, "010"],
  ["${0,0,x}${0,3,X}", 171, "ab0AB"],
  ["${0,0,n}", 256, "0.0.1"],
  ["${0,7,N}", 254, "E.F.0.0"],
  ["${0,2,n}", 254, "e.f"],
  ["${0,4,n}", 254, "e.f."],
  ["${", 1, undefined],
  ["${}", 1, undefined],
  ["${0,3,z}", 1, undefined],
  ["${0,300}", 1, undefined],
])("template %s of %i", (template, number, text) => {
  expect(parseTemplate(template)?.(number)).toBe(text);
});
