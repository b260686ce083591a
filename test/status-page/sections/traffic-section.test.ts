import { expect, test } from "vitest";
import { TrafficHistory } from "../../../src/overview/traffic-history.ts";
import { trafficSection } from "../../../src/status-page/sections/traffic-section.ts";

const latency = (...counts: readonly [number, number, number]) =>
  [20, 5_000, Infinity].map((maxUs, i) => ({ maxUs, count: counts[i]! }));

function textsOf(history: TrafficHistory): Record<string, string> {
  const { items } = trafficSection({ total: 0, points: history.points(), latency: history.latency() });
  return Object.fromEntries(
    items.map(({ key, html }) => [
      key,
      String(html)
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
    ]),
  );
}

test("says in words what the charts show", () => {
  const history = new TrafficHistory();
  history.sample(0, { byRcode: { NOERROR: 0 }, latency: latency(0, 0, 0) });
  history.sample(1_000, { byRcode: { NOERROR: 2_000, FORMERR: 4 }, latency: latency(0, 0, 0) });
  history.sample(2_000, { byRcode: { NOERROR: 2_003, NXDOMAIN: 2, FORMERR: 4.5 }, latency: latency(90, 7, 3) });
  expect(textsOf(history)).toEqual({
    rate: "Queries a second 5.5 now, at most 2,004 2 minutes ago now",
    rcodes: "Response codes a second NOERROR 3.0 NXDOMAIN 2.0 SERVFAIL 0 REFUSED 0 other 0.5 2 minutes ago now",
    latency: "Time in this server, the last minute half ≤ 20 µs, 99 % &gt; 5 ms ≤ 20 µs &gt; 5 ms",
  });
});

test("says that there are no answers", () => {
  expect(textsOf(new TrafficHistory())).toMatchObject({
    rate: "Queries a second 0 now, at most 0 2 minutes ago now",
    latency: "Time in this server, the last minute no answers",
  });
});

test("says times with three digits", () => {
  const history = new TrafficHistory();
  const counted = (count: number) => [
    { maxUs: 7.8125, count },
    { maxUs: 4_002.34, count },
  ];
  history.sample(0, { byRcode: {}, latency: counted(0) });
  history.sample(1_000, { byRcode: {}, latency: counted(50) });
  expect(textsOf(history)).toMatchObject({ latency: expect.stringContaining("half ≤ 7.81 µs, 99 % ≤ 4 ms") as string });
});
