// docs/dump.md: its files are written, and its commands are run as they stand, in their order.
// They print what the page says.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./support/process.ts";
import { Workspace } from "./support/workspace.ts";

interface Step {
  readonly command: string;
  readonly output: string;
}

/** The blocks of a page: files, which begin with their name in a comment, and commands. */
function readPage(name: string): { files: readonly (readonly [string, string])[]; steps: readonly Step[] } {
  const page = readFileSync(`${ROOT}docs/${name}`, "utf8");
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language,
    text: text!,
  }));
  const files = blocks.flatMap(({ language, text }) => {
    const path = language === "yaml" ? /^# (\S+\.yaml)\n/.exec(text)?.[1] : undefined;
    return path === undefined ? [] : [[path, text] as const];
  });
  const steps = blocks
    .filter(({ language }) => language === "console")
    .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
    .map((part) => ({ command: part.slice(0, part.indexOf("\n")), output: part.slice(part.indexOf("\n") + 1) }));
  return { files, steps };
}

describe.each([["dump.md", 6]])("docs/%s", (name, count) => {
  const { files, steps } = readPage(name);
  const workspace = new Workspace();
  beforeAll(() => {
    for (const [path, text] of files) workspace.write(path, text);
  });
  afterAll(() => workspace.remove());

  test("has files and commands", () => {
    expect(files.length).toBeGreaterThan(0);
    expect(steps).toHaveLength(count);
  });

  test.each(steps)("$command", ({ command, output }) => {
    // A command may fail, such as one that finds differences.
    const { stdout, stderr } = workspace.bash(`${command} || true`);
    expect({ stdout, stderr }).toEqual({ stdout: output, stderr: "" });
  });
});
