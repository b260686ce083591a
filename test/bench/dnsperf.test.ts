import { expect, test } from "vitest";
import { parseResult, parseTime } from "../../bench/dnsperf.ts";

const OUTPUT = `
Statistics:

  Queries sent:         39896
  Queries completed:    39890 (99.98%)
  Queries lost:         6 (0.02%)

  Response codes:       NOERROR 39800 (99.77%), NXDOMAIN 90 (0.23%)
  Average packet size:  request 65, response 81
  Run time (s):         2.001161
  Queries per second:   19936.426904
`;

test("totals come out of dnsperf's statistics", () => {
  expect(parseResult(OUTPUT)).toEqual({
    completed: 39_890,
    lost: 6,
    queriesPerSecond: 19_936.426904,
    rcodes: { NOERROR: 39_800, NXDOMAIN: 90 },
  });
});

test("where nothing was answered there are no response codes", () => {
  const output = OUTPUT.replace(/Response codes:.*/, "Response codes: ");
  expect(parseResult(output).rcodes).toEqual({});
  expect(parseResult(output.replace(/.*Response codes:.*/, "")).rcodes).toEqual({});
});

test("a missing total is told, not taken for nothing", () => {
  expect(() => parseResult(OUTPUT.replace("Queries lost", "Queries gone"))).toThrow("Queries lost");
});

test.each([
  ["> NOERROR web.default.svc.cluster.local A 0.000123", 123],
  ["> NXDOMAIN a.b. AAAA 1.500000", 1_500_000],
  ["> T web.default.svc.cluster.local A", undefined],
  ["  Queries sent:         39896", undefined],
])("%s takes %s µs", (line, expected) => {
  const time = parseTime(line);
  expect(time === undefined ? undefined : Math.round(time)).toBe(expected);
});
