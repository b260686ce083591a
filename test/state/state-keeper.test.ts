import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Problem } from "../../src/objects/problem.ts";
import { readState } from "../../src/state/state-file.ts";
import { StateKeeper } from "../../src/state/state-keeper.ts";

let folder: string;
let told: (readonly Problem[])[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keeper-"));
  told = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const newKeeper = (path: string, serial: () => number): StateKeeper =>
  new StateKeeper(
    path,
    () => ({ clusterIps: new Map(), podIps: new Map(), serial: serial() }),
    (problems) => void told.push(problems),
  );

describe("StateKeeper", () => {
  test("a change is written by itself, and flushing writes at once", async () => {
    const path = join(folder, "state.json");
    let serial = 1;
    const keeper = newKeeper(path, () => serial);
    await keeper.flush();
    expect((await readState(path)).state?.serial).toBe(1);
    serial = 2;
    keeper.changed();
    await expect.poll(async () => (await readState(path)).state?.serial, { timeout: 15_000 }).toBe(2);
  });

  test("many changes are few writes, and the last one counts", async () => {
    const path = join(folder, "state.json");
    let serial = 0;
    const keeper = newKeeper(path, () => serial);
    for (; serial < 1_000; serial++) keeper.changed();
    await Promise.all([keeper.flush(), keeper.flush()]);
    expect((await readState(path)).state?.serial).toBe(1_000);
    expect(told.length).toBeLessThanOrEqual(3);
  });

  test("what can't be written is told, until it can", async () => {
    const path = join(folder, "missing", "state.json");
    const keeper = newKeeper(path, () => 1);
    await keeper.flush();
    expect(told.at(-1)).toMatchObject([{ code: "state-not-written" }]);
    mkdirSync(join(folder, "missing"));
    await expect.poll(() => told.at(-1), { timeout: 15_000 }).toEqual([]);
    expect((await readState(path)).state?.serial).toBe(1);
  });

  test("nothing is written after the end", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const path = join(folder, "missing", "state.json");
    const keeper = newKeeper(path, () => 1);
    await keeper.close();
    keeper.changed();
    expect(told).toMatchObject([[{ code: "state-not-written" }]]);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
