// docs/metrics.md: its server is started as the page says, its command has the output that the page shows, and its causes
// are those of the code. Its tables of metrics are compared beside their rows, its queries in monitoring.test.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FAILURE_CAUSES } from "../src/forward/failure-cause.ts";
import { readServedPage } from "./support/served-page.ts";
import type { StartedPage } from "./support/served-page.ts";

const { text, start } = readServedPage("metrics.md");
const [, url, pattern, output] = /^\$ curl -s (\S+) \| grep (\S+)\n((?:.*\n)*?)```$/m.exec(text)!;

let page: StartedPage;
beforeAll(async () => {
  page = await start();
});
afterAll(() => page.served.child.kill("SIGKILL"));

test("the command prints what the page shows", async () => {
  const response = await fetch(page.toActual(url!));
  const lines = (await response.text()).split("\n").filter((line) => new RegExp(pattern!).test(line));
  expect(lines.map((line) => `${line}\n`).join("")).toBe(output);
});

test("the page lists the causes of failures", () => {
  const listed = [...text.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \|$/gm)].map(([, cause, meaning]) => [cause, meaning]);
  expect(listed).toEqual(Object.entries(FAILURE_CAUSES).map(([cause, { text }]) => [cause, text]));
});
