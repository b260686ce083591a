// Names outside the cluster: the cluster's own records under a domain of others, and names that nobody has asked for
// before. Pure; the same numbers give the same names on every machine.
import { CLUSTER_DOMAIN } from "./cluster.ts";
import type { Question } from "./cluster.ts";

/** As long as the cluster's, so that messages are. Nobody treats it as special (RFC 6761 6.5: `example` is registered). */
export const FOREIGN_DOMAIN = "bench.example";
/** Of all its records, and of what does not exist in it: longer than a run. */
export const FOREIGN_TTL_SECONDS = 3_600;
/** Nothing exists in it. */
const MISSING_DOMAIN = "random.example";

/** Odd, so that multiplying by it is a bijection of 32 bits (Knuth's multiplicative hashing). */
const SCATTER = 0x9e3779b1;
const CLUSTER_END = `.${CLUSTER_DOMAIN}.`;
const FOREIGN_END = `.${FOREIGN_DOMAIN}.`;

/** The text with every name of the cluster's domain in the foreign one. */
export function toForeign(text: string): string {
  return text.replaceAll(CLUSTER_END, FOREIGN_END);
}

/** The text with every name of the foreign domain in the cluster's. */
export function toCluster(text: string): string {
  return text.replaceAll(FOREIGN_END, CLUSTER_END);
}

/** The same questions about the foreign domain. */
export function foreignQuestions(questions: readonly Question[]): readonly Question[] {
  return questions.map((question) => ({ ...question, name: toForeign(question.name) }));
}

/** Each question once, in the order of their first appearance. */
export function distinctQuestions(questions: readonly Question[]): readonly Question[] {
  return [...new Map(questions.map((question) => [`${question.name} ${question.type}`, question])).values()];
}

/** A question for a name that does not exist: a different one for each whole number below 2^32, without visible order. */
export function missingQuestion(number: number, domain = MISSING_DOMAIN): Question {
  const label = (Math.imul(number, SCATTER) >>> 0).toString(16).padStart(8, "0");
  return { name: `${label}.${domain}.`, type: "A" };
}

/** So many of them from the number `first` on. */
export function missingQuestions(first: number, count: number, domain = MISSING_DOMAIN): readonly Question[] {
  return Array.from({ length: count }, (_, i) => missingQuestion(first + i, domain));
}
