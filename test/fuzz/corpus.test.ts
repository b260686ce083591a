// What was found worth keeping is run again, target by target: each input was once the only one to reach some code.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { corpusFolder, readCorpus, replaceCorpus, writeInput } from "./corpus.ts";
import { loadTarget, targetNames } from "./target.ts";

test.each(targetNames())("%s: all laws hold for its seeds and its corpus", async (name) => {
  const target = await loadTarget(name);
  const corpus = readCorpus(corpusFolder(name));
  expect(corpus.length).toBeGreaterThan(0);
  for (const input of [...target.seeds, ...corpus]) target.run(input);
  expect(corpus.every(({ length }) => length <= target.sizeMax)).toBe(true);
});

test("no corpus is there without its target", () => {
  expect(readdirSync(corpusFolder(".")).toSorted()).toEqual(targetNames());
});

test.each(["message", "text"] as const)("inputs of %s come back as they were", (kind) => {
  const folder = `${mkdtempSync(`${tmpdir()}/corpus-`)}/`;
  try {
    const inputs = ["", "a\n", "\r\n\ttwo  ", `${"x".repeat(200)}`].map((text) => Uint8Array.from(Buffer.from(text)));
    writeInput(folder, kind, Uint8Array.of(1));
    replaceCorpus(folder, kind, inputs);
    const sorted = (all: readonly Uint8Array[]): string[] => all.map((input) => input.join(" ")).toSorted();
    expect(sorted(readCorpus(folder))).toEqual(sorted(inputs));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
