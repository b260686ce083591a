// Runs the examples in the pages of the two commands: blocks that begin with `# NAME` are files, `$` lines commands.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { run as env } from "../../src/cli/env.ts";
import { run as resolvConf } from "../../src/cli/resolv-conf.ts";
import { capture } from "../cli/captured-io.ts";

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-pages-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Page {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly examples: readonly { readonly command: string; readonly output: string }[];
}

function readPage(name: string): Page {
  const text = readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), "utf8");
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, body]) => ({ kind, body: body ?? "" }));
  return {
    files: blocks.flatMap(({ kind, body }) => {
      const file = /^# (\S+)\n/.exec(body);
      return kind === "console" || file === null ? [] : [{ name: file[1]!, text: body }];
    }),
    examples: blocks
      .filter(({ kind }) => kind === "console")
      .map(({ body }) => /^\$ bin\/cluster-dns (.*)\n([^]*)$/.exec(body))
      .map((match) => ({ command: match?.[1] ?? "", output: match?.[2] ?? "" })),
  };
}

describe.each(["resolv-conf", "env"])("docs/%s.md", (name) => {
  const { files, examples } = readPage(name);
  for (const file of files) writeFileSync(join(folder, `${name}-${file.name}`), file.text);

  it("has files and examples", () => {
    expect(files.length).toBeGreaterThan(0);
    expect(examples.length).toBeGreaterThan(1);
  });

  it.each(examples)("$command", async ({ command, output }) => {
    const [called, ...words] = command.split(" ");
    const args = words.map((word) =>
      files.some((file) => file.name === word) ? join(folder, `${name}-${word}`) : word,
    );
    expect(called).toBe(name);
    const outcome = await capture((io) => (name === "env" ? env : resolvConf)(args, io));
    expect(outcome.stderr + outcome.stdout).toBe(output);
  });
});
