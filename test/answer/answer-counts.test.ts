// Sums of the blocks of several threads, by name.
import { expect, test } from "vitest";
import { sumCounters, sumCounts } from "../../src/answer/answer-counts.ts";
import { ANSWERED_BY } from "../../src/answer/answered-by.ts";
import { Counters, newCounters } from "../../src/answer/counters.ts";

const { CLUSTER, CACHE, CACHED_DENIAL, NONE } = ANSWERED_BY;

test("each part of the server has its own count; both kinds of cached answers are one", () => {
  const counters = new Counters();
  for (const by of [...Object.values(ANSWERED_BY), CACHE]) counters.count(by, 28, 3, 40, 100);
  counters.count(CACHED_DENIAL, 255, 0, 40, 100);
  const { answers, cacheHits } = sumCounters([counters]);
  const byPart = Object.fromEntries(answers.map(({ answeredBy, type, count }) => [`${answeredBy} ${type}`, count]));
  expect(byPart).toEqual({
    "cluster AAAA": 1,
    "reverse AAAA": 1,
    "zone-file AAAA": 1,
    "hosts AAAA": 1,
    "special AAAA": 1,
    "cache AAAA": 3,
    "cache ANY": 1,
    "upstream AAAA": 1,
    "none AAAA": 1,
  });
  expect(cacheHits).toEqual({ answers: 2, denials: 2 });
});

test("blocks are summed, and one memory counted from two sides is one block", () => {
  const { udp, stream } = newCounters();
  udp.count(CLUSTER, 1, 0, 40, 100);
  stream.count(CLUSTER, 1, 0, 40, 5000);
  stream.countTruncated();
  stream.countLatency(0.5, 1);
  new Counters(udp.memory).count(NONE, 33, 0, 40, 100);
  const counts = sumCounters([udp, stream]);
  expect(counts).toMatchObject({
    answers: [
      { answeredBy: "cluster", type: "A", rcode: "NOERROR", count: 2 },
      { answeredBy: "none", type: "SRV", rcode: "NOERROR", count: 1 },
    ],
    truncated: 1,
    querySizes: { sum: 120 },
    replySizes: { sum: 5200 },
    latencies: { sum: 0.5 },
  });
  expect(sumCounters([])).toMatchObject({ answers: [], truncated: 0, replySizes: { sum: 0 } });
});

test("the counts of listeners and transports come to one", () => {
  const { udp, stream } = newCounters();
  udp.count(ANSWERED_BY.CLUSTER, 1, 0, 40, 100);
  udp.count(ANSWERED_BY.NONE, 33, 5, 40, 100);
  stream.count(ANSWERED_BY.CLUSTER, 1, 3, 40, 5000);
  stream.countTruncated();
  const parts = [
    { transport: "udp", counts: sumCounters([udp]) },
    { transport: "tls", counts: sumCounters([stream]) },
    { transport: "tls", counts: sumCounters([stream]) },
  ] as const;
  expect(sumCounts(parts)).toEqual({
    byType: { A: 3, SRV: 1 },
    byRcode: { NOERROR: 1, NXDOMAIN: 2, REFUSED: 1 },
    answeredBy: { cluster: 3, none: 1 },
    byTransport: { udp: 2, tcp: 0, tls: 2, https: 0 },
    truncated: 2,
    total: 4,
  });
});

test("without an answer all is 0", () => {
  expect(sumCounts([])).toEqual({
    byType: {},
    byRcode: {},
    answeredBy: {},
    byTransport: { udp: 0, tcp: 0, tls: 0, https: 0 },
    truncated: 0,
    total: 0,
  });
});
