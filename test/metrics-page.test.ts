// docs/metrics.md: its server is started as the page says, its command has the output that the page shows, and its causes
// are those of the code. Its tables of metrics are compared beside their rows, its queries in monitoring.test.ts.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FAILURE_CAUSES } from "../src/forward/failure-cause.ts";
import { ROOT } from "./support/process.ts";
import { startServed } from "./support/served.ts";
import type { Served } from "./support/served.ts";

const page = readFileSync(`${ROOT}docs/metrics.md`, "utf8");
const [, serve] = /^```sh\ncluster-dns serve (.*)\n```$/m.exec(page)!;
const [, url, pattern, output] = /^\$ curl -s (\S+) \| grep (\S+)\n((?:.*\n)*?)```$/m.exec(page)!;

let served: Served;
beforeAll(async () => {
  const args = serve!.replace("5300", "0").replace("9153", "0").replace("zones", `${ROOT}zones`).split(" ");
  served = startServed([...args, "--udp-workers", "1"]);
  await served.address;
});
afterAll(() => served.child.kill("SIGKILL"));

test("the command prints what the page shows", async () => {
  const [admin] = served.log.find(({ msg }) => msg === "serving")!["admin"] as [string];
  const response = await fetch(`${admin}${new URL(url!).pathname}`);
  const lines = (await response.text()).split("\n").filter((line) => new RegExp(pattern!).test(line));
  expect(lines.map((line) => `${line}\n`).join("")).toBe(output);
});

test("the page lists the causes of failures", () => {
  const listed = [...page.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \|$/gm)].map(([, cause, text]) => [cause, text]);
  expect(listed).toEqual(Object.entries(FAILURE_CAUSES).map(([cause, { text }]) => [cause, text]));
});
