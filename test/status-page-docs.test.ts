// docs/status-page.md: its server is started as the page says, and each command prints what the page shows.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LAUNCHER, ROOT } from "./support/process.ts";
import { startServed } from "./support/served.ts";
import type { Served } from "./support/served.ts";

const page = readFileSync(`${ROOT}docs/status-page.md`, "utf8");
const [, serve] = /^```sh\ncluster-dns serve (.*)\n```$/m.exec(page)!;
const PORTS = /\b(?:5300|9153)\b/g;

/** Each command of a console block, and the lines after it. */
const steps = [...page.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block]) =>
  [...block!.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command, output]) => [command!, output!] as const),
);

let served: Served;
/** A command of the page with the ports of this server. */
let toActual: (shown: string) => string;
beforeAll(async () => {
  const args = [...serve!.replace(PORTS, "0").split(" "), "--udp-workers", "1"];
  served = startServed(args, { cwd: ROOT });
  const address = await served.address;
  const [admin] = served.log.find(({ msg }) => msg === "serving")!["admin"] as [string];
  const ports: Readonly<Record<string, string>> = { 5300: address.split(":")[1]!, 9153: new URL(admin).port };
  toActual = (shown) => shown.replace(PORTS, (port) => ports[port]!);
});
afterAll(async () => {
  served.child.kill("SIGTERM");
  await served.ended;
});

async function run(command: string): Promise<string> {
  // Not every machine has curl.
  const url = /^curl -s '(.*)'$/.exec(command)?.[1];
  if (url !== undefined) return (await fetch(toActual(url))).text();
  const actual = toActual(command).replace(/^cluster-dns /, `${LAUNCHER} `);
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
