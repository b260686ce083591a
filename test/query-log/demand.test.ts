import { describe, expect, test } from "vitest";
import { Demand, limitsOf } from "../../src/query-log/demand.ts";
import { REPLY_CLASS } from "../../src/query-log/record-layout.ts";

const { SUCCESS, DENIAL, ERROR } = REPLY_CLASS;
const LAST = 2 ** 31 - 1;
const every = (n: number): { success: number; denial: number; error: number } => ({ success: n, denial: n, error: n });

describe("what is wanted", () => {
  test("at first nothing", () => {
    const demand = new Demand();
    expect([demand.isOff, demand.mayTake(0), demand.takes(0, SUCCESS)]).toEqual([true, false, false]);
  });

  test("is seen by all threads", () => {
    const demand = new Demand();
    const other = new Demand(demand.memory);
    demand.set([every(1)]);
    expect([other.isOff, other.mayTake(LAST), other.takes(LAST, ERROR), other.isSlow(0)]).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  test("is what any of the wishes wants", () => {
    const demand = new Demand();
    demand.set([every(100), { success: 0, denial: 0, error: 1 }, { ...every(1000), messages: true }]);
    const hundredth = Math.floor(2 ** 31 / 100) - 1;
    expect([demand.mayTake(LAST), demand.wantsMessages]).toEqual([true, true]);
    expect([demand.takes(LAST, ERROR), demand.takes(LAST, SUCCESS)]).toEqual([true, false]);
    expect([demand.takes(hundredth, DENIAL), demand.takes(hundredth + 1, DENIAL)]).toEqual([true, false]);
    demand.set([every(100)]);
    expect([demand.mayTake(hundredth + 1), demand.wantsMessages]).toEqual([false, false]);
  });

  test("is slow answers only if every wish is for slow ones", () => {
    const demand = new Demand();
    demand.set([
      { ...every(1), slowerThanMs: 5 },
      { ...every(1), slowerThanMs: 0.5 },
    ]);
    expect([demand.isSlow(0.4), demand.isSlow(0.5)]).toEqual([false, true]);
    demand.set([{ ...every(1), slowerThanMs: 5 }, every(1000)]);
    expect(demand.isSlow(0)).toBe(true);
  });
});

test("one in N is a part of one in fewer, and all is all", () => {
  const limits = [1, 2, 3, 100, 1_000_000].map((n) => limitsOf(every(n)).byClass[SUCCESS]);
  expect(limits[0]).toBe(LAST);
  expect(limits).toEqual(limits.toSorted((a, b) => b - a));
  for (const [i, n] of [1, 2, 3, 100, 1_000_000].entries()) expect((limits[i]! + 1) / 2 ** 31).toBeCloseTo(1 / n, 8);
  expect(limitsOf(every(0)).byClass).toEqual([-1, -1, -1]);
});
