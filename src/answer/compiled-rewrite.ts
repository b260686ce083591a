// A rewrite rule, compiled: whether it applies to a question, what it makes of it, and how it changes names of the
// answer. Exact names, suffixes, types and classes allocate nothing; other rules handle names as text.
import { parseName } from "../dns/name.ts";
import type { CodeRewrite, NameMatch, NameRewrite, RewritePattern, RewriteRule } from "../dns/rewrite-rule.ts";
import type { NameBuffer } from "./name-buffer.ts";
import { CHANGE, SuffixChange } from "./suffix-change.ts";

/** A question that is rewritten: its name in lower case. */
export interface RewrittenQuestion {
  readonly name: NameBuffer;
  type: number;
  class: number;
}

/** A change of names in answers: of owner names, of names in records, or of both. A name that does not match stays. */
export interface AnswerChange {
  readonly part: "name" | "value" | "both";
  change(name: NameBuffer): void;
}

export interface CompiledRewrite {
  /** Whether no further rule is looked at. */
  readonly isLast: boolean;
  /** Whether exact names and suffixes are all that it matches: then `RewriteIndex` finds it. */
  readonly isIndexed: boolean;
  /** Whether the rewritten name is changed back to the one before it, in all names that end in it. */
  readonly isReversed: boolean;
  readonly answers: readonly AnswerChange[];
  matches(question: RewrittenQuestion): boolean;
  /** Changes a question that matches; false: the name would be no name. */
  apply(question: RewrittenQuestion): boolean;
}

export function compileRewrite(rule: RewriteRule): CompiledRewrite {
  return rule.field === "name" ? compileNameRewrite(rule) : compileCodeRewrite(rule);
}

function compileCodeRewrite({ field, mode, from, to }: CodeRewrite): CompiledRewrite {
  return {
    isLast: mode === "stop",
    isIndexed: false,
    isReversed: false,
    answers: [],
    matches: (question) => question[field] === from,
    apply: (question) => {
      question[field] = to;
      return true;
    },
  };
}

function compileNameRewrite({ mode, match, to, isAnswerAuto, answers }: NameRewrite): CompiledRewrite {
  const explicit = answers.map(({ part, ...pattern }) => ({
    part,
    change: (name: NameBuffer): void => void changePattern(name, pattern),
  }));
  const isSuffix = match.kind === "suffix";
  // Suffixes change places, also in names that have nothing to do with the question.
  const auto = isSuffix && isAnswerAuto ? [reverseSuffix(match.from, to)] : [];
  return {
    isLast: mode === "stop",
    isIndexed: isSuffix || match.kind === "exact",
    isReversed: isAnswerAuto && !isSuffix,
    answers: [...auto, ...explicit],
    ...compileMatch(match, to),
  };
}

function reverseSuffix(from: string, to: string): AnswerChange {
  const suffix = new SuffixChange(to, from);
  return { part: "both", change: (name) => void suffix.apply(name) };
}

function compileMatch(match: NameMatch, to: string): Pick<CompiledRewrite, "matches" | "apply"> {
  if (match.kind === "exact") {
    const wire = parseName(to);
    const from = parseName(match.from);
    return {
      matches: ({ name }) => from !== undefined && name.findTail(from) === 0,
      apply: ({ name }) => wire !== undefined && name.replaceTail(0, wire),
    };
  }
  if (match.kind === "suffix") {
    const suffix = new SuffixChange(match.from, to);
    return {
      // The root is no name that a suffix is for.
      matches: ({ name }) => name.size > 1 && name.toText().endsWith(match.from),
      apply: ({ name }) => suffix.apply(name) === CHANGE.DONE,
    };
  }
  if (match.kind === "regex") {
    const pattern = { from: match.from, to };
    return {
      matches: ({ name }) => match.from.test(name.toText()),
      apply: ({ name }) => changePattern(name, pattern),
    };
  }
  const { kind, from } = match;
  const isPrefix = kind === "prefix";
  return {
    matches: ({ name }) => (isPrefix ? name.toText().startsWith(from) : name.toText().includes(from)),
    apply: ({ name }) => {
      const text = name.toText();
      return name.setText(isPrefix ? to + text.slice(from.length) : text.replaceAll(from, () => to));
    },
  };
}

/** Changes a name that matches; false: it does not, or the result is no name. */
function changePattern(name: NameBuffer, { from, to }: RewritePattern): boolean {
  const groups = from.exec(name.toText());
  if (groups === null) return false;
  return name.setText(to.replace(/\{(\d{1,3})\}/g, (_, group: string) => groups[Number(group)] ?? ""));
}
