// Rules that rewrite questions and change names in their answers back, as plain data. Types only.
// config/rewrite-value.ts has their text form, answer/query-rewriter.ts applies them.

/** After a rule that applies: the next rules, or none. */
export type RewriteMode = "continue" | "stop";

/** How names of answers are changed; `to` may have groups of the pattern as `{1}`. */
export interface RewritePattern {
  readonly from: RegExp;
  readonly to: string;
}

/** A change of owner names, or of names in CNAME, DNAME, SOA, SRV, MX, NAPTR, NS and PTR records. */
export interface AnswerRewrite extends RewritePattern {
  readonly part: "name" | "value";
}

/** What a name is compared with. Texts are lower case and end in a dot, as the names that they are compared with. */
export type NameMatch =
  | { readonly kind: "exact" | "prefix" | "suffix" | "substring"; readonly from: string }
  | { readonly kind: "regex"; readonly from: RegExp };

/** Rewrites the name of a question. */
export interface NameRewrite {
  readonly field: "name";
  readonly mode: RewriteMode;
  readonly match: NameMatch;
  readonly to: string;
  /** Whether the rewritten name is changed back in all answers; always for `exact`. */
  readonly isAnswerAuto: boolean;
  readonly answers: readonly AnswerRewrite[];
}

/** Rewrites the type or class of a question. */
export interface CodeRewrite {
  readonly field: "type" | "class";
  readonly mode: RewriteMode;
  readonly from: number;
  readonly to: number;
}

export type RewriteRule = NameRewrite | CodeRewrite;
