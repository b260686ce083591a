import { expect, test } from "vitest";
import type { Problem } from "../../src/objects/problem.ts";
import { placeInTemplates } from "../../src/planes/place-in-templates.ts";

const TEXT = "---\n# Source: no-such-chart/templates/web.yaml\na: 1\n---\nb: 1\n";
const PROBLEM: Problem = { code: "selector-no-pods", severity: "warning", message: "no pod", advice: "use labels" };
const at = (file: string, line: number): Problem => ({ ...PROBLEM, place: { file, line, column: 4 } });

const textOf = (file: string): Promise<string | undefined> => Promise.resolve(file === "-" ? TEXT : undefined);

test("a problem of a template's document is on the template, and keeps its place in the rendered text", async () => {
  expect(await placeInTemplates([at("-", 3)], textOf)).toEqual([
    {
      ...PROBLEM,
      place: { file: "no-such-chart/templates/web.yaml", line: 1, column: 1 },
      rendered: { file: "-", line: 3, column: 4 },
    },
  ]);
});

test("others stay where they are, in order", async () => {
  const problems = [at("-", 5), at("gone.yaml", 1), PROBLEM];
  expect(await placeInTemplates(problems, textOf)).toEqual(problems);
});
