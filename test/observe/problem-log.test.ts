import { describe, expect, test } from "vitest";
import type { Problem, Severity } from "../../src/objects/problem.ts";
import type { Logger } from "../../src/observe/log.ts";
import { ProblemLog } from "../../src/observe/problem-log.ts";

const problem = (message: string, severity: Severity = "error"): Problem => {
  return { code: "c", severity, message, advice: "mend it", place: { file: "a.yaml", line: 1, column: 2 } };
};

function capture(): { problems: ProblemLog; lines: string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (_: object, text: string): void =>
      void lines.push(`${level} ${text}`);
  const log = { error: write("error"), warn: write("warn"), info: write("info") };
  return { problems: new ProblemLog(log as unknown as Logger), lines };
}

describe("ProblemLog", () => {
  test("logs a problem once, as long as it lasts, and again when it comes back", () => {
    const { problems, lines } = capture();
    problems.set("a", [problem("one")]);
    problems.set("a", [problem("one"), problem("two", "warning")]);
    problems.set("a", []);
    problems.set("a", [problem("one")]);
    const place = "a.yaml:1:2:";
    expect(lines).toEqual([
      `error ${place} one; mend it`,
      `warn ${place} two; mend it`,
      `info solved: ${place} one`,
      `info solved: ${place} two`,
      `error ${place} one; mend it`,
    ]);
  });

  test("a problem that moves to another line is not solved", () => {
    const { problems, lines } = capture();
    const moved = { ...problem("one"), place: { file: "a.yaml", line: 9, column: 2 } };
    problems.set("a", [problem("one"), problem("two")]);
    problems.set("a", [moved]);
    expect(lines.slice(2)).toEqual(["info solved: a.yaml:1:2: two", "error a.yaml:9:2: one; mend it"]);
  });

  test("of many that are solved at once some are named, and the rest is counted", () => {
    const { problems, lines } = capture();
    problems.set(
      "a",
      Array.from({ length: 100 }, (_, i) => problem(`fault ${i}`)),
    );
    problems.set("a", []);
    expect(lines.slice(100)).toHaveLength(6);
    expect(lines.at(-1)).toBe("info solved: more problems of the same place");
  });

  test("has the current problems of all origins", () => {
    const { problems } = capture();
    problems.set("a", [problem("one")]);
    problems.set("b", [problem("two")]);
    problems.set("a", []);
    expect(problems.all).toEqual([problem("two")]);
  });
});

test("current problems are counted by code and severity", () => {
  const { problems } = capture();
  expect(problems.counts()).toEqual([]);
  problems.set("a", [problem("one"), problem("two", "warning")]);
  problems.set("b", [{ ...problem("three"), code: "d" }, problem("four")]);
  expect(problems.counts()).toEqual([
    { code: "c", severity: "error", count: 2 },
    { code: "c", severity: "warning", count: 1 },
    { code: "d", severity: "error", count: 1 },
  ]);
  problems.set("a", []);
  expect(problems.counts().map(({ count }) => count)).toEqual([1, 1]);
});
