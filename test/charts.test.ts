// What well-known charts make, in small and in own words: `check` must find nothing to warn of, as a check with false
// alarms gets turned off.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { optionsFromSettings } from "../src/config/settings.ts";
import { checkCluster } from "../src/planes/check-cluster.ts";
import type { ProblemReport } from "../src/planes/check-cluster.ts";

const folder = fileURLToPath(new URL("charts/", import.meta.url));
const charts = readdirSync(folder);

function check(path: string): Promise<ProblemReport> {
  return checkCluster([path], optionsFromSettings({}), () => {
    throw new Error("nothing is read from standard input");
  });
}

/** Errors and warnings in one line each; hints are no alarms. */
const alarms = ({ problems }: ProblemReport): string[] =>
  problems
    .filter(({ severity }) => severity !== "hint")
    .map(({ code, object, message }) => `${code} ${object}: ${message}`);

test.each(charts)("%s", async (chart) => {
  const report = await check(folder + chart);
  expect(alarms(report)).toEqual([]);
  expect(report.objects).toBeGreaterThanOrEqual(5);
});

test("all together", async () => {
  expect(charts.length).toBeGreaterThanOrEqual(10);
  expect(alarms(await check(folder))).toEqual([]);
});
