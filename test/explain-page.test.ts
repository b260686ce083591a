// docs/explain.md: its server is started as the page says, each command prints what the page shows, and the tables of
// outcomes and deciders have all of them.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "./support/process.ts";
import { readServedPage } from "./support/served-page.ts";
import type { StartedPage } from "./support/served-page.ts";

const { steps, start, text } = readServedPage("explain.md");

let page: StartedPage;
beforeAll(async () => {
  page = await start();
});
afterAll(async () => {
  page.served.child.kill("SIGTERM");
  await page.served.ended;
});

test("there are steps over manifests, over a server, and of the API", () => {
  expect(steps.filter(([command]) => / (?:zones|examples\/\S+)( |$)/.test(command)).length).toBeGreaterThan(2);
  expect(steps.some(([command]) => command.includes("--server"))).toBe(true);
  expect(steps.some(([command]) => command.startsWith("curl"))).toBe(true);
});

test.each(steps)("%s", async (command, output) => {
  expect((await page.run(command)).trimEnd()).toBe(output.trimEnd());
});

test.each([
  ["Outcome", /export type Outcome = (.*?);/s],
  ["DecidedBy", /export interface DecidedBy \{\s*readonly kind:(.*?);/s],
])("the page names each value of %s", (_, pattern) => {
  const source = readFileSync(`${ROOT}src/explain/explanation.ts`, "utf8");
  const values = [...pattern.exec(source)![1]!.matchAll(/"([a-z-]+)"/g)].map(([, value]) => value!);
  expect(values.length).toBeGreaterThan(5);
  expect(values.filter((value) => !text.includes(`| \`${value}\` |`))).toEqual([]);
});
