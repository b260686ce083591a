// docs/admin.md: its server is started as the page says, and each command has the output that the page shows.
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "./support/process.ts";
import { startServed } from "./support/served.ts";
import type { Served } from "./support/served.ts";

const page = readFileSync(`${ROOT}docs/admin.md`, "utf8");
const [, serve] = /^```sh\ncluster-dns serve (.*)\n```$/m.exec(page)!;
const PORTS = /\b(?:5300|9153)\b/g;

/** Each command of a console block, and the lines after it. */
const steps = [...page.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block]) =>
  [...block!.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command, output]) => [command!, output!] as const),
);

let served: Served;
/** The ports of this server in place of those of the page. */
let toActual: (shown: string) => string;
beforeAll(async () => {
  const args = serve!.replace(PORTS, "0").replace("zones", `${ROOT}zones`).replace("--listen 127.0.0.1:0", "");
  served = startServed([...args.split(/ +/), "--listen", "127.0.0.1:0", "--udp-workers", "1", "--upstream", "none"]);
  const address = await served.address;
  const [admin] = served.log.find(({ msg }) => msg === "serving")!["admin"] as [string];
  const ports: Readonly<Record<string, string>> = { 5300: address.split(":")[1]!, 9153: new URL(admin).port };
  toActual = (shown) => shown.replace(PORTS, (port) => ports[port]!);
});
afterAll(() => served.child.kill("SIGKILL"));

/** What the command prints. */
async function run(command: string): Promise<string> {
  if (command.startsWith("kill -TERM ")) {
    served.child.kill("SIGTERM");
    await expect.poll(() => served.log.some(({ msg }) => String(msg).startsWith("stopping"))).toBe(true);
    return "";
  }
  const [, host, url] = /^curl (?:-H 'Host: (\S+)' )?(http:\/\/\S+)$/.exec(command) ?? [];
  if (url === undefined) throw new Error(`the test does not know ${command}`);
  return new Promise((resolve, reject) => {
    get(toActual(url), { headers: host === undefined ? {} : { host } }, (response) => resolve(text(response))).on(
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
  expect(comparable(await run(command))).toBe(comparable(toActual(output)));
});
