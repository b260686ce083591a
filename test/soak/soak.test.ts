// A short soak of a real server, and its parts: the folder that changes, and what /proc tells.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../support/process.ts";
import { ChangingFolder } from "./changing-folder.ts";
import { countsOf, residentMegabytes } from "../support/process-counts.ts";
import { soak } from "./soak.ts";
import type { Stretch } from "./verdict.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/soak-test-`);
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a short soak asks, changes, samples and finds nothing wrong", async () => {
  const told: { stretch: Stretch; changes: number; examples: readonly string[] }[] = [];
  const { faults } = await soak({
    ...{ seconds: 3, stretchSeconds: 1, rate: 200, changesPerSecond: 10 },
    // Other tests may have the processors for a while.
    lostMs: 20_000,
    onStretch: (stretch, changes, examples) => told.push({ stretch, changes, examples }),
  });
  expect(told.flatMap(({ examples }) => examples)).toEqual([]);
  expect(faults).toEqual([]);
  expect(told).toHaveLength(3);
  for (const { stretch } of told) {
    expect(stretch.sent).toBeGreaterThan(100);
    for (const value of [stretch.p50Ms, stretch.p99Ms, stretch.yardstickP99Ms]) expect(value).toBeGreaterThan(0);
    expect(stretch.residentMegabytes).toBeGreaterThan(20);
    expect([stretch.descriptors, stretch.watches, stretch.threads].every((count) => count > 0)).toBe(true);
  }
  expect(told.at(-1)!.changes).toBeGreaterThan(20);
});

describe("a changing folder", () => {
  const settings = { slots: 20, forwarded: "NOERROR A 192.0.2.1", settleMs: 1_000 };

  test("begins with three of four files", () => {
    const files = new ChangingFolder({ folder, ...settings });
    expect(readdirSync(folder)).toHaveLength(15);
    const right = Array.from({ length: 20 }, (_, n) => files.question(n).right);
    expect(right[0]).toEqual(["NXDOMAIN"]);
    expect(right[1]).toEqual(["NOERROR A 10.97.1.1"]);
    expect(right[18]).toEqual(["NOERROR A 10.244.18.1"]);
    expect(right[9]).toEqual(["NOERROR A 192.0.2.2"]);
  });

  test("changes each file once in a while, and excuses the answer before it for so long", () => {
    const files = new ChangingFolder({ folder, ...settings });
    const before = Array.from({ length: 20 }, (_, n) => files.question(n).right[0]!);
    let changes = 0;
    while (files.change(0, () => 0)) changes++;
    expect(changes).toBe(20);
    for (let n = 0; n < 20; n++) {
      const { right } = files.question(n);
      expect(right).toEqual([before[n], expect.not.stringMatching(`^${before[n]}$`)]);
    }
    expect(files.change(999, () => 0)).toBe(false);
    // The machine stood still.
    expect(files.change(10_000, () => 0)).toBe(false);
    const after = Array.from({ length: 20 }, (_, n) => files.question(n).right.at(-1));
    expect(files.change(10_500, () => 0)).toBe(true);
    expect(Array.from({ length: 20 }, (_, n) => files.question(n).right).slice(1)).toEqual(
      after.slice(1).map((right) => [right]),
    );
  });

  test("goes on for long, with a name that is right for each file", () => {
    const files = new ChangingFolder({ folder, ...settings });
    for (let now = 0; now < 2_000; now++) files.change(now * 500, Math.random);
    expect(files.changes).toBe(2_000);
    const present = Array.from({ length: 20 }, (_, n) => files.question(n).right.at(-1)!).filter(
      (right) => right !== "NXDOMAIN" && right !== settings.forwarded,
    );
    expect(readdirSync(folder)).toHaveLength(present.length);
  });
});

describe("what a process holds", () => {
  test("counts descriptors, watches and threads", () => {
    const before = countsOf(process.pid);
    const [fd, watching] = [openSync("/dev/null", "r"), watch(folder, () => undefined)];
    const after = countsOf(process.pid);
    closeSync(fd);
    watching.close();
    expect(after.watches).toBe(before.watches + 1);
    expect(after.descriptors).toBeGreaterThan(before.descriptors);
    expect(after.threads).toBeGreaterThan(0);
    expect(residentMegabytes(process.pid)).toBeCloseTo(process.memoryUsage().rss / 1e6, -2);
  });

  test("a process that is gone is told", () => {
    expect(() => countsOf(2 ** 30)).toThrow("ENOENT");
  });
});

test.each([
  ["--minutes", "0"],
  ["--minutes", "x"],
  ["--hours", "1"],
])("npm run soak -- %s %s is refused", async (...args) => {
  const child = spawn(process.execPath, [`${ROOT}test/soak/run.ts`, ...args], { stdio: "ignore" });
  expect(await once(child, "exit")).toEqual([2, null]);
});
