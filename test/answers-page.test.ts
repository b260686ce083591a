// docs/answers.md and the scenarios hold each other: every row of the page is shown by a question, and every question
// names rows that are there.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseQuestions, readSettings, zoneSettings } from "./support/scenario.ts";

const page = readFileSync(new URL("../docs/answers.md", import.meta.url), "utf8");
const onPage = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1] ?? "");

const scenarios = new URL("scenarios/", import.meta.url);
const questions = readdirSync(scenarios).flatMap((name) => {
  const folder = new URL(`${name}/`, scenarios);
  return parseQuestions(readFileSync(new URL("questions.txt", folder), "utf8"), zoneSettings(readSettings(folder)));
});
const inScenarios = new Set(questions.flatMap((question) => question.rows));

test("a row has one id, and an id one row", () => {
  expect(onPage.length).toBeGreaterThan(50);
  expect(onPage.filter((id, index) => onPage.indexOf(id) !== index)).toEqual([]);
});

test("every row of docs/answers.md is shown by a scenario", () => {
  expect(onPage.filter((id) => !inScenarios.has(id))).toEqual([]);
});

test("every row that a scenario names is on the page", () => {
  expect([...inScenarios].filter((id) => !onPage.includes(id))).toEqual([]);
});

test("rows that the page refers to are there", () => {
  const references = [...page.matchAll(/\(`([a-z]+-[a-z-]+)`\)/g)].map((match) => match[1] ?? "");
  expect(references.filter((id) => !onPage.includes(id))).toEqual([]);
});
