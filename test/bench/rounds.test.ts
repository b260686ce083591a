import { expect, test } from "vitest";
import { alternate, cpuDifferences, medianRatio } from "../../bench/rounds.ts";
import type { Measured } from "../../bench/rounds.ts";

test("every subject has its turn in each round, each begins with another one, and the first does not count", async () => {
  const turns: string[] = [];
  const samples = await alternate(["a", "b", "c"], 2, async (subject) => turns.push(subject));
  expect(turns.join("")).toBe("abc" + "bca" + "cab");
  expect([...samples]).toEqual([
    ["a", [6, 8]],
    ["b", [4, 9]],
    ["c", [5, 7]],
  ]);
});

test("ratios and differences are taken within a round", () => {
  const measured = (cpuUs: number): Measured => ({ cpuUs, completed: 1, lost: 0, queriesPerSecond: 1, rcodes: {} });
  const [ours, others] = [[2, 3, 10].map(measured), [4, 4, 8].map(measured)];
  expect(cpuDifferences(ours, others)).toEqual([-50, -25, 25]);
  expect(medianRatio(ours, others, ({ cpuUs }) => cpuUs)).toBe(0.75);
});
