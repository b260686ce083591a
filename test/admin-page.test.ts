// docs/admin.md: its server is started as the page says, and each command has the output that the page shows.
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readServedPage } from "./support/served-page.ts";
import type { StartedPage } from "./support/served-page.ts";

const { steps, start } = readServedPage("admin.md");

let page: StartedPage;
beforeAll(async () => {
  page = await start();
});
afterAll(() => page.served.child.kill("SIGKILL"));

/** What the command prints. */
async function run(command: string): Promise<string> {
  if (command.startsWith("kill -TERM ")) {
    page.served.child.kill("SIGTERM");
    await expect.poll(() => page.served.log.some(({ msg }) => String(msg).startsWith("stopping"))).toBe(true);
    return "";
  }
  const [, host, url] = /^curl (?:-H 'Host: (\S+)' )?(http:\/\/\S+)$/.exec(command) ?? [];
  if (url === undefined) throw new Error(`the test does not know ${command}`);
  return new Promise((resolve, reject) => {
    get(page.toActual(url), { headers: host === undefined ? {} : { host } }, (response) => resolve(text(response))).on(
      "error",
      reject,
    );
  });
}

/** The serial is the time of the start; probes end without a line's end, which the page has to have. */
const comparable = (output: string): string => `${output.trimEnd()}\n`.replace(/"serial": \d+/, '"serial": 1');

test("there are steps", () => {
  expect(steps.length).toBeGreaterThan(5);
});

test.each(steps)("%s", async (command, output) => {
  expect(comparable(await run(command))).toBe(comparable(page.toActual(output)));
});
