import { expect, test } from "vitest";
import { formatProblem } from "../../src/objects/problem.ts";

const problem = { code: "c", severity: "error", message: "m", advice: "a" } as const;
const place = { file: "f.yaml", line: 3, column: 5 };

test.each([
  [problem, "m; a"],
  [{ ...problem, place }, "f.yaml:3:5: m; a"],
  [{ ...problem, place, object: "Service n/a" }, "f.yaml:3:5: Service n/a: m; a"],
])("%j", (value, line) => {
  expect(formatProblem(value)).toBe(line);
});
