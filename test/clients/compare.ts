// Compares a client stack's outcome with the question's expected one, and with the stack's known differences.
import { canonicalIp } from "../../src/net/ip.ts";
import type { Kind, Question } from "./questions.ts";
import { KINDS, QUESTIONS } from "./questions.ts";
import type { Difference, Stack } from "./stacks.ts";

/** `n/a`: the stack can't ask that. `wrong`: neither the right answer nor a known difference, with what it said. */
export type Verdict =
  | { readonly is: "same" | "n/a" }
  | { readonly is: "differs"; readonly difference: Difference }
  | { readonly is: "wrong"; readonly said: string };

/** What became of one question. A known difference that does not show is wrong too. */
export function judge(stack: Stack, version: string, question: Question, line: string | undefined): Verdict {
  if (question.kind === "SRV" && !stack.hasServices) return { is: "n/a" };
  const said = line ?? "no line at all";
  if (line === undefined || line.startsWith("!")) return { is: "wrong", said };
  const outcome = parseOutcome(line);
  const difference = stack.differences.find(
    ({ applies, versions }) => applies(question) && versions?.test(version) !== false,
  );
  const isSame = outcome.join() === question.want.toSorted().join();
  if (difference === undefined) return isSame ? { is: "same" } : { is: "wrong", said };
  const { instead = (found) => found.length === 0 } = difference;
  return !isSame && instead(outcome, question) ? { is: "differs", difference } : { is: "wrong", said };
}

/** Addresses in canonical form, targets without their dot, sorted. */
export function parseOutcome(line: string): readonly string[] {
  const words = line.split(" ").filter((word) => word !== "" && word !== "-");
  return words.map((word) => canonicalIp(word) ?? word.replace(/\.$/, "")).toSorted();
}

/** A stack's verdicts by kind of question, from its lines in the order of the questions. */
export function judgeAll(
  stack: Stack,
  version: string,
  lines: readonly string[],
): ReadonlyMap<Kind, readonly Verdict[]> {
  const verdicts = QUESTIONS.map((question, i) => judge(stack, version, question, lines[i]));
  const ofKind = (kind: Kind): Verdict[] => verdicts.filter((_, i) => QUESTIONS[i]!.kind === kind);
  return new Map((Object.keys(KINDS) as Kind[]).map((kind) => [kind, ofKind(kind)]));
}
