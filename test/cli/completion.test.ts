// `cluster-dns completion`: its scripts in the shells that they are for, and what it refuses.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { openFish, openTerminal } from "../support/completing-shell.ts";
import type { CompletingShell } from "../support/completing-shell.ts";
import type { ProgramName } from "../support/optional-programs.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { memoryIo } from "./memory-io.ts";

async function scriptFor(shell: string): Promise<string> {
  const io = memoryIo();
  expect(await runCli(["completion", shell], io)).toBe(0);
  expect(io.err()).toBe("");
  return io.out();
}

interface Row {
  readonly title: string;
  readonly programs: readonly ProgramName[];
  /** Opens the shell; the script for `shell` is the file `_cluster-dns` of `folder`. */
  readonly shell: string;
  open(folder: string): Promise<CompletingShell> | CompletingShell;
}

const SHELLS: readonly Row[] = [
  {
    title: "bash",
    programs: ["bash", "script"],
    shell: "bash",
    open: (folder) => openTerminal("bash --norc --noprofile -i", folder, ". ./_cluster-dns"),
  },
  {
    title: "zsh, evaluated",
    programs: ["zsh", "script"],
    shell: "zsh",
    open: (folder) => openTerminal("zsh -f -i", folder, "autoload -Uz compinit; compinit -D -u\n. ./_cluster-dns"),
  },
  {
    title: "zsh, in a folder of fpath",
    programs: ["zsh", "script"],
    shell: "zsh",
    open: (folder) => openTerminal("zsh -f -i", folder, "fpath=($PWD $fpath)\nautoload -Uz compinit; compinit -D -u"),
  },
  { title: "fish", programs: ["fish"], shell: "fish", open: (folder) => openFish(folder, "_cluster-dns") },
];

describe.each(SHELLS)("$title", ({ programs, shell, open }) => {
  skipAll(whyNot(...programs));
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-completion-"));
  let opened: CompletingShell | undefined;

  beforeAll(async () => {
    if (whyNot(...programs) !== undefined) return;
    writeFileSync(join(folder, "_cluster-dns"), await scriptFor(shell));
    for (const file of ["server.crt", "manifests.yaml"]) writeFileSync(join(folder, file), "");
    mkdirSync(join(folder, "server-files"));
    opened = await open(folder);
  });
  afterAll(() => {
    opened?.close();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["a command", "cluster-dns reso", "resolv-conf"],
    ["a flag", "cluster-dns serve --upstream-pol", "--upstream-policy"],
    ["a flag after other words", "cluster-dns serve zones --ttl 5 --endpoint", "--endpoint-pod-names"],
    ["no flag of another command", "cluster-dns serve --stric", "--stric"],
    ["a choice", "cluster-dns serve --pods ver", "verified"],
    ["a choice after an equals sign", "cluster-dns serve --pods=ver", "--pods=verified"],
    ["a choice of a command's own flag", "cluster-dns check --format gith", "github"],
    ["no choice of another flag", "cluster-dns serve --nsid ver", "ver"],
    ["no code in place of a path", "cluster-dns check --strict zone-so", "zone-so"],
    ["a code", "cluster-dns check --ignore zone-so", "zone-soa"],
    ["a file", "cluster-dns serve --tls-cert server.", "server.crt"],
    ["a folder, where no file can be", "cluster-dns resolv-conf --write serv", "server-files"],
    ["a path to serve", "cluster-dns serve --ttl=5 mani", "manifests.yaml"],
    ["no file where none can be", "cluster-dns query mani", "mani"],
    ["a record type", "cluster-dns query web SR", "SRV"],
    ["a command to be helped with", "cluster-dns help che", "check"],
    ["a shell", "cluster-dns completion z", "zsh"],
  ])("%s: %s", async (_, line, word) => {
    expect((await opened!.complete(line)).replace(/[=/]$/, "")).toBe(word);
  });
});

test.each([
  [[], "no shell given: one of bash, zsh, fish"],
  [["bahs"], '"bahs" is not one of bash, zsh, fish; did you mean bash?'],
  [["bash", "zsh"], 'unexpected argument "zsh"'],
  [["--shell", "zsh"], "unknown flag --shell"],
])("%j is refused: %s", async (args, message) => {
  const io = memoryIo();
  expect(await runCli(["completion", ...args], io)).toBe(2);
  expect(io.err()).toContain(`cluster-dns completion: ${message}`);
  expect(io.out()).toBe("");
});
