import { expect, test } from "vitest";
import { parseHttpResult } from "../../bench/h2load.ts";

const OUTPUT = `
finished in 3.00s, 21800.33 req/s, 1.87MB/s
requests: 65401 total, 65801 started, 65401 done, 65401 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 65401 2xx, 0 3xx, 0 4xx, 0 5xx
`;

test("the totals of h2load", () => {
  expect(parseHttpResult(OUTPUT)).toEqual({ completed: 65_401, requestsPerSecond: 21_800.33 });
});

test.each([
  ["failed requests", OUTPUT.replace("0 failed", "3 failed"), "3 requests failed"],
  ["errors", OUTPUT.replace("0 errored", "2 errored"), "2 requests failed"],
  ["another status", OUTPUT.replace("0 4xx", "5 4xx"), "5 had another status"],
  ["an output that is cut", OUTPUT.slice(0, 40), "h2load does not tell"],
])("%s are no result", (_, output, message) => {
  expect(() => parseHttpResult(output)).toThrow(message);
});
