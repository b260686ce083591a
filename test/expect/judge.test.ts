// Each key beside each kind of outcome.
import { describe, expect, test } from "vitest";
import type { Expectation, Outcome, Why } from "../../src/expect/expectation.ts";
import { judge } from "../../src/expect/judge.ts";
import { expectation, outcome } from "./outcomes.ts";

const RECORDS = outcome("NOERROR", ["10.0.0.2", "10.0.0.1"]);
const NXDOMAIN = outcome("NXDOMAIN");
const NODATA = outcome("NODATA");
const ALIAS = outcome("NOERROR", [], { alias: "example.com." });
const DEAD_ALIAS = outcome("NXDOMAIN", [], { alias: "gone.shop." });
const UNASKED = outcome("unasked", [], { fault: "there is no pod shop/web" });
const WHY: Why = { code: "no-service", text: "no service web in namespace shop; nearest: wed", details: [] };

function mismatchesOf(given: Partial<Expectation>, got: Outcome, why?: Why): readonly string[] {
  return judge(expectation(given), got, why).map(
    ({ key = "-", expected, got: came }) => `${key}: ${expected} / ${came}`,
  );
}

describe("what holds", () => {
  test.each<[Partial<Expectation>, Outcome, Why?]>([
    [{}, RECORDS],
    [{}, ALIAS],
    [{ answer: ["10.0.0.1", "10.0.0.2"] }, RECORDS],
    [{ answer: [] }, NXDOMAIN],
    [{ contains: ["10.0.0.2"] }, RECORDS],
    [{ count: 2 }, RECORDS],
    [{ count: 0 }, NODATA],
    [{ rcode: "NOERROR" }, RECORDS],
    [{ rcode: "NOERROR" }, NODATA],
    [{ rcode: "NODATA" }, NODATA],
    [{ rcode: "NXDOMAIN" }, DEAD_ALIAS],
    [{ reason: "no-service" }, NXDOMAIN, WHY],
    [{ reason: "Nearest: wed" }, NXDOMAIN, WHY],
    [{ rcode: "NXDOMAIN", count: 0, reason: "no service web" }, NXDOMAIN, WHY],
  ])("%j of %j", (given, got, why) => {
    expect(mismatchesOf(given, got, why)).toEqual([]);
  });
});

describe("what does not", () => {
  test.each<[Partial<Expectation>, Outcome, string[], Why?]>([
    [{}, NXDOMAIN, ["-: A records / NXDOMAIN"]],
    [{}, NODATA, ["-: A records / NODATA"]],
    [{}, DEAD_ALIAS, ["-: A records / an alias of gone.shop., and NXDOMAIN"]],
    [{}, UNASKED, ["-: A records / nothing: there is no pod shop/web"]],
    [{ answer: ["10.0.0.1"] }, RECORDS, ["answer: 10.0.0.1 / 10.0.0.1, 10.0.0.2"]],
    [{ answer: ["10.0.0.1", "10.0.0.3"] }, RECORDS, ["answer: 10.0.0.1, 10.0.0.3 / 10.0.0.1, 10.0.0.2"]],
    [{ answer: [] }, RECORDS, ["answer: no records / 10.0.0.1, 10.0.0.2"]],
    [{ answer: [] }, UNASKED, ["answer: no records / nothing: there is no pod shop/web"]],
    [{ answer: ["10.0.0.1"] }, ALIAS, ["answer: 10.0.0.1 / an alias of example.com., and no A records here"]],
    [{ contains: ["10.0.0.1", "10.0.0.3"] }, RECORDS, ["contains: 10.0.0.3, among others / 10.0.0.1, 10.0.0.2"]],
    [{ count: 1 }, RECORDS, ["count: 1 record / 10.0.0.1, 10.0.0.2"]],
    [{ count: 0 }, UNASKED, ["count: 0 records / nothing: there is no pod shop/web"]],
    [{ rcode: "NODATA" }, RECORDS, ["rcode: NODATA / 10.0.0.1, 10.0.0.2"]],
    [{ rcode: "NXDOMAIN" }, NODATA, ["rcode: NXDOMAIN / NODATA"]],
    [{ rcode: "NOERROR" }, NXDOMAIN, ["rcode: NOERROR / NXDOMAIN"]],
    [{ reason: "no-namespace" }, NXDOMAIN, [`reason: no records, because: no-namespace / ${WHY.text}`], WHY],
    [{ reason: "no-service" }, NXDOMAIN, ["reason: no records, because: no-service / NXDOMAIN"]],
    [
      { rcode: "NXDOMAIN", reason: "x" },
      RECORDS,
      ["rcode: NXDOMAIN / 10.0.0.1, 10.0.0.2", "reason: no records, because: x / 10.0.0.1, 10.0.0.2"],
    ],
  ])("%j of %j", (given, got, mismatches, why) => {
    expect(mismatchesOf(given, got, why)).toEqual(mismatches);
  });

  test("many records are cut", () => {
    const many = Array.from({ length: 25 }, (_, i) => `10.0.0.${100 + i}`);
    expect(mismatchesOf({ count: 1 }, outcome("NOERROR", many))[0]).toMatch(/, 10\.0\.0\.119 and 5 more$/);
  });
});
