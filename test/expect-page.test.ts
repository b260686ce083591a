// docs/expect.md: its commands are run in their order beside its files, and print what the page shows.
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { run } from "../src/cli/expect.ts";
import { EXPECTED_KEYS } from "../src/expect/expectation.ts";
import { capture } from "./cli/captured-io.ts";
import { ROOT } from "./support/process.ts";
import { Workspace } from "./support/workspace.ts";

const page = readFileSync(`${ROOT}docs/expect.md`, "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text: text! }));
const fileOf = (name: string): string => blocks.find(({ text }) => text.startsWith(`# ${name}\n`))!.text;
const steps = blocks
  .filter(({ language }) => language === "console")
  .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
  .map((step): [command: string, output: string] => [step.split("\n", 1)[0]!, step.slice(step.indexOf("\n") + 1)]);

const workspace = new Workspace();
afterAll(() => workspace.remove());
for (const name of ["shop.yaml", "dns.yaml"]) workspace.write(name, fileOf(name));

test("has steps", () => {
  expect(steps.length).toBeGreaterThanOrEqual(4);
});

test.each(steps)("%s", (command, output) => {
  const { stdout, stderr } = workspace.bash(`${command} || true`);
  expect({ stdout, stderr }).toEqual({ stdout: output, stderr: "" });
});

test("has a row for each key", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]* \|$/gm)].map(([, key]) => key!);
  expect(rows).toEqual(expect.arrayContaining(["name", "type", "from", ...EXPECTED_KEYS]));
});

test("the example holds for the shop", async () => {
  const paths = [`${ROOT}examples/dns.yaml`, `${ROOT}examples/shop`];
  expect(await capture((io) => run(paths, io))).toMatchObject({ exitCode: 0, stderr: "" });
});
