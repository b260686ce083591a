// The fault list finds what is wrong: a sound server passes, and a planted one fails by what it does badly. And a handful
// of quick faults that this project's server is held to in every run of the tests.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { delay } from "../../bench/processes.ts";
import { FAULTS } from "./catalog.ts";
import type { Fault, Row } from "./fault.ts";
import { FaultRunner } from "./runner.ts";
import { Trial } from "./trial.ts";

const PLANTED = fileURLToPath(new URL("planted/faulty-server.ts", import.meta.url));
const NOTHING: Fault = { id: "Z01", title: "nothing happens", run: (trial) => runNothing(trial, "") };

async function runNothing(trial: Trial, flaw: string): Promise<void> {
  await trial.start({ wrap: ["env", `FLAW=${flaw}`, process.execPath, PLANTED] });
  await trial.load(() => delay(600), { lostMs: 300, baselineMs: 100, afterMs: 100 });
}

async function rowWith(flaw: string): Promise<Row> {
  const trial = new Trial(NOTHING, "ours", mkdtempSync(`${tmpdir()}/cluster-dns-faults-`), false);
  try {
    await runNothing(trial, flaw);
    return trial.row();
  } finally {
    await trial.close();
  }
}

describe.concurrent("a planted server", () => {
  test("passes where nothing is wrong", async () => {
    const row = await rowWith("");
    expect(row).toMatchObject({ pass: true, W: 0, L: 0, S: 0 });
    expect(row.sent).toBeGreaterThan(100);
  });

  test.each<[flaw: string, figure: "W" | "L", found: RegExp]>([
    ["wrong", "W", /wrong, at most 0: .*(192\.0\.2\.99|NOERROR); right/],
    ["SERVFAIL", "W", /failed for the cluster's names.*SERVFAIL/],
    ["silence", "L", /lost, at most 0: .*no reply/],
    ["exit", "L", /the server ended with exit code 3/],
  ])("%s fails", async (flaw, figure, found) => {
    const row = await rowWith(flaw);
    expect(row.pass).toBe(false);
    expect(row[figure]).toBeGreaterThan(0);
    expect(row.faults?.join("\n")).toMatch(found);
  });
});

test("what ends a fault early is told in its row", async () => {
  const runner = new FaultRunner({ isLong: false, isInside: false });
  const broken: Fault = { ...NOTHING, run: () => Promise.reject(new Error("no such thing")) };
  expect(await runner.run(broken, "ours")).toMatchObject({ id: "Z01", pass: false, faults: ["no such thing"] });
  const impossible: Fault = { ...NOTHING, whyNot: () => "no machine does this" };
  expect(await runner.run(impossible, "ours")).toMatchObject({ id: "Z01", note: "no machine does this" });
});

/** Whose result does not hang on how busy the machine is. */
const QUICK = ["X04", "X12", "X37", "Y05"];

describe("this project's server holds", () => {
  test.for(QUICK)("%s", async (id, { skip }) => {
    const fault = FAULTS.find((each) => each.id === id)!;
    const row = await new FaultRunner({ isLong: false, isInside: false }).run(fault, "ours");
    if (row.pass === undefined) skip(row.note);
    // Times are for a machine that does nothing else.
    const faults = row.faults?.filter((text) => !text.startsWith("it took")) ?? [];
    expect(faults, fault.title).toEqual([]);
  });
});
