// docs/status-page.md: its server is started as the page says, and each command prints what the page shows.
import { afterAll, beforeAll, expect, test } from "vitest";
import { readServedPage } from "./support/served-page.ts";
import type { StartedPage } from "./support/served-page.ts";

const { steps, start, text } = readServedPage("status-page.md");

let page: StartedPage;
beforeAll(async () => {
  page = await start();
});
afterAll(async () => {
  page.served.child.kill("SIGTERM");
  await page.served.ended;
});

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
  await expect.poll(async () => comparable(await page.run(command)), { timeout: 20_000 }).toEqual(comparable(output));
});

test.each([...text.matchAll(/^- `(http:\S+)`:\s+"(.*)"$/gm)].map(([, url, said]) => [url!, said!] as const))(
  "%s says so",
  async (url, said) => {
    expect(await page.run(`curl -s '${url}'`)).toContain(said);
  },
);
