// docs/status-page.md: its server is started as the page says, and each command prints what the page shows.
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LAUNCHER, ROOT } from "./support/process.ts";
import { readServedPage } from "./support/served-page.ts";
import type { StartedPage } from "./support/served-page.ts";

const { steps, start } = readServedPage("status-page.md");

let page: StartedPage;
beforeAll(async () => {
  page = await start();
});
afterAll(async () => {
  page.served.child.kill("SIGTERM");
  await page.served.ended;
});

async function run(command: string): Promise<string> {
  // Not every machine has curl.
  const url = /^curl -s '(.*)'$/.exec(command)?.[1];
  if (url !== undefined) return (await fetch(page.toActual(url))).text();
  const actual = page.toActual(command).replace(/^cluster-dns /, `${LAUNCHER} `);
  const { stdout, stderr } = spawnSync("/bin/sh", ["-c", actual], { cwd: ROOT, encoding: "utf8", timeout: 60_000 });
  expect(stderr).toBe("");
  return stdout;
}

/** Without what differs from run to run: the serial, and the figures of the last second and minute. */
function comparable(output: string): readonly string[] {
  const lines = output
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ \d{10} 7200 /, " 1 7200 "));
  const rates = lines.findIndex((line) => line.startsWith("QUERIES/S"));
  return lines.filter((_, i) => rates === -1 || i !== rates + 1).map((line) => line.replace(/\s+/g, " "));
}

test("there are steps of each command", () => {
  expect(new Set(steps.map(([command]) => command.split(" ", 2).join(" ")))).toEqual(
    new Set(["cluster-dns list", "cluster-dns query", "cluster-dns top", "curl -s"]),
  );
});

test.each(steps)("%s", async (command, output) => {
  // A query is counted a moment after its answer.
  await expect.poll(async () => comparable(await run(command)), { timeout: 20_000 }).toEqual(comparable(output));
});
