// Applies rewrite rules to a question in their order, as CoreDNS does, and remembers which ones applied, so that the
// names of the answer can be changed back. Knows no replies. A query that no rule is for allocates nothing.
import { FLAG, HEADER_SIZE, OPT_SIZE, TYPE } from "../dns/constants.ts";
import { nameEnd } from "../dns/name.ts";
import type { RewriteRule } from "../dns/rewrite-rule.ts";
import { compileRewrite } from "./compiled-rewrite.ts";
import type { CompiledRewrite } from "./compiled-rewrite.ts";
import { NameBuffer } from "./name-buffer.ts";
import { RewriteFilter } from "./rewrite-filter.ts";
import { NO_RULE, RewriteIndex } from "./rewrite-index.ts";

/** What became of a query. */
export const REWRITE = { NONE: 0, DONE: 1, NOT_A_NAME: 2 } as const;
export type Rewrite = (typeof REWRITE)[keyof typeof REWRITE];

/** A rule that applied, and the question's name before and after. */
interface Step {
  rule: CompiledRewrite;
  readonly before: NameBuffer;
  readonly after: NameBuffer;
}

export class QueryRewriter {
  /** The rewritten question. */
  readonly question = { name: new NameBuffer(), type: 0, class: 0 };
  /** Where the question of the query ends, from the query's first byte. */
  questionEnd = 0;
  readonly #rules: readonly CompiledRewrite[];
  readonly #index: RewriteIndex;
  /** The rules that the index does not find. */
  readonly #others: readonly number[];
  readonly #filter: RewriteFilter;
  readonly #steps: readonly Step[];
  #stepCount = 0;

  constructor(rules: readonly RewriteRule[]) {
    this.#rules = rules.map(compileRewrite);
    this.#index = new RewriteIndex(rules.map((rule) => (rule.field === "name" ? rule.match : undefined)));
    this.#others = this.#rules.flatMap(({ isIndexed }, i) => (isIndexed ? [] : [i]));
    this.#filter = new RewriteFilter(rules);
    // All rules that go on may apply, and one that ends it.
    this.#steps = Array.from({ length: 1 + this.#rules.filter(({ isLast }) => !isLast).length }, () => ({
      rule: this.#rules[0]!,
      before: new NameBuffer(),
      after: new NameBuffer(),
    }));
  }

  /** False: `rewrite` gives `NONE`. Takes a few nanoseconds. */
  mayRewrite(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#filter.mayMatch(bytes, start + HEADER_SIZE, end);
  }

  /** Rewrites the question of the query in `bytes[start, end)`. Of `NONE`, no field means anything. */
  rewrite(bytes: Uint8Array, start: number, end: number): Rewrite {
    if (!this.#read(bytes, start, end)) return REWRITE.NONE;
    this.#stepCount = 0;
    for (let i = this.#find(0); i !== NO_RULE; i = this.#find(i + 1)) {
      const rule = this.#rules[i]!;
      const step = this.#steps[this.#stepCount++]!;
      const { name } = this.question;
      step.rule = rule;
      step.before.set(name.bytes, name.size);
      if (!rule.apply(this.question)) return REWRITE.NOT_A_NAME;
      name.fold();
      step.after.set(name.bytes, name.size);
      if (rule.isLast) break;
    }
    return this.#stepCount === 0 ? REWRITE.NONE : REWRITE.DONE;
  }

  /** Changes an owner name, or a name in a record, back: the last rule first, and of each its last change first. */
  restore(name: NameBuffer, part: "name" | "value"): void {
    for (let i = this.#stepCount - 1; i >= 0; i--) {
      const { rule, before, after } = this.#steps[i]!;
      for (let j = rule.answers.length - 1; j >= 0; j--) {
        const answer = rule.answers[j]!;
        if (answer.part === part || answer.part === "both") answer.change(name);
      }
      if (!rule.isReversed) continue;
      const at = name.findTail(after.bytes, after.size);
      if (at !== -1) name.replaceTail(at, before.bytes, before.size);
    }
  }

  /** The first rule from `from` on for the question, or `NO_RULE`. */
  #find(from: number): number {
    const indexed = this.#index.find(this.question.name, from);
    for (let i = 0; i < this.#others.length; i++) {
      const other = this.#others[i]!;
      if (other > indexed) break;
      if (other >= from && this.#rules[other]!.matches(this.question)) return other;
    }
    return indexed;
  }

  /** Reads a question; false: it is not a query with one question and at most an OPT record beside it. */
  #read(bytes: Uint8Array, start: number, end: number): boolean {
    const { question } = this;
    if (end - start < HEADER_SIZE || (bytes[start + 2]! & (FLAG.QR | FLAG.OPCODE)) !== 0) return false;
    if (bytes[start + 4] !== 0 || bytes[start + 5] !== 1 || bytes[start + 10] !== 0 || bytes[start + 11]! > 1)
      return false;
    if ((bytes[start + 6]! | bytes[start + 7]! | bytes[start + 8]! | bytes[start + 9]!) !== 0) return false;
    const at = nameEnd(bytes, start + HEADER_SIZE);
    if (at === undefined || at + 4 > end || !question.name.read(bytes, start, end, start + HEADER_SIZE)) return false;
    question.name.fold();
    question.type = (bytes[at]! << 8) | bytes[at + 1]!;
    question.class = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    this.questionEnd = at + 4 - start;
    return bytes[start + 11] === 0 || isOptAt(bytes, at + 4, end);
  }
}

function isOptAt(bytes: Uint8Array, at: number, end: number): boolean {
  return at + OPT_SIZE <= end && bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === TYPE.OPT;
}
