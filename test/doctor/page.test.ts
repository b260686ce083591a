// docs/doctor.md: its commands print what it says, times aside, and its table has the codes of the program.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/doctor.ts";
import { DOCTOR_CODES } from "../../src/doctor/codes.ts";
import { memoryIo } from "../cli/memory-io.ts";
import { ROOT } from "../support/process.ts";
import { startPageServers } from "./page-servers.ts";
import type { PageServers } from "./page-servers.ts";

const page = readFileSync(`${ROOT}docs/doctor.md`, "utf8");
const examples = [...page.matchAll(/^```console\n\$ bin\/cluster-dns doctor (.*)\n([^]*?)^```$/gm)].map(
  ([, args = "", output = ""]) => ({ args, output }),
);
const podConf = /^```text\n# (pod\.conf)\n([^]*?)^```$/m.exec(page)!;
const folder = mkdtempSync(join(tmpdir(), "cluster-dns-doctor-page-"));
writeFileSync(join(folder, podConf[1]!), podConf[2]!);

let servers: PageServers;
beforeAll(async () => {
  servers = await startPageServers();
});
afterAll(async () => {
  await servers.close();
  rmSync(folder, { recursive: true });
});

/** Times, the random name and the width of columns differ from run to run. */
function comparable(output: string): string {
  return output
    .replaceAll(/\b\d+(\.\d+)? ms/g, "N ms")
    .replaceAll(/\bdoctor-[0-9a-f]{10}\b/g, "doctor-RANDOM")
    .replaceAll(/ {2,}/g, "  ");
}

describe("the examples of docs/doctor.md", () => {
  test("are several", () => {
    expect(examples.length).toBeGreaterThanOrEqual(6);
  });

  test.each(examples)("$args", async ({ args, output }) => {
    const words = args.split(" ").map((word) => servers.addresses.get(word) ?? word.replace("pod.conf", podFile()));
    const io = memoryIo();
    const code = await run(words, io, { totalMs: 60_000, slowMs: 10_000 });
    let printed = io.out().replaceAll(podFile(), "pod.conf");
    for (const [shown, real] of servers.addresses) printed = printed.replaceAll(real, shown);
    expect(io.err()).toBe("");
    expect(comparable(printed)).toBe(comparable(output));
    expect(code).toBe(output.startsWith("healthy") ? 0 : 1);
  });
});

function podFile(): string {
  return join(folder, "pod.conf");
}

test("the table of docs/doctor.md has the codes, their severity, meaning and advice", () => {
  const rows = Object.entries(DOCTOR_CODES).map(
    ([code, { severity, summary, advice }]) => `| \`${code}\` | ${severity} | ${summary} | ${advice} |`,
  );
  const head = ["| code | severity | what it means | what to do |", "| --- | --- | --- | --- |"];
  expect(/<!-- codes.*?-->\n\n([^]*?)\n\n<!-- end of codes -->/.exec(page)?.[1]).toBe([...head, ...rows].join("\n"));
});
