import { expect, test } from "vitest";
import { meantName, nearestName } from "../../src/diagnostics/near-names.ts";

test.each<[word: string, candidates: string[], expected: string | undefined]>([
  ["apii", ["web", "api"], "api"],
  ["aip", ["api"], "api"],
  ["postgersql", ["postgresql"], "postgresql"],
  ["prometheus-oprated", ["prometheus-operated"], "prometheus-operated"],
  ["cache", ["cloud"], undefined],
  ["db1", ["db2"], undefined],
  ["redis-0", ["redis-10"], undefined],
  ["db", ["dba"], undefined],
  ["api", ["api"], undefined],
  ["api", [], undefined],
])("%s among %j: %s is meant", (word, candidates, expected) => {
  expect(meantName(word, candidates)).toBe(expected);
});

test("a name that is less near is still the nearest", () => {
  expect(nearestName("legacy", ["legacy-db", "web"])).toBe("legacy-db");
});
