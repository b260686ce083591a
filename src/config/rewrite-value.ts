// The grammar of rewrite rules, which are written in CoreDNS's words: what of a query is rewritten, which queries, to
// what, and how their answers are changed back. Pure: text to a value, or what is wrong with it.
import type { AnswerRewrite, RewriteMode, RewritePattern, RewriteRule } from "../dns/rewrite-rule.ts";
import { parseType } from "../dns/type-names.ts";
import { didYouMean } from "../std/nearest.ts";
import type { Parsed } from "./option-values.ts";

const KINDS = ["exact", "prefix", "suffix", "substring", "regex"] as const;
const FIELDS = ["name", "type", "class"];
const CLASSES: Readonly<Record<string, number>> = { IN: 1, CH: 3, HS: 4, ANY: 255 };
const RULE_LENGTH_MAX = 2_000;
const NAME = /^[^\s]{1,254}$/;

/** `[continue|stop] name [KIND] FROM TO [answer …]`, `[continue|stop] type FROM TO` or `… class FROM TO`. */
export function parseRewriteRule(text: string): Parsed<RewriteRule> {
  const words = text.length > RULE_LENGTH_MAX ? undefined : splitWords(text);
  if (words === undefined) return { fault: `is longer than ${RULE_LENGTH_MAX} characters, or has an open quote` };
  const hasMode = /^(?:continue|stop)$/i.test(words[0] ?? "");
  const mode = hasMode && words[0]!.toLowerCase() === "continue" ? "continue" : "stop";
  const [field = "", ...rest] = hasMode ? words.slice(1) : words;
  const known = field.toLowerCase();
  if (known === "name") return parseNameRewrite(mode, rest);
  if (known === "type" || known === "class") return parseCodeRewrite(known, mode, rest);
  return {
    fault: `does not rewrite ${FIELDS.join(", ")}, which is all that rules rewrite${didYouMean(field, FIELDS)}`,
  };
}

function parseCodeRewrite(field: "type" | "class", mode: RewriteMode, words: readonly string[]): Parsed<RewriteRule> {
  const codeOf = (text: string): number | undefined =>
    field === "type" ? parseType(text) : CLASSES[text.toUpperCase()];
  const [from, to] = words.map(codeOf);
  if (words.length !== 2) return { fault: `is not ${field} FROM TO` };
  if (from !== undefined && to !== undefined) return { value: { field, mode, from, to } };
  return { fault: `has ${JSON.stringify(words[from === undefined ? 0 : 1])}, which is not a ${field}` };
}

function parseNameRewrite(mode: RewriteMode, words: readonly string[]): Parsed<RewriteRule> {
  const [kindOrFrom = "", ...others] = words;
  // A name alone is `exact`; with answers, CoreDNS needs the kind.
  const isShort = words.length === 2;
  const kind = isShort ? "exact" : KINDS.find((each) => each === kindOrFrom.toLowerCase());
  if (kind === undefined) return { fault: `has no kind of match: ${KINDS.join(", ")}${didYouMean(kindOrFrom, KINDS)}` };
  const [from = "", to = "", ...answerWords] = isShort ? words : others;
  if (!NAME.test(to) || (kind !== "regex" && !NAME.test(from))) return { fault: "is not name KIND FROM TO" };
  const answers = parseAnswers(answerWords);
  if ("fault" in answers) return answers;
  const { isAuto, changes } = answers.value;
  const rest = { field: "name", mode, isAnswerAuto: isAuto || kind === "exact", answers: changes } as const;
  if (kind !== "regex") {
    return { value: { ...rest, match: { kind, from: withDot(from) }, to: withDot(to) } };
  }
  const pattern = parsePattern(from, to);
  if ("fault" in pattern) return pattern;
  return { value: { ...rest, match: { kind, from: pattern.value.from }, to: pattern.value.to } };
}

type Answers = { readonly isAuto: boolean; readonly changes: readonly AnswerRewrite[] };

/** `answer auto`, `answer name FROM TO`, `answer value FROM TO`, one or several; `answer` again is optional. */
function parseAnswers(words: readonly string[]): Parsed<Answers> {
  if (words.length > 0 && words[0] !== "answer") return { fault: `has ${JSON.stringify(words[0])} in place of answer` };
  const changes: AnswerRewrite[] = [];
  let isAuto = false;
  for (let i = 0; i < words.length; i++) {
    const part = words[i] === "answer" ? words[++i] : words[i];
    // `answer name auto` is `answer auto`.
    const isNameAuto = part === "name" && words[i + 1] === "auto";
    if (part === "auto" || isNameAuto) {
      isAuto = true;
      if (isNameAuto) i++;
    } else if (part === "name" || part === "value") {
      const pattern = parsePattern(words[++i] ?? "", words[++i] ?? "");
      if ("fault" in pattern) return pattern;
      changes.push({ part, ...pattern.value });
    } else {
      return { fault: "has an answer that is not auto, name FROM TO or value FROM TO" };
    }
  }
  if (isAuto && changes.some(({ part }) => part === "name"))
    return { fault: "has answer auto and answer name, which exclude each other" };
  return { value: { isAuto, changes } };
}

function parsePattern(from: string, to: string): Parsed<RewritePattern> {
  if (from === "" || !NAME.test(to)) return { fault: "has a pattern without a name to rewrite to" };
  // RE2 knows these, and RegExp reads them otherwise or not at all.
  const foreign = /\[\[:|\(\?[PiUms]|\\[AzQEpP]/.exec(from)?.[0];
  if (foreign !== undefined) return { fault: `has a pattern with ${foreign}, which is not possible here` };
  if (/[*+}]\)*\)[*+{]/.test(from))
    return { fault: "has a pattern with a repetition of a repetition, which can take for ever" };
  try {
    const pattern = new RegExp(from);
    const groups = new RegExp(`${from}|`).exec("")!.length - 1;
    const missing = [...to.matchAll(/\{(\d+)\}/g)].find(([, group]) => Number(group) > groups);
    if (missing !== undefined) return { fault: `uses ${missing[0]}, a group that its pattern does not have` };
    return { value: { from: pattern, to: withDot(to) } };
  } catch {
    return { fault: `has ${JSON.stringify(from)}, which is not a regular expression` };
  }
}

/** In lower case, with a final dot: CoreDNS adds one to all names, also to the beginning or the middle of a name. */
function withDot(text: string): string {
  return text.toLowerCase().replace(/\.?$/, ".");
}

/** Words between spaces; one in quotes may have spaces, and quotes as `\"`. Undefined: a quote is open. */
function splitWords(text: string): string[] | undefined {
  const words = [...text.matchAll(/"((?:\\"|[^"])*)"(?!\S)|(\S+)/g)];
  if (words.some(([, , plain]) => plain?.startsWith('"') === true)) return undefined;
  return words.map(([, quoted, plain]) => plain ?? quoted!.replaceAll('\\"', '"'));
}
