// Compares the table of codes, the codes of problems in src/, and docs/errors.md, and runs the examples of the page.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { parseAst } from "vitest/node";
import { run as check } from "../../src/cli/check.ts";
import type { CodeRow } from "../../src/diagnostics/code-row.ts";
import { codeRow, CODES } from "../../src/diagnostics/codes.ts";
import { capture } from "../cli/captured-io.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TABLE: readonly (readonly [string, CodeRow])[] = Object.entries(CODES);
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;

interface AstNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

function* walk(value: unknown): Generator<AstNode> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item);
  else if (typeof value === "object" && value !== null) {
    if ("type" in value && typeof value.type === "string") yield value as AstNode;
    for (const child of Object.values(value)) yield* walk(child);
  }
}

function literals(nodes: unknown): string[] {
  const found = (nodes as readonly AstNode[]).filter((node) => node.type === "Literal").map((node) => node["value"]);
  const texts = found.filter((value) => typeof value === "string");
  return texts.filter((text) => KEBAB.test(text) && !["error", "warning", "hint"].includes(text));
}

function nameOf(node: unknown): string {
  const { type, name, property } = node as AstNode;
  return type === "MemberExpression" ? nameOf(property) : typeof name === "string" ? name : "";
}

/** The codes in properties and types called `code`, and in arguments of functions that make problems. */
function codesOf(text: string): string[] {
  return [...walk(parseAst(text, { lang: "ts" }))].flatMap((node) => {
    if (node.type === "Property" && nameOf(node["key"]) === "code") return literals([node["value"]]);
    if (node.type === "TSPropertySignature" && nameOf(node["key"]) === "code")
      return literals([...walk(node["typeAnnotation"])]);
    const isMaker =
      node.type === "CallExpression" &&
      /^(add|warn|hint|refuse|report|found|finding|(file)?problem(of)?)$/i.test(nameOf(node["callee"]));
    return isMaker ? literals((node["arguments"] as AstNode[]).slice(0, 2)) : [];
  });
}

const sources = readdirSync(`${ROOT}src`, { recursive: true, encoding: "utf8" })
  // What the doctor finds has a table of its own; what is wrong with a file of expectations is told where it is read.
  .filter((path) => path.endsWith(".ts") && !/^(diagnostics\/code|doctor\/|expect\/)/.test(path))
  .map((path) => ({ path, text: readFileSync(`${ROOT}src/${path}`, "utf8") }));

/** The codes of reasons are in a catalogue of their own. */
const REASONS = new Set(codesOf(sources.find(({ path }) => path === join("reasons", "reason.ts"))!.text));

