// Runs the examples of docs/zones.md: files are the blocks whose first line is a comment with their path, commands the
// `$` lines.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run as check } from "../../../src/cli/check.ts";
import { FILE_BYTES_MAX } from "../../../src/files/file-status.ts";
import { MAX_PROBLEMS } from "../../../src/zonefile/zone-problems.ts";
import { capture } from "../../cli/captured-io.ts";

const page = readFileSync(new URL("../../../docs/zones.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, body]) => ({ kind, body: body ?? "" }));

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-zones-"));
afterAll(() => rmSync(folder, { recursive: true }));

for (const { kind, body } of blocks) {
  if (kind === "console") continue;
  const path = join(folder, /^[;#] (\S+)\n/.exec(body)![1]!);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, body);
}

const examples = blocks
  .filter(({ kind }) => kind === "console")
  .map(({ body }) => /^\$ cluster-dns check (\S+)\n([^]*)$/.exec(body)!)
  .map(([, path, output]) => ({ path: path!, output }));

test("there are examples", () => expect(examples.length).toBeGreaterThan(1));

test.each(examples)("check $path", async ({ path, output }) => {
  const outcome = await capture((io) => check([join(folder, path)], io));
  expect((outcome.stderr + outcome.stdout).replaceAll(`${folder}/`, "")).toBe(output);
});

test("the limits are those of the program", () => {
  expect(page).toContain(`| a file | ${FILE_BYTES_MAX / 1024 / 1024} MiB |`);
  expect(page).toContain(`| reported problems of a file | ${MAX_PROBLEMS} |`);
});
