// What becomes of the text of a file: the items that fail are as things are now, all else is as it was.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Expectation, Outcome, Verdict, Why } from "../../src/expect/expectation.ts";
import { RCODE_WORDS } from "../../src/expect/expectation.ts";
import { judge } from "../../src/expect/judge.ts";
import { parseExpectations } from "../../src/expect/parse-expectations.ts";
import { updateExpectations } from "../../src/expect/update-expectations.ts";
import { outcome } from "./outcomes.ts";

const WHY: Why = { code: "no-service", text: "no service web in namespace shop", details: [] };

function judgeAll(text: string, outcomes: readonly Outcome[]): readonly Verdict[] {
  const { expectations, problems } = parseExpectations(text, "dns.yaml");
  expect(problems).toEqual([]);
  return expectations.map((expectation: Expectation, index) => {
    const got = outcomes[index]!;
    const why = got.status === "NOERROR" || got.fault !== undefined ? undefined : WHY;
    return { expectation, outcome: got, mismatches: judge(expectation, got, why), ...(why && { why }) };
  });
}

const update = (text: string, ...outcomes: readonly Outcome[]): string =>
  updateExpectations(text, judgeAll(text, outcomes));
const updateItem = (item: string, got: Outcome): string =>
  update(`expectations:\n  - ${item}\n`, got).slice("expectations:\n  - ".length, -1);

const ONE = outcome("NOERROR", ["10.0.0.1"]);
const TWO = outcome("NOERROR", ["10.0.0.2", "10.0.0.1"]);
const NXDOMAIN = outcome("NXDOMAIN");
const NODATA = outcome("NODATA");
const ALIAS = outcome("NOERROR", [], { alias: "example.com." });
const UNANSWERED = outcome("unanswered", [], { fault: "no reply" });

describe("one item", () => {
  test.each<[before: string, Outcome, after: string]>([
    ["{ name: a, answer: [10.0.0.9] }", ONE, "{ name: a, answer: [10.0.0.1] }"],
    ["{name: a, answer: [10.0.0.9]}", ONE, "{name: a, answer: [10.0.0.1]}"],
    ["{ name: a, answer: [ 10.0.0.9 ] }", ONE, "{ name: a, answer: [ 10.0.0.1 ] }"],
    ["{ name: a, answer: [10.0.0.2] }", TWO, "{ name: a, answer: [10.0.0.2, 10.0.0.1] }"],
    ["{ name: a, answer: [10.0.0.9, 10.0.0.1, 10.0.0.8] }", ONE, "{ name: a, answer: [10.0.0.1] }"],
    ["{ name: a, answer: [] }", ONE, "{ name: a, answer: [10.0.0.1] }"],
    ["{ name: a, answer: [10.0.0.9] }", NXDOMAIN, "{ name: a, rcode: NXDOMAIN }"],
    ["{ name: a, answer: [10.0.0.9], count: 1 }", NXDOMAIN, "{ name: a, rcode: NXDOMAIN, count: 0 }"],
    ["{ name: a, answer: [10.0.0.9] }", ALIAS, "{ name: a, rcode: NOERROR }"],
    ["{ name: a, contains: [10.0.0.1, 10.0.0.9] }", TWO, "{ name: a, contains: [10.0.0.1] }"],
    ["{ name: a, contains: [10.0.0.9] }", TWO, "{ name: a, contains: [10.0.0.1, 10.0.0.2] }"],
    ["{ name: a, count: 7 }", TWO, "{ name: a, count: 2 }"],
    ["{ name: a, rcode: NXDOMAIN }", NODATA, "{ name: a, rcode: NODATA }"],
    ["{ name: a, rcode: NXDOMAIN, reason: no service }", ONE, "{ name: a, answer: [10.0.0.1] }"],
    ["{ name: a, reason: no-namespace }", NXDOMAIN, "{ name: a, reason: no-service }"],
    ["{ name: a, reason: not there }", NXDOMAIN, "{ name: a, reason: no service web in namespace shop }"],
    ["{ name: a }", NXDOMAIN, "{ name: a, rcode: NXDOMAIN }"],
    ['{"name": "a", "rcode": "NODATA"}', ONE, '{"name": "a", "answer": ["10.0.0.1"]}'],
    ["{ name: a, rcode: NXDOMAIN }", UNANSWERED, "{ name: a, rcode: NXDOMAIN }"],
    ["{ name: a,   answer: [ 10.0.0.1 ]}", ONE, "{ name: a,   answer: [ 10.0.0.1 ]}"],
  ])("%s of %j", (before, got, after) => {
    expect(updateItem(before, got)).toBe(after);
  });
});