describe("the table of codes", () => {
  test("has every code of src/", () => {
    const given = sources.flatMap(({ text }) => codesOf(text)).filter((code) => !REASONS.has(code));
    expect(new Set(given).size).toBeGreaterThan(40);
    expect([...new Set(given)].filter((code) => codeRow(code) === undefined)).toEqual([]);
  });

  test("has no code that src/ does not use", () => {
    expect(
      TABLE.map(([code]) => code).filter((code) => !sources.some(({ text }) => text.includes(`"${code}"`))),
    ).toEqual([]);
  });

  test("all forms of codes are found in src/", () => {
    const text = `const a = { code: "a-a", severity: x }; field.warn("b-b", "It is."); fileProblem(path, "c-c", "It is.");
      this.#refuse("d", "It is."); type F = { readonly code: "e-e" | "f-f" }; other("g-g");`;
    expect(codesOf(text)).toEqual(["a-a", "b-b", "c-c", "d", "e-e", "f-f"]);
  });

  test.each(TABLE)("%s", (code, { summary, source = "https://", reportedBy }) => {
    expect(code).toMatch(KEBAB);
    expect(summary).toMatch(/^[A-Z].*[^.]$/);
    expect(source).toMatch(/^https:\/\//);
    expect(reportedBy.length).toBeGreaterThan(0);
  });

  test("names of properties of Object.prototype are not codes", () => {
    expect(codeRow("constructor")).toBeUndefined();
  });
});

interface Section {
  readonly code: string;
  readonly text: string;
  readonly examples: readonly Example[];
}

/** A file or shell commands, and the output. */
interface Example {
  readonly file?: { readonly name: string; readonly text: string };
  readonly commands?: readonly string[];
  readonly output: string;
}

/** The file name for a block of a language. */
const FILE_NAMES: Readonly<Record<string, string>> = { yaml: "shop.yaml", zone: "example.org.zone", hosts: "hosts" };

const page = readFileSync(`${ROOT}docs/errors.md`, "utf8");
const sections = page
  .split(/^### /m)
  .slice(1)
  .map((text): Section => {
    const code = /^`(.*)`/.exec(text)?.[1] ?? "";
    return { code, text: text.replace(/^## [^]*/m, ""), examples: [...readExamples(text)] };
  });

function* readExamples(text: string): Generator<Example> {
  let file: Example["file"];
  for (const [, kind, body = ""] of text.matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
    const name = FILE_NAMES[kind!];
    if (name !== undefined) {
      file = { name, text: body };
      continue;
    }
    const lines = body.split("\n");
    const output = lines.filter((line) => !line.startsWith("$ ")).join("\n");
    const commands = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
    yield { output, ...(file && { file }), ...(kind === "console" && { commands }) };
    file = undefined;
  }
}

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-errors-"));
afterAll(() => rmSync(folder, { recursive: true }));

let folders = 0;

/** The output of the example, without the summary. */
async function outputOf({ file, commands = [] }: Example): Promise<string> {
  const place = join(folder, String(folders++));
  mkdirSync(place);
  if (file !== undefined) writeFileSync(join(place, file.name), file.text);
  let output = "";
  if (commands.length === 0) {
    const outcome = await capture((io) => check([join(place, file!.name)], io));
    output = outcome.stdout.replaceAll(`${place}/`, "");
  }
  for (const command of commands) {
    const line = command.replaceAll("cluster-dns ", `"${ROOT}bin/cluster-dns" `);
    // A check that finds errors exits with 1, and one that finds nothing to check with 2.
    output += execFileSync("sh", ["-c", `${line} || test $? -le 2`], {
      cwd: place,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  }
  return output.replace(/^(simulated \d+ pod|checked \d+ file).*\n/gm, "");
}

describe("docs/errors.md", () => {
  test("explains every code", () => {
    const sorted = (codes: readonly string[]): string[] => [...codes].sort();
    expect(sorted(sections.map(({ code }) => code))).toEqual(sorted(Object.keys(CODES)));
  });

  test.each(sections)("$code: the section matches the table", ({ code, text, examples }) => {
    const { severity, summary, source, reportedBy } = codeRow(code)!;
    expect(text).toContain(`\n${severity[0]!.toUpperCase()}${severity.slice(1)}. ${summary}.`);
    if (source !== undefined) expect(text).toContain(`](${source})`);
    expect(examples.length > 0, "has an example").toBe(reportedBy.includes("check"));
    if (!reportedBy.includes("check")) for (const command of reportedBy) expect(text).toContain(`\`${command}\``);
  });

  const all = sections.flatMap(({ code, examples }) => examples.map((example) => ({ code, ...example })));
  test.each(all)("$code: the example has the output of the page", async ({ code, ...example }) => {
    const lines = example.output.split("\n").filter((line) => /^\S/.test(line));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines)
      expect(line).toMatch(new RegExp(`^\\S+:\\d+:\\d+: (error|warning|hint): .* \\[${code}\\]$`));
    const worst = ["error", "warning", "hint"].find((severity) =>
      lines.some((line) => line.includes(`: ${severity}: `)),
    );
    expect(worst).toBe(codeRow(code)?.severity);
    expect(await outputOf(example)).toBe(example.output);
  });
});
