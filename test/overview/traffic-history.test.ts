import { describe, expect, test } from "vitest";
import { formatMicroseconds, POINTS_MAX, TrafficHistory } from "../../src/overview/traffic-history.ts";
import type { TrafficCounts } from "../../src/overview/traffic-history.ts";

function counts(
  byRcode: Record<string, number>,
  latency: readonly [maxUs: number, count: number][] = [],
): TrafficCounts {
  return { byRcode, latency: latency.map(([maxUs, count]) => ({ maxUs, count })) };
}

describe("rates", () => {
  test("need two samples, and are by the time between these", () => {
    const history = new TrafficHistory();
    expect(history.points()).toEqual([]);
    history.sample(1_000, counts({ NOERROR: 100, NXDOMAIN: 7 }));
    expect(history.points()).toEqual([]);
    history.sample(3_000, counts({ NOERROR: 120, NXDOMAIN: 17, SERVFAIL: 2 }));
    expect(history.points()).toEqual([
      { atMs: 3_000, perSecond: 16, byRcode: { NOERROR: 10, NXDOMAIN: 5, SERVFAIL: 1 } },
    ]);
  });

  test("are kept for two minutes", () => {
    const history = new TrafficHistory();
    for (let second = 0; second <= POINTS_MAX + 30; second++)
      history.sample(second * 1_000, counts({ NOERROR: second ** 2 }));
    const points = history.points();
    expect(points).toHaveLength(POINTS_MAX);
    expect(points[0]).toMatchObject({ atMs: 31_000, perSecond: 31 ** 2 - 30 ** 2 });
    expect(points.at(-1)).toMatchObject({ atMs: 150_000, perSecond: 150 ** 2 - 149 ** 2 });
  });

  test("a second sample of the same moment is no point", () => {
    const history = new TrafficHistory();
    history.sample(1_000, counts({ NOERROR: 1 }));
    history.sample(1_000, counts({ NOERROR: 2 }));
    expect(history.points()).toEqual([]);
  });
});

describe("latency", () => {
  test("without answers it has no quantiles", () => {
    expect(new TrafficHistory().latency()).toEqual({ classes: [], medianUs: undefined, p99Us: undefined });
  });

  test("counts the answers of the last minute only", () => {
    const history = new TrafficHistory();
    history.sample(
      0,
      counts({}, [
        [10, 0],
        [100, 1_000],
        [Infinity, 0],
      ]),
    );
    for (let second = 1; second <= 61; second++)
      history.sample(
        second * 1_000,
        counts({}, [
          [10, second],
          [100, 1_000],
          [Infinity, second === 61 ? 2 : 0],
        ]),
      );
    expect(history.latency()).toEqual({
      classes: [
        { maxUs: 10, count: 60 },
        { maxUs: 100, count: 0 },
        { maxUs: Infinity, count: 2 },
      ],
      medianUs: 10,
      p99Us: Infinity,
    });
  });
});

test.each([
  [7.8125, "7.81 µs"],
  [999, "999 µs"],
  [4_000, "4 ms"],
  [8_192_000, "8.19 s"],
])("%d µs are shown as %s", (us, text) => {
  expect(formatMicroseconds(us)).toBe(text);
});
