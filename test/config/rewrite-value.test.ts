// Rewrite rules in CoreDNS's words: what each form means, and what is wrong with others.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRewriteRule } from "../../src/config/rewrite-value.ts";

const PLAIN = { field: "name", mode: "stop", isAnswerAuto: false, answers: [] } as const;

describe("a rule", () => {
  test.each<[rule: string, value: object]>([
    [
      "name A.example b.svc.cluster.local.",
      { ...PLAIN, match: { kind: "exact", from: "a.example." }, to: "b.svc.cluster.local.", isAnswerAuto: true },
    ],
    [
      "name exact a.example b.example answer value c\\.example d.example",
      {
        ...PLAIN,
        match: { kind: "exact", from: "a.example." },
        to: "b.example.",
        isAnswerAuto: true,
        answers: [{ part: "value", from: /c\.example/, to: "d.example." }],
      },
    ],
    ["name prefix Old- new-", { ...PLAIN, match: { kind: "prefix", from: "old-." }, to: "new-." }],
    ["stop name substring a b", { ...PLAIN, match: { kind: "substring", from: "a." }, to: "b." }],
    [
      "continue name suffix .a.example .b.example answer auto",
      {
        ...PLAIN,
        mode: "continue",
        match: { kind: "suffix", from: ".a.example." },
        to: ".b.example.",
        isAnswerAuto: true,
      },
    ],
    [
      "name suffix .arpa .arpa answer name auto answer value (.*)\\.consul\\. {1}.example.",
      {
        ...PLAIN,
        match: { kind: "suffix", from: ".arpa." },
        to: ".arpa.",
        isAnswerAuto: true,
        answers: [{ part: "value", from: /(.*)\.consul\./, to: "{1}.example." }],
      },
    ],
    [
      "name regex (.*)-(us)\\.example {1}.svc.{2}.consul answer name (.*)\\.svc\\.(us)\\.consul {1}-{2}.example value x y",
      {
        ...PLAIN,
        match: { kind: "regex", from: /(.*)-(us)\.example/ },
        to: "{1}.svc.{2}.consul.",
        answers: [
          { part: "name", from: /(.*)\.svc\.(us)\.consul/, to: "{1}-{2}.example." },
          { part: "value", from: /x/, to: "y." },
        ],
      },
    ],
    ['name regex "a b" c', { ...PLAIN, match: { kind: "regex", from: /a b/ }, to: "c." }],
    ["type ANY HINFO", { field: "type", mode: "stop", from: 255, to: 13 }],
    ["continue type aaaa TYPE1", { field: "type", mode: "continue", from: 28, to: 1 }],
    ["class CH IN", { field: "class", mode: "stop", from: 3, to: 1 }],
  ])("%s", (rule, value) => {
    expect(parseRewriteRule(rule)).toEqual({ value });
  });

  test.each<[rule: string, fault: string]>([
    ["", "does not rewrite name, type, class"],
    ["nmae a b", "did you mean name?"],
    ["ttl example.org 30", "does not rewrite"],
    ["edns0 local set 0xffee 1", "does not rewrite"],
    ["name a", "has no kind of match: exact, prefix, suffix, substring, regex"],
    ["name sufix a b", "did you mean suffix?"],
    ['name prefix "" b', "is not name KIND FROM TO"],
    ["name exact a b auto", 'has "auto" in place of answer'],
    ["name suffix a b answer", "has an answer that is not auto"],
    ["name suffix a b answer name", "has a pattern without a name"],
    ["name suffix a b answer auto answer name c d", "exclude each other"],
    ["name regex ( b", 'has "(", which is not a regular expression'],
    ["name regex (a) {1}.{2}", "uses {2}, a group that its pattern does not have"],
    ["name regex (?i)a b", "has a pattern with (?i"],
    ["name regex (?P<x>a) b", "has a pattern with (?P"],
    ["name regex [[:alpha:]] b", "has a pattern with [[:"],
    ["name regex (a+)+ b", "a repetition of a repetition"],
    ["name regex ((a*)b*)* b", "a repetition of a repetition"],
    ["type ANY", "is not type FROM TO"],
    ["type ANY NOTATYPE", 'has "NOTATYPE", which is not a type'],
    ["class XX IN", 'has "XX", which is not a class'],
    ['name "a b', "has an open quote"],
    [`name ${"a".repeat(2_000)} b`, "is longer than 2000 characters"],
  ])("%s is refused", (rule, fault) => {
    expect(parseRewriteRule(rule)).toEqual({ fault: expect.stringContaining(fault) as string });
  });

  test("of any text is a value or a fault", () => {
    const words = fc.constantFrom(
      ...'name type class continue stop regex suffix answer auto value a {1} (a) " ['.split(" "),
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(words).map((some) => some.join(" ")),
    );
    fc.assert(
      fc.property(text, (rule) => {
        const parsed = parseRewriteRule(rule);
        expect("fault" in parsed || "value" in parsed).toBe(true);
      }),
    );
  });
});
