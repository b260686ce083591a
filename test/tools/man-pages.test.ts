// The man pages as people read them: without a fault that mandoc finds, and with each flag of the help.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeCommands } from "../../src/cli/cli.ts";
import { formatManPages } from "../../tools/man-pages.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { ROOT } from "../support/process.ts";

const OVERSTRUCK = new RegExp(".\b", "g");
const TEXTS = { version: "1.2.3", description: "A DNS server", exitCodes: "0 success", date: "2026-01-31" };
const commands = await describeCommands();
const pages = formatManPages(commands, TEXTS);

/** What a formatter says: a space between two words, and no overstriking of bold and underlined letters. */
function read(program: string, args: readonly string[], page: string): string {
  const { stdout, stderr, status } = spawnSync(program, args, { input: page, encoding: "utf8" });
  expect({ stderr, status }, stdout).toEqual({ stderr: "", status: 0 });
  return stdout.replaceAll(OVERSTRUCK, "").replaceAll(/\s+/g, " ");
}

test("package.json lists a page for the program and one for each command", () => {
  const { man } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { man: string[] };
  expect(man.toSorted()).toEqual([...pages.keys()].map((name) => `./dist/man/${name}`).toSorted());
});

describe.each([...pages])("%s", (name, page) => {
  skipAll(whyNot("mandoc"));

  test("has no fault that mandoc finds", () => {
    expect(read("mandoc", ["-T", "lint", "-W", "all"], page)).toBe("");
  });

  test("says what the help says", () => {
    const shown = read("mandoc", ["-T", "utf8"], page);
    expect(shown).toContain("cluster-dns 1.2.3 2026-01-31");
    const command = commands.find((each) => name === `cluster-dns-${each.name}.1`);
    const said =
      command === undefined
        ? commands.map((each) => `cluster-dns-${each.name}(1) ${each.summary}`)
        : [...command.about, ...command.examples, ...command.flags.map(({ flag, help }) => `${flag} ${help}`)];
    for (const words of said) expect(shown).toContain(words.replaceAll("…", "..."));
  });
});

test("backslashes, apostrophes and dots at the start of a line are shown as they are", ({ skip }) => {
  const missing = whyNot("mandoc");
  if (missing !== undefined) skip(missing);
  const command = { ...commands[0]!, about: [".hidden 'quoted' \\n", `${"word ".repeat(15)}.zone`], flags: [] };
  const shown = read("mandoc", ["-T", "ascii"], formatManPages([command], TEXTS).get("cluster-dns-serve.1")!);
  expect(shown).toContain(".hidden 'quoted' \\n word word");
  expect(shown).toContain("word .zone");
  expect(shown).not.toContain("OPTIONS");
});
