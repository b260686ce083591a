// docs/query-log.md: its examples run, and its tables have what the code has.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { CAUSE } from "../../src/answer/answer-note.ts";
import type { NameKind } from "../../src/compile/name-kind.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { freePort, ROOT } from "../support/process.ts";

const page = readFileSync(`${ROOT}docs/query-log.md`, "utf8");
const blocksOf = (kind: string): string[] =>
  [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, own, body]) => (own === kind ? [body!] : []));

const [denials = "", coreDns = ""] = blocksOf("sh").filter((block) => block.includes("--query-log"));
const digs = blocksOf("console").join("").trim().split("\n");
const EXAMPLES = [
  ["JSON", denials, blocksOf("json").join("")],
  ["CoreDNS's format", coreDns, blocksOf("text").join("")],
] as const;

/** A line without what differs from run to run. */
const lasting = (line: string): string =>
  line
    .replace(/"time":"[^"]*"/, '"time":T')
    .replace(/"(port|id|durationMs)":[\d.]+/g, '"$1":N')
    .replace(/:\d+ - \d+ "/, ":PORT - ID ")
    .replace(/ [\d.e-]+s$/, " Ns");

describe("the examples", () => {
  skipAll(whyNot("dig"));

  test.each(EXAMPLES)("%s", async (_, command, output) => {
    const port = await freePort();
    const words = command.trim().replaceAll("5300", String(port)).split(/\s+/);
    const child = spawn(`${ROOT}${words[0]}`, words.slice(1), { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    const expected = output.trim().split("\n");
    const lines = (): string[] => out.split("\n").filter((line) => /"msg":"query"|^\[INFO\]/.test(line));
    try {
      await vi.waitFor(() => expect(out).toContain('"msg":"serving"'), { timeout: 30_000 });
      for (const dig of digs) {
        const args = dig
          .replace(/^\$ dig /, "")
          .replaceAll("5300", String(port))
          .split(" ");
        await promisify(execFile)("dig", ["-r", "+tries=1", ...args]);
      }
      await vi.waitFor(() => expect(lines().length).toBeGreaterThanOrEqual(expected.length), { timeout: 10_000 });
    } finally {
      child.kill();
      await once(child, "close");
    }
    expect(lines().map(lasting)).toEqual(expected.map(lasting));
  });
});

/** The first column of the table below a heading. */
const rowsOf = (heading: string): string[] => {
  const section = page.slice(page.indexOf(`## ${heading}`)).split("\n## ")[0]!;
  return [...section.matchAll(/^\| `([^|]+)` \|/gm)].flatMap((match) => match[1]!.split("`, `"));
};

test("the table of causes has every cause", () => {
  const kinds: Record<NameKind, true> = {
    service: true,
    headless: true,
    "external-name": true,
    endpoint: true,
    pod: true,
    pointer: true,
    zone: true,
    "zone-file": true,
    hosts: true,
    special: true,
  };
  const noted = Object.keys(CAUSE).map((cause) => cause.toLowerCase().replaceAll("_", "-"));
  const words = [...Object.keys(kinds), "no-name", "no-type", ...noted.filter((cause) => cause !== "local")];
  expect(rowsOf("Causes").toSorted()).toEqual(words.toSorted());
});

test("the table of fields has every field", () => {
  const source = readFileSync(`${ROOT}src/query-log/format-query.ts`, "utf8");
  const json = source.slice(source.indexOf("function formatJson"), source.indexOf("export const formatText"));
  const written = [...json.matchAll(/"(\w+)":/g)].map((match) => match[1]!);
  const rest = ["level", "msg"];
  expect([...rowsOf("Fields"), ...rest].toSorted()).toEqual(written.toSorted());
});
