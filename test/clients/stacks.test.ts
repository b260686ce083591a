// Runs client stacks against the server in a network namespace: the same names must give the same answers. Known differences
// are listed with a reason, and a listed one that does not appear is a failure, too. docs/clients.md shows the results.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNot } from "../support/optional-programs.ts";
import { judge, judgeAll, parseOutcome } from "./compare.ts";
import type { Outcome } from "./inside.ts";
import { LOOKUPS, measure } from "./measure.ts";
import { askAll, whyNoNamespace, Workshop } from "./namespace.ts";
import { formatCells, formatKinds, formatResults, parseResults, part } from "./page.ts";
import { KINDS, QUESTIONS, type Question } from "./questions.ts";
import { STACKS, type Stack } from "./stacks.ts";

const TIMEOUT_MS = 180_000;
/** Set: a thousand look-ups are counted as well. */
const MEASURES = process.env["MEASURE_CLIENTS"] !== undefined;

const page = readFileSync(new URL("../../docs/clients.md", import.meta.url), "utf8");
const reason = whyNoNamespace();
let workshop: Workshop | undefined;
let outcomes: ReadonlyMap<Stack, Outcome> = new Map();

beforeAll(async () => {
  if (reason !== undefined) return;
  workshop = new Workshop();
  outcomes = await askAll(workshop);
}, TIMEOUT_MS);
afterAll(() => workshop?.remove());

describe.each(STACKS)("$name", (stack) => {
  const outcomeOf = (skip: (why: string) => never): { version: string; outcome: Outcome } => {
    if (reason !== undefined) skip(reason);
    const [version, outcome] = [workshop?.versions.get(stack), outcomes.get(stack)];
    if (version === undefined || outcome === undefined)
      return skip(whyNot(...stack.needs) ?? `${stack.name} has no version`);
    return { version, outcome };
  };

  test("answers as the others, or differs for a reason", ({ skip }) => {
    const { version, outcome } = outcomeOf(skip);
    expect(outcome.stderr).toBe("");
    expect(outcome.lines).toHaveLength(QUESTIONS.length);
    const wrong = QUESTIONS.flatMap((question, i) => {
      const verdict = judge(stack, version, question, outcome.lines[i]);
      return verdict.is === "wrong" ? [`${question.name}: ${verdict.said}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  test("is on the page as it is", ({ skip }) => {
    const { version, outcome } = outcomeOf(skip);
    const shown = parseResults(page).get(stack.name);
    if (shown?.version !== version) skip(`the page was made with ${shown?.version}, this is ${version}`);
    const withoutLetters = (cells: readonly string[]): string[] => cells.map((cell) => cell.replace(/ \(.*/, ""));
    const cells = formatCells({ version, verdicts: judgeAll(stack, version, outcome.lines) }, () => "?");
    expect(withoutLetters(cells)).toEqual(withoutLetters(shown?.cells ?? []));
  });
});

test.skipIf(!MEASURES)(
  "a thousand names outside the cluster: a quarter of the packets with autopath",
  async ({ skip }) => {
    if (workshop === undefined) return skip(reason);
    for (const { autopath, clientPackets, upstreamQueries } of await measure(workshop)) {
      // Question and answer, for A and AAAA; without autopath in each of three search domains before.
      const least = LOOKUPS * 4 * (autopath === "with" ? 1 : 4);
      expect(clientPackets).toBeGreaterThanOrEqual(least);
      expect(clientPackets).toBeLessThan(least * 1.05);
      expect(upstreamQueries).toBe(LOOKUPS * 2);
    }
  },
  TIMEOUT_MS,
);

describe("the table", () => {
  test("has fifty names and some services, of all kinds, each once", () => {
    const names = QUESTIONS.filter(({ kind }) => kind !== "SRV").map(({ name }) => name);
    expect(new Set(names).size).toBe(50);
    expect(new Set(QUESTIONS.map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)));
  });

  test("docs/clients.md lists the kinds and all stacks", () => {
    expect(part(page, "kinds")).toBe(formatKinds().trim());
    expect([...parseResults(page).keys()]).toEqual(STACKS.map(({ name }) => name));
  });

  const question: Question = { kind: "short", name: "web", want: ["192.0.2.1", "2001:db8::1"] };
  const difference = { reason: "by design", versions: /^1/, applies: ({ kind }: Question) => kind === "short" };
  const plain: Stack = { ...STACKS[0]!, name: "plain", hasServices: false, differences: [] };
  const odd: Stack = { ...plain, name: "odd", differences: [difference] };

  test.each<[string, Stack, string, Question, string | undefined, string]>([
    ["in any order and spelling", plain, "1", question, "2001:DB8:0:0::1 192.0.2.1", "same"],
    ["with one missing", plain, "1", question, "192.0.2.1", "wrong"],
    ["with one twice", plain, "1", question, "192.0.2.1 192.0.2.1 2001:db8::1", "wrong"],
    ["nothing where there is something", plain, "1", question, "-", "wrong"],
    ["nothing where there is nothing", plain, "1", { ...question, want: [] }, "-", "same"],
    ["a failure where there is nothing", plain, "1", { ...question, want: [] }, "!try again", "wrong"],
    ["no line", plain, "1", question, undefined, "wrong"],
    ["services that can't be asked", plain, "1", { ...question, kind: "SRV" }, "n/a", "n/a"],
    ["a known difference", odd, "1", question, "-", "differs"],
    ["a known difference that does not show", odd, "1", question, "192.0.2.1 2001:db8::1", "wrong"],
    ["a known difference of other versions", odd, "2", question, "-", "wrong"],
    ["another difference than the known one", odd, "1", question, "192.0.2.9", "wrong"],
  ])("judges %s", (_, stack, version, asked, line, verdict) => {
    expect(judge(stack, version, asked, line).is).toBe(verdict);
  });

  test("targets lose their dot", () => {
    expect(parseOutcome("80:b.test. 80:a.test ")).toEqual(["80:a.test", "80:b.test"]);
  });

  test("shows what was tried, with letters for reasons", () => {
    const linesOf = (short: string): string[] =>
      QUESTIONS.map(({ kind, want }) => (kind === "short" ? short : want.join(" ") || "-"));
    const verdicts = (stack: Stack) => ({ version: "1", verdicts: judgeAll(stack, "1", linesOf("-")) });
    const text = formatResults(
      new Map([
        [odd, verdicts(odd)],
        [plain, undefined],
      ]),
    );
    expect(text).toContain("| odd | 1 | 6 of 6 differ (a) | same |");
    expect(text).toContain("| plain | not installed | – | – |");
    expect(text).toContain("(a) by design.\n");
    expect(formatCells(verdicts(plain), () => "a")[0]).toBe("wrong");
  });
});
