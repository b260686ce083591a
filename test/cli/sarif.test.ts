// The fields that SARIF 2.1.0 requires, and those that code scanning services read.
import { expect, test } from "vitest";
import { formatReportAsSarif } from "../../src/cli/sarif.ts";
import { CODES } from "../../src/diagnostics/codes.ts";
import type { Problem } from "../../src/objects/problem.ts";
import { PROBLEM, reportOf } from "./report.ts";

interface Log {
  readonly version: string;
  readonly $schema: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly Rule[] };
    };
    readonly results: readonly Result[];
  }[];
}

interface Rule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly defaultConfiguration: { readonly level: string };
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex?: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations?: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
  }[];
}

function logOf(...problems: readonly Problem[]): Log {
  return JSON.parse(formatReportAsSarif(reportOf(...problems), "1.2.3")) as Log;
}

test("a log of one run, with a rule for each code", () => {
  const { version, $schema, runs } = logOf();
  expect(version).toBe("2.1.0");
  expect($schema).toContain("sarif-2.1.0");
  expect(runs).toHaveLength(1);
  const { name, version: own, rules } = runs[0]!.tool.driver;
  expect([name, own]).toEqual(["cluster-dns", "1.2.3"]);
  expect(rules.map(({ id }) => id)).toEqual(Object.keys(CODES));
  for (const { id, shortDescription, defaultConfiguration } of rules) {
    const level = { error: "error", warning: "warning", hint: "note" }[CODES[id as keyof typeof CODES].severity];
    expect(defaultConfiguration).toEqual({ level });
    expect(shortDescription.text).not.toBe("");
  }
  expect(runs[0]!.results).toEqual([]);
});

test("a result points to its rule and its place", () => {
  const { tool, results } = logOf(PROBLEM).runs[0]!;
  expect(results).toEqual([
    {
      ruleId: "selector-no-pods",
      ruleIndex: tool.driver.rules.findIndex(({ id }) => id === "selector-no-pods"),
      level: "warning",
      message: { text: "Service shop/web: no pod has app=web; write labels" },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "shop/web.yaml" },
            region: { startLine: 5, startColumn: 13 },
          },
        },
      ],
    },
  ]);
});

test("without a place: no location; of an unknown code: no index", () => {
  const { place: _, ...placeless } = PROBLEM;
  const [first, second] = logOf(placeless, { ...PROBLEM, code: "nobody-knows", severity: "hint" }).runs[0]!.results;
  expect(first).not.toHaveProperty("locations");
  expect(second).toMatchObject({ ruleId: "nobody-knows", level: "note" });
  expect(second).not.toHaveProperty("ruleIndex");
});

test.each([
  ["a b/c#d.yaml", "a%20b/c%23d.yaml"],
  ["../a.yaml", "../a.yaml"],
  ["/data/a b.yaml", "file:///data/a%20b.yaml"],
  ["-", "-"],
  ["a:b.yaml", "a%3Ab.yaml"],
])("the URI of %j is %j", (file, uri) => {
  const [result] = logOf({ ...PROBLEM, place: { file, line: 1, column: 1 } }).runs[0]!.results;
  expect(result?.locations?.[0]?.physicalLocation.artifactLocation.uri).toBe(uri);
});
