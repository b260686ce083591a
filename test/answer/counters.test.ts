import { expect, test } from "vitest";
import { Counters, newCounters, sumCounters } from "../../src/answer/counters.ts";
import { RCODE, TYPE } from "../../src/dns/constants.ts";

/** The names that are not zero. */
function counted(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

test.each<[type: number, rcode: number, size: number, truncated: boolean, expected: readonly [string, string, string]]>(
  [
    [TYPE.A, RCODE.NOERROR, 64, false, ["A", "NOERROR", "<=64"]],
    [TYPE.AAAA, RCODE.NXDOMAIN, 65, false, ["AAAA", "NXDOMAIN", "<=128"]],
    [65, RCODE.SERVFAIL, 512, true, ["HTTPS", "SERVFAIL", "<=512"]],
    [TYPE.ANY, RCODE.REFUSED, 1232, true, ["ANY", "REFUSED", "<=1232"]],
    [0, RCODE.NOTAUTH, 4096, false, ["other", "other", "<=4096"]],
    [257, RCODE.FORMERR, 4097, false, ["other", "FORMERR", ">4096"]],
    [65_535, RCODE.BADVERS, 65_535, false, ["other", "other", ">4096"]],
  ],
)("a reply of type %i, rcode %i, %i bytes", (type, rcode, size, truncated, [typeName, rcodeName, sizeName]) => {
  const counters = new Counters();
  counters.count(type, rcode, size, truncated);
  const counts = sumCounters([counters]);
  expect(counted(counts.byType)).toEqual({ [typeName]: 1 });
  expect(counted(counts.byRcode)).toEqual({ [rcodeName]: 1 });
  expect(counted(counts.bySize)).toEqual({ [sizeName]: 1 });
  expect([counts.truncated, counts.total]).toEqual([truncated ? 1 : 0, 1]);
  expect(counted(counts.byLatency)).toEqual({});
});

test.each([
  [0, "<=5"],
  [5, "<=5"],
  [5.1, "<=10"],
  [5000, "<=5000"],
  [5001, ">5000"],
])("%d µs are counted as %s", (us, name) => {
  const counters = new Counters();
  counters.countLatency(us, 64);
  expect(counted(sumCounters([counters]).byLatency)).toEqual({ [name]: 64 });
});

test("blocks are summed, also those that another thread writes", () => {
  const { udp, stream } = newCounters();
  for (let i = 0; i < 3; i++) udp.count(TYPE.A, 0, 50, true);
  stream.count(TYPE.A, 0, 50, false);
  const counts = sumCounters([new Counters(udp.memory), stream]);
  expect([counts.byType["A"], counts.truncated, counts.total]).toEqual([4, 3, 4]);
});
