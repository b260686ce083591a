import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { ROOT } from "../support/process.ts";

/** Runs a program that makes garbage of so many megabytes, then collects; what it prints of its heap, megabytes. */
function run(megabytes: number): { collected: boolean; before: number; after: number } {
  const program = `
    import { collectGarbageOfLoad } from "./src/process/collect-garbage.ts";
    const total = () => Math.round(process.memoryUsage().heapTotal / 2 ** 20);
    let held = Array.from({ length: ${megabytes} * 1024 }, () => Array.from({ length: 120 }, (_, i) => i + 0.5));
    const before = total();
    held = undefined;
    const collected = collectGarbageOfLoad();
    console.log(JSON.stringify({ collected, before, after: total() }));`;
  const text = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: ROOT, encoding: "utf8" });
  return JSON.parse(text) as ReturnType<typeof run>;
}

describe("collectGarbageOfLoad", () => {
  test("frees what a large load took", () => {
    const { collected, before, after } = run(150);
    expect(collected).toBe(true);
    expect(before).toBeGreaterThan(120);
    expect(after).toBeLessThan(40);
  });

  test("leaves a small heap alone", () => {
    expect(run(1).collected).toBe(false);
  });
});