const FILE = `# yaml-language-server: $schema=dns.schema.json
x-shop:   &shop { from: shop }   # defaults

expectations:
  # the shop
  - name: web   # short
    type:   A   # holds

    answer: [10.0.0.1]

  - name: db # fails
    # all pods
    answer:
      - 10.0.0.9 # the first
      # the second
      - 10.0.0.2
    # after

  - <<: *shop
    name: none
  - name: front
    count:  2   # holds, too
# end
`;

test("comments and layout stay", () => {
  const updated = update(FILE, ONE, TWO, NODATA, TWO);
  expect(updated).toBe(
    FILE.replace("10.0.0.9 # the first", "10.0.0.1 # the first").replace(
      "name: none\n",
      "name: none\n    rcode: NODATA\n",
    ),
  );
  expect(update(updated, ONE, TWO, NODATA, TWO)).toBe(updated);
});

test("line ends of Windows stay", () => {
  const text = FILE.replaceAll("\n", "\r\n");
  expect(update(text, ONE, TWO, NODATA, TWO)).toBe(update(FILE, ONE, TWO, NODATA, TWO).replaceAll("\n", "\r\n"));
});

test("an alias gets a value of its own, a merged key is hidden", () => {
  const text = `x-a: &a { answer: [10.0.0.8] }
expectations:
  - { name: a, answer: &list [10.0.0.1] }
  - { name: b, answer: *list }
  - { name: c, <<: *a }
---
expectations:
  - name: d
    answer: [10.0.0.9]
`;
  expect(update(text, ONE, TWO, NXDOMAIN, ONE)).toBe(
    text
      .replace("*list", "[10.0.0.1, 10.0.0.2]")
      .replace("<<: *a }", "<<: *a, rcode: NXDOMAIN, answer: null }")
      .replace("[10.0.0.9]", "[10.0.0.1]"),
  );
});

test("whatever failed, it holds afterwards, and a second time changes nothing", () => {
  const records = fc.uniqueArray(fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3"));
  const item = fc.record(
    {
      answer: records,
      contains: records,
      count: fc.nat(3),
      rcode: fc.constantFrom(...RCODE_WORDS),
      reason: fc.constantFrom("no-service", "no service", "other"),
    },
    { requiredKeys: [] },
  );
  const got = fc.oneof(
    records.filter((all) => all.length > 0).map((all) => outcome("NOERROR", all)),
    fc.constantFrom(NXDOMAIN, NODATA, ALIAS, outcome("SERVFAIL")),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(item, got, fc.boolean()), { minLength: 1, maxLength: 3 }), (items) => {
      const rows = items.map(([keys, , isFlow]) =>
        isFlow
          ? `  - ${JSON.stringify({ name: "a", ...keys })}\n`
          : `  - name: a\n${Object.entries(keys)
              .map(([key, value]) => `    ${key}: ${JSON.stringify(value)} # why\n`)
              .join("")}`,
      );
      const text = `expectations:\n${rows.join("")}`;
      // Some contradict themselves.
      fc.pre(parseExpectations(text, "dns.yaml").problems.length === 0);
      const outcomes = items.map(([, each]) => each);
      const updated = update(text, ...outcomes);
      expect(judgeAll(updated, outcomes).flatMap(({ mismatches }) => mismatches)).toEqual([]);
      expect(update(updated, ...outcomes)).toBe(updated);
    }),
    { numRuns: 100 },
  );
});
