import { describe, expect, test } from "vitest";
import { judge, slopeOf } from "./verdict.ts";
import type { Stretch } from "./verdict.ts";

const GOOD: Stretch = {
  hours: 0,
  sent: 60_000,
  wrong: 0,
  lost: 0,
  p50Ms: 0.2,
  p99Ms: 5,
  yardstickP99Ms: 4,
  residentMegabytes: 200,
  descriptors: 35,
  watches: 2,
  threads: 13,
};

/** Values without a trend, of a mean of 0 and a spread of about 1. */
function noise(n: number): number {
  return Math.sin(n * n * 1.7) * 1.4;
}

/** Half an hour of stretches of a minute. */
function run(change: (n: number) => Partial<Stretch>, minutes = 30): readonly Stretch[] {
  return Array.from({ length: minutes }, (_, i) => ({ ...GOOD, hours: (i + 1) / 60, ...change(i) }));
}

describe("a run", () => {
  test.each<[what: string, change: (n: number) => Partial<Stretch>]>([
    ["in which nothing changes", () => ({})],
    ["whose memory goes up and down by megabytes", (n) => ({ residentMegabytes: 200 + 5 * noise(n) })],
    ["whose memory grows while it warms up", (n) => ({ residentMegabytes: Math.min(150 + n * 10, 200) })],
    ["whose memory shrinks", (n) => ({ residentMegabytes: 200 - n })],
    ["that leaks a quarter of a megabyte an hour", (n) => ({ residentMegabytes: 200 + n / 240 })],
    ["whose p99 is noisy", (n) => ({ p99Ms: 5 * Math.exp(noise(n) / 2) })],
    ["on a machine that becomes slower", (n) => ({ p99Ms: 5 + n, yardstickP99Ms: 4 + n * 0.8 })],
    ["that becomes quicker", (n) => ({ p99Ms: 5 - n / 10 })],
    ["whose descriptors come and go", (n) => ({ descriptors: 35 + (n % 4) })],
    ["of which some questions are lost", (n) => ({ lost: n % 3 })],
  ])("%s passes", (_what, change) => {
    expect(judge(run(change)).faults).toEqual([]);
  });

  test.each<[what: string, change: (n: number) => Partial<Stretch>, fault: string]>([
    ["that leaks a megabyte an hour", (n) => ({ residentMegabytes: 200 + n / 60 }), "resident memory grows by 1.00"],
    [
      "that leaks behind noise",
      (n) => ({ residentMegabytes: 200 + n / 3 + noise(n) }),
      "resident memory grows by 21.44 ± 1.98 MB/h, at most 0.5",
    ],
    ["that leaks descriptors", (n) => ({ descriptors: 35 + Math.floor(n / 4) }), "descriptors grow from 37 to 41"],
    ["that leaks watches", (n) => ({ watches: 2 + n }), "watches grow from 12 to 28"],
    ["that leaks threads", (n) => ({ threads: 13 + Math.floor(n / 4) }), "threads grow from 15 to 19"],
    ["that becomes slower", (n) => ({ p99Ms: 5 + n / 10 }), "the p99 drifts to 1.27"],
    ["with one wrong answer", (n) => ({ wrong: n === 3 ? 1 : 0 }), "1 of 1800000 answers are wrong"],
    ["that loses questions", () => ({ lost: 61 }), "1830 of 1800000 questions are lost"],
    ["in which nothing is asked", () => ({ sent: 0 }), "nothing was asked"],
  ])("%s fails", (_what, change, fault) => {
    expect(judge(run(change)).faults).toEqual([expect.stringContaining(fault)]);
  });

  test.each([1, 2, 3, 4, 6])("of %i stretches is too short for a trend, but not for answers", (minutes) => {
    const { faults } = judge(run((n) => ({ residentMegabytes: 200 + 50 * noise(n), p99Ms: 5 + n, wrong: 1 }), minutes));
    expect(faults).toEqual([`${minutes} of ${minutes * 60_000} answers are wrong`]);
  });
});

test("a run of a minute is all warm-up", () => {
  const growing = Array.from({ length: 6 }, (_, i) => ({ ...GOOD, hours: (i + 1) / 360, residentMegabytes: 200 + i }));
  expect(judge(growing)).toMatchObject({ faults: [], megabytesPerHour: { error: Infinity } });
});

test("a slope has the error of least squares", () => {
  expect(
    slopeOf([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
  ).toEqual({ value: 2, error: 0 });
  const { value, error } = slopeOf([
    [0, 0],
    [1, 2],
    [2, 1],
    [3, 3],
  ]);
  expect(value).toBeCloseTo(0.8, 10);
  expect(error).toBeCloseTo(Math.sqrt(1.8 / 2 / 5), 10);
  expect(
    slopeOf([
      [0, 1],
      [1, 3],
    ]),
  ).toEqual({ value: 2, error: Infinity });
  expect(slopeOf([])).toEqual({ value: 0, error: Infinity });
});
