// Explanations agree with answers: for every question of test/scenarios, rcode and records are those that a server must
// give (test/scenarios.test.ts asks one), and an answer without records has a reason.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { explain } from "../../src/explain/explain.ts";
import type { ExplainView } from "../../src/explain/explain-view.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import { loadedView } from "../../src/planes/loaded-view.ts";
import { parseQuestions, readSettings, zoneSettings } from "../support/scenario.ts";

const scenarios = new URL("../scenarios/", import.meta.url);
const cases = readdirSync(scenarios, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const folder = new URL(`${name}/`, scenarios);
    const settings = readSettings(folder);
    const questions = parseQuestions(readFileSync(new URL("questions.txt", folder), "utf8"), zoneSettings(settings));
    return { name, folder, settings, questions };
  });

/** Without the class, and without what a case does not state. */
function canonical(record: string): string {
  const [owner, ttl, , type, ...rdata] = record.split(" ");
  if (type === "SOA") rdata[2] = "*";
  const text = [owner!.replaceAll("\\*", "*"), ttl, type, ...rdata].join(" ");
  return type === "HINFO" || type === "TXT" ? text : text.toLowerCase();
}

describe.each(cases)("$name", ({ folder, settings, questions }) => {
  let view: ExplainView;
  beforeAll(async () => {
    const options = optionsFromSettings({ ...settings });
    view = loadedView(await loadCluster([fileURLToPath(folder)], options), options);
  });

  test.each(questions)("$name $type (line $line)", async ({ name, type, expected }) => {
    const explanation = await explain(view, { name, type, from: "127.0.0.1" });
    if ("fault" in explanation) throw new Error(explanation.fault);
    const { candidates, isResolved, sentence } = explanation;
    expect(candidates).toHaveLength(1);
    const [{ rcode, replies, reason }] = candidates as [(typeof candidates)[0]];
    const records = replies[0]!.records.map(canonical);
    const compared = expected.anyChain ? records.filter((record) => !record.includes(" cname ")) : records;
    expect({ rcode, records: compared.toSorted() }).toEqual({
      rcode: expected.rcode,
      records: expected.answer.toSorted(),
    });
    expect({ isResolved, hasReason: reason !== undefined, sentence }).toMatchObject(
      isResolved ? { hasReason: false } : { hasReason: true },
    );
    expect(sentence).toMatch(isResolved ? / resolves to .+: .+\.$/ : / does not resolve: .+\.$/);
  });
});

test("there are answers of both sorts", () => {
  const all = cases.flatMap(({ questions }) => questions);
  expect(all.filter(({ expected }) => expected.answer.length === 0).length).toBeGreaterThan(200);
  expect(all.filter(({ expected }) => expected.answer.length > 0).length).toBeGreaterThan(200);
});
