// A zone `b.test` with a name of each kind that rewriting meets, an answerer for it with rules, and random rules.
import fc from "fast-check";
import { parseRewriteRule } from "../../../src/config/rewrite-value.ts";
import type { AnswerSettings } from "../../../src/answer/answer-settings.ts";
import { QueryAnswerer } from "../../../src/answer/query-answerer.ts";
import { RewritingAnswerer } from "../../../src/answer/rewriting-answerer.ts";
import type { RewriteRule } from "../../../src/dns/rewrite-rule.ts";
import { smallZone, StaticCluster } from "./static-zone.ts";

const ZONE = smallZone(
  "b.test",
  "ns A 10.0.0.53",
  "a A 10.0.0.1",
  "a AAAA fd00::1",
  "alias CNAME a",
  "sub.a A 10.0.0.3",
  "mx MX 10 a",
  "srv SRV 0 1 80 a",
  "srv SRV 0 1 81 sub.a",
  'naptr NAPTR 1 2 "u" "s" "" a',
  "xa A 10.0.0.4",
  "aa.aa A 10.0.0.5",
  "d DNAME a",
  ...[1, 2, 3, 4].flatMap((i) => [`cut NS ns${i}.cut`, `ns${i}.cut A 10.2.0.${i}`]),
  ...[1, 2, 3, 4].flatMap((i) => [`srvs SRV 0 1 80 t${i}`, `t${i} A 10.3.0.${i}`]),
  ...Array.from({ length: 40 }, (_, i) => `many A 10.1.0.${i}`),
);

/** The rules of these texts; throws where one is none. */
export function parsedRules(rules: readonly string[]): readonly RewriteRule[] {
  return rules.map((rule) => {
    const result = parseRewriteRule(rule);
    if ("fault" in result) throw new Error(`${rule} ${result.fault}`);
    return result.value;
  });
}

const CLUSTER = new StaticCluster();
CLUSTER.serve({ zones: [ZONE] });

/** Answers for the zone without rules. */
export function plainAnswerer(settings: Partial<AnswerSettings> = {}): QueryAnswerer {
  return new QueryAnswerer(CLUSTER.reader, { ednsSize: 1232, recursion: false, ...settings }, 1);
}

/** Answers for the zone with these rules. */
export function rewritingAnswerer(rules: readonly string[], settings: Partial<AnswerSettings> = {}): RewritingAnswerer {
  const inner = plainAnswerer(settings);
  return new RewritingAnswerer({ ednsSize: 1232, rewriteRules: parsedRules(rules) }, inner, inner);
}

const pick = (words: string): fc.Arbitrary<string> => fc.constantFrom(...words.split(" "));

/** Rules for the names of the zone and others. */
export const textRules = fc
  .tuple(
    pick("continue stop"),
    fc.oneof(
      fc.tuple(
        pick("exact suffix prefix substring"),
        pick("a.b.test b.test .b.test test alias a b. srv ."),
        pick("a.b.test .b.test b.test srv.b.test many.b.test . x. ..b"),
      ),
      fc.tuple(
        fc.constant("regex"),
        pick("^(a) (.*)\\.b\\.test ([a-z]+) (.*)$"),
        pick("{1}.b.test {1}.{1} srv.b.test {1}"),
      ),
    ),
    fc.constantFrom("", " answer value (.*)\\.test {1}.v", " answer name (.*) {1}{1} value b {0}"),
  )
  .map(([mode, words, answers]) => `${mode} name ${words.join(" ")}${answers}`);
