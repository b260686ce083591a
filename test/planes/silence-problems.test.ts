import { expect, test } from "vitest";
import type { Problem } from "../../src/objects/problem.ts";
import { silenceProblems } from "../../src/planes/silence-problems.ts";
import type { Silencing } from "../../src/planes/silence-problems.ts";

const PROBLEM: Problem = {
  code: "selector-no-pods",
  severity: "warning",
  message: "no pod has app=web",
  advice: "use labels that the pods have",
  object: "Service shop/web",
  place: { file: "web.yaml", line: 2, column: 1 },
};
const PLACE = { file: "web.yaml", line: 1, column: 1 };

function silence(silencing: Partial<Silencing>, text = ""): ReturnType<typeof silenceProblems> {
  return silenceProblems([PROBLEM], { codes: [], annotations: [], ...silencing }, () => Promise.resolve(text));
}

test.each<[title: string, silencing: Partial<Silencing>, text: string, ignored: number]>([
  ["nothing", {}, "", 0],
  ["the code", { codes: ["selector-no-pods"] }, "", 1],
  ["another code", { codes: ["yaml-syntax"] }, "", 0],
  [
    "an annotation of the object",
    { annotations: [{ object: "Service shop/web", codes: ["selector-no-pods"], place: PLACE }] },
    "",
    1,
  ],
  [
    "an annotation of another object",
    { annotations: [{ object: "Service shop/db", codes: ["selector-no-pods"], place: PLACE }] },
    "",
    0,
  ],
  ["a comment", {}, "a: 1\nb: 2 # cluster-dns: ignore selector-no-pods", 1],
])("%s", async (_, silencing, text, ignored) => {
  const result = await silence(silencing, text);
  expect(result).toEqual({ problems: ignored === 0 ? [PROBLEM] : [], ignored });
});

test("a code that does not exist is a problem", async () => {
  const annotations = [{ object: "Service shop/web", codes: ["selector-no-pod"], place: PLACE }];
  const { problems } = await silence({ annotations }, "a: 1\nb: 2 # cluster-dns: ignore constructor");
  expect(problems.map(({ code, place, advice }) => [code, place?.line, advice])).toEqual([
    ["selector-no-pods", 2, PROBLEM.advice],
    ["unknown-code", 1, "use a code of docs/errors.md; did you mean selector-no-pods?"],
    ["unknown-code", 2, "use a code of docs/errors.md"],
  ]);
});
