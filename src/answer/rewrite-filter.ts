// Tells in a few loads of a query's bytes that no rule for exact names or suffixes is for its name. It looks at four
// bytes at the first label for exact names, and at each label for suffixes. Allocates nothing after construction.
import { parseName } from "../dns/name.ts";
import type { RewriteRule } from "../dns/rewrite-rule.ts";
import { parseNameEnd } from "./suffix-change.ts";

/** Bits of the filter's bytes: the labels of a whole name, of the end of a name. */
const WHOLE = 1;
const END = 2;

const SIZE_BITS = 12;

export class RewriteFilter {
  readonly #filter = new Uint8Array(1 << SIZE_BITS);
  /** A rule may be for any name. */
  #isOpen = false;
  #looksFurther = false;

  constructor(rules: readonly RewriteRule[]) {
    for (const rule of rules) {
      const match = rule.field === "name" ? rule.match : undefined;
      if (match?.kind === "exact") this.#add(parseName(match.from), WHOLE);
      else if (match?.kind === "suffix") this.#add(parseNameEnd(match.from)?.labels, END);
      else this.#isOpen = true;
      if (match?.kind !== "exact" || match.from === ".") this.#looksFurther = true;
    }
  }

  /** False: no rule is for the question of the query whose name begins at `bytes[start]` and that ends at `end`. */
  mayMatch(bytes: Uint8Array, start: number, end: number): boolean {
    const filter = this.#filter;
    if ((filter[labelKey(bytes, start, end)]! & WHOLE) !== 0) return true;
    if (!this.#looksFurther) return false;
    if (this.#isOpen) return true;
    for (let at = start; at < end && bytes[at] !== 0; at += 1 + bytes[at]!) {
      if ((filter[labelKey(bytes, at, end)]! & END) !== 0) return true;
    }
    return false;
  }

  #add(labels: Uint8Array | undefined, bit: number): void {
    if (labels === undefined) return;
    // The root has nothing to tell it by.
    if (labels.length === 1) this.#isOpen = true;

    this.#filter[labelKey(labels, 0, labels.length)]! |= bit;
  }
}

/** A number for the label at `at`, in any letter case: its length, its first and last byte, and the next length. */
function labelKey(bytes: Uint8Array, at: number, end: number): number {
  const length = at < end ? bytes[at]! : 0;
  const next = at + 1 + length;
  if (length === 0 || next >= end) return 0;
  const key = length | ((bytes[at + 1]! | 0x20) << 8) | ((bytes[next - 1]! | 0x20) << 16) | (bytes[next]! << 24);
  return Math.imul(key, 0x9e3779b1) >>> (32 - SIZE_BITS);
}
