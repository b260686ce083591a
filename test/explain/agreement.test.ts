// Explanations and replies agree: for each question of test/situations and test/scenarios without records, the text of
// the extended error is the sentence of the explanation, or what is before its first `; `. The exceptions are told.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { explain } from "../../src/explain/explain.ts";
import type { CandidateOutcome, ExplainQuestion } from "../../src/explain/explanation.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import { loadedView } from "../../src/planes/loaded-view.ts";
import type { ReasonCode } from "../../src/reasons/reason.ts";
import { parseQuestions, readSettings, zoneSettings } from "../support/scenario.ts";
import { readSituations } from "../support/situation.ts";

/** What a reply may say where the explanation has this reason; each has been needed. */
const EXCEPTIONS: readonly (readonly [code: ReasonCode, reply: RegExp | undefined, why: string])[] = [
  ["client-not-allowed", undefined, "such a client gets no sentence"],
  ["not-supported", undefined, "a transfer is refused before its name is looked at"],
  ["delegated", undefined, "a referral is no denial"],
  ["not-served", undefined, "the aliases lead outside, or a stub domain is none"],
  ["other-domain", / is in no local zone, | are not forwarded$/, "the answer path knows no names of other domains"],
  ["other-domain", undefined, "an alias leads there"],
  ["endpoint-not-ready", /^no ready endpoint, /, "none of the service is ready"],
  ["no-endpoint-port", /^port not named: /, "the answer path does not know the ports of a service"],
  ["port-not-named", /^no (?:endpoint|name) /, "a port needs its name, protocol and underscores"],
  ["no-endpoint-name", /^no (?:endpoint|name) |^port not named: /, "the answer path names one label of several"],
  ["special-not-forwarded", / has no records, only names below it have$/, "of the domain itself"],
];

const situations = readSituations(new URL("../situations/", import.meta.url)).map(({ path, settings, questions }) => ({
  path,
  settings: { upstream: ["none"], ...settings },
  questions: questions as readonly ExplainQuestion[],
}));
const root = new URL("../scenarios/", import.meta.url);
const scenarios = readdirSync(root).map((name) => {
  const folder = new URL(`${name}/`, root);
  const settings = readSettings(folder);
  const text = readFileSync(new URL("questions.txt", folder), "utf8");
  const questions = parseQuestions(text, zoneSettings(settings)).map((each) => ({
    name: each.name,
    type: each.type,
    from: "127.0.0.1",
  }));
  return { path: fileURLToPath(folder), settings, questions };
});

test("the sentences of explanations are those of replies", async () => {
  const used = new Set<object>();
  const differing = new Set<string>();
  let agreeing = 0;
  for (const { path, settings, questions } of [...situations, ...scenarios]) {
    const options = optionsFromSettings({ ...settings, reasons: "all" });
    const view = loadedView(await loadCluster([path], options), options);
    for (const question of questions) {
      const explanation = await explain(view, question);
      if ("fault" in explanation) throw new Error(explanation.fault);
      for (const candidate of explanation.candidates) {
        const found = compare(candidate);
        if (found === undefined) agreeing++;
        else if (typeof found === "string") differing.add(found);
        else used.add(found);
      }
    }
  }
  expect([...differing]).toEqual([]);
  expect(EXCEPTIONS.filter((each) => !used.has(each))).toEqual([]);
  expect(agreeing).toBeGreaterThan(700);
}, 120_000);

/** What differs, or the exception for it; undefined: both say the same. */
function compare({ name, reason, reasonText, replies, outcome }: CandidateOutcome): object | string | undefined {
  if (reason === undefined || reasonText === undefined || outcome === "forwarded") return undefined;
  const reply = replies[0]!.extendedError;
  if (reply === reasonText || reply === reasonText.split("; ")[0]) return undefined;
  const exception = EXCEPTIONS.find(
    ([code, text]) => code === reason.code && (text === undefined ? reply === undefined : text.test(reply ?? "")),
  );
  return exception ?? `${name}: ${reason.code}: the reply says ${reply}; the explanation says ${reasonText}`;
}
