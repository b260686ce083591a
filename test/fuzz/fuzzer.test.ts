// The fuzzer itself, as it runs: threads, V8's coverage, and targets with known faults.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { linesNotReached, shareReached } from "./coverage.ts";
import { fuzz } from "./fuzz-thread.ts";
import type { FuzzReport, FuzzSettings } from "./fuzz-thread.ts";
import { shrink } from "./fuzzer.ts";

const PLANTED = new URL("./planted/", import.meta.url).href;

function fuzzPlanted(name: string, settings: Partial<FuzzSettings>): Promise<FuzzReport> {
  const targetUrl = `${PLANTED}${name}.ts`;
  const plain = { targetUrl, watched: PLANTED, corpus: [], ms: 15_000, hangMs: 10_000, seed: 1, untilFault: true };
  return fuzz({ ...plain, ...settings }, () => undefined);
}

describe("a search", () => {
  test("finds what only coverage leads to, and makes it short", async () => {
    const { faults, reached } = await fuzzPlanted("four-letters", {});
    expect(faults.map(({ input, message }) => [Buffer.from(input).toString(), message])).toEqual([
      ["DNS!", expect.stringMatching(/^planted in \d+ bytes$/)],
    ]);
    expect(faults[0]!.stack).toContain("four-letters.ts");
    const [[url, marks] = ["", new Uint8Array(0)]] = reached;
    expect(linesNotReached(readFileSync(new URL(url), "utf8"), marks)).toEqual([]);
    expect(shareReached(marks)).toBeGreaterThan(0.95);
  });

  test("does not find it where coverage is not looked at", async () => {
    const { faults, runs } = await fuzzPlanted("four-letters", { watched: "file:///nowhere/", ms: 1_000 });
    expect(faults).toEqual([]);
    expect(runs).toBeGreaterThan(1_000);
  });

  test("keeps the inputs that lead on, and few of them", async () => {
    const corpus = ["DNS.", "DNS,", "DN.", "DNS-", "DN-"].map((text) => Buffer.from(text));
    const kept = (await fuzzPlanted("four-letters", { corpus, ms: 1 })).corpus.map((input) =>
      String.fromCharCode(...input),
    );
    expect(kept.filter((text) => text.startsWith("DNS"))).toHaveLength(1);
    expect(kept.filter((text) => /^DN[^S]/.test(text))).toHaveLength(1);
  });

  test("an input that takes for ever is a fault, and ends the run", async () => {
    const { faults } = await fuzzPlanted("endless", { hangMs: 500 });
    expect(faults.map(({ input, message }) => [input[0], message])).toEqual([[7, "it took more than 0.5 s"]]);
  });

  test("a target that does not load is told", async () => {
    await expect(fuzzPlanted("nowhere", {})).rejects.toThrow("nowhere.ts");
  });
});

test("an input is shortened as long as it still fails", () => {
  const input = Buffer.from("..a......b....c.");
  const has = (bytes: Uint8Array): boolean => /a.*b.*c/.test(Buffer.from(bytes).toString());
  expect(Buffer.from(shrink(input, has)).toString()).toBe("abc");
});

test("lines that did not run are those with code in functions that are known", () => {
  const source = "const a = 1;\nfunction f() {\n  // a word\n  g();\n}\nh();\n";
  const marks = new Uint8Array(source.length);
  marks.fill(3, 13, 27).fill(1, 27, source.indexOf("h();") - 1);
  expect(linesNotReached(source, marks)).toEqual([4]);
});
