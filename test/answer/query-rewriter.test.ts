// The index and the filter of rules find what a look at every rule finds, in the same order.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRewrite } from "../../src/answer/compiled-rewrite.ts";
import { NameBuffer } from "../../src/answer/name-buffer.ts";
import { QueryRewriter, REWRITE } from "../../src/answer/query-rewriter.ts";
import { parsedRules, textRules } from "../support/core/rewriting.ts";
import { writeQuery } from "../support/wire.ts";

interface Rewritten {
  readonly outcome: number;
  readonly name: string;
  readonly type: number;
}

/** By the index and the filter. */
function rewritten(rules: readonly string[], name: string, type = "A"): Rewritten {
  const rewriter = new QueryRewriter(parsedRules(rules));
  const query = writeQuery({ name, type });
  const may = rewriter.mayRewrite(query, 0, query.length);
  const outcome = rewriter.rewrite(query, 0, query.length);
  if (!may) expect(outcome).toBe(REWRITE.NONE);
  return { outcome, name: rewriter.question.name.toText(), type: rewriter.question.type };
}

/** By a look at every rule. */
function expected(rules: readonly string[], text: string): Rewritten {
  const question = { name: new NameBuffer(), type: 1, class: 1 };
  question.name.setText(text);
  let outcome: number = REWRITE.NONE;
  for (const rule of parsedRules(rules).map(compileRewrite)) {
    if (!rule.matches(question)) continue;
    if (!rule.apply(question)) return { outcome: REWRITE.NOT_A_NAME, name: question.name.toText(), type: 1 };
    outcome = REWRITE.DONE;
    if (rule.isLast) break;
  }
  return { outcome, name: question.name.toText(), type: 1 };
}

describe("rules", () => {
  test("are found as by a look at each of them", () => {
    const names = fc.constantFrom(
      ..."a.b.test. b.test. xa.b.test. a.b.b.test. srv.b.test. alias. a. b. x.a.b.test.".split(" "),
    );
    fc.assert(
      fc.property(fc.array(textRules, { minLength: 1, maxLength: 8 }), names, (rules, name) => {
        expect(rewritten(rules, name)).toEqual(expected(rules, name));
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    [["name a. b."], "A.", "b."],
    [["name . b."], ".", "b."],
    [["name suffix . .b."], "a.", "a.b."],
    [["continue type A TXT", "name a b"], "a.", "b."],
    [["name regex a b", "name aa c"], "aa.", "b."],
    [["name aa c", "name regex a b"], "aa.", "c."],
    [["continue name a b", "continue name b c", "name c d"], "a.", "d."],
    [["continue name c d", "continue name a b"], "a.", "b."],
  ])("%j: %s is %s", (rules, name, to) => {
    expect(rewritten(rules, name)).toMatchObject({ outcome: REWRITE.DONE, name: to });
  });

  test("that share an end, and thousands of them, keep their order", () => {
    const rules = Array.from({ length: 3_000 }, (_, i) => `name suffix .z${i}.example .y${i}.example`);
    const all = [
      ...rules,
      "name x.z5.example first",
      "name x.other.example second",
      "name suffix .other.example .third",
    ];
    expect(rewritten(all, "x.z5.example.").name).toBe("x.y5.example.");
    expect(rewritten(all, "x.z2999.example.").name).toBe("x.y2999.example.");
    expect(rewritten(all, "x.other.example.").name).toBe("second.");
    expect(rewritten(all, "y.other.example.").name).toBe("y.third.");
    expect(rewritten(all, "z5.example.").outcome).toBe(REWRITE.NONE);
  });
});
