import { expect, test } from "vitest";
import { PROBLEMS_MAX, show, ZoneProblems } from "../../src/zonefile/zone-problems.ts";

const place = { file: "a.zone", line: 7, column: 1 };
const fault = { code: "zone-syntax", message: "m", advice: "a" };

test("so many problems are listed, and then that there are more", () => {
  const problems = new ZoneProblems("a.zone");
  for (let i = 0; i < PROBLEMS_MAX; i++) problems.warn(place, fault);
  expect(problems.list()).toHaveLength(PROBLEMS_MAX);
  expect([problems.isFull, problems.hasErrors]).toEqual([false, false]);
  problems.fail(place, fault);
  problems.warn(place, fault);
  expect([problems.isFull, problems.hasErrors]).toEqual([true, true]);
  expect(problems.list()).toHaveLength(PROBLEMS_MAX + 1);
  expect(problems.list().at(-1)).toMatchObject({ code: "too-many-problems", severity: "error", place: { line: 1 } });
});

test("words are shown short and without control characters", () => {
  expect(show("a\u0007b")).toBe("`a\ufffdb`");
  expect(show("a".repeat(100))).toBe(`\`${"a".repeat(60)}…\``);
});
