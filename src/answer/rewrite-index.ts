// Finds the first rewrite rule for a whole name or the end of names, among any number: one look-up for each label, and
// mostly none, as few sizes of ends occur. Flat arrays; allocates nothing after construction.
import { parseName } from "../dns/name.ts";
import type { NameMatch } from "../dns/rewrite-rule.ts";
import { hashBytes } from "../std/hash.ts";
import type { NameBuffer } from "./name-buffer.ts";
import { labelEndsIn, parseNameEnd } from "./suffix-change.ts";

/** More than any index of a rule. */
export const NO_RULE = 0x3fffffff;

/** A rule whose name ends in the labels of its key. */
interface IndexedRule {
  readonly index: number;
  readonly isExact: boolean;
  /** As in `NameEnd`. */
  readonly open: Uint8Array | undefined;
}

/** The rules for names that end in `labels`, in their order. */
interface IndexedEnd {
  readonly labels: Uint8Array;
  readonly hash: number;
  readonly rules: IndexedRule[];
}

export class RewriteIndex {
  /** Open addressing, at most half full. */
  readonly #slots: readonly (IndexedEnd | undefined)[];
  /** Whether an end of this size is in the index. */
  readonly #sizes = new Uint8Array(256);

  /** `matches` by index of their rule; undefined: a rule that is not for exact names or suffixes. */
  constructor(matches: readonly (NameMatch | undefined)[]) {
    const ends = new Map<string, IndexedEnd>();
    for (const [index, match] of matches.entries()) {
      if (match?.kind !== "exact" && match?.kind !== "suffix") continue;
      const isExact = match.kind === "exact";
      const whole = isExact ? parseName(match.from) : undefined;
      const end = isExact ? whole && { open: undefined, labels: whole } : parseNameEnd(match.from);
      // No name is or ends so.
      if (end === undefined) continue;
      const key = end.labels.join();
      const hash = hashBytes(end.labels, 0, end.labels.length, 0, 0);
      const known = ends.get(key) ?? { labels: end.labels, hash, rules: [] };
      known.rules.push({ index, isExact, open: end.open });
      ends.set(key, known);
      this.#sizes[end.labels.length] = 1;
    }
    this.#slots = fillSlots([...ends.values()]);
  }

  /** The first rule from `from` on for a name in lower case; `NO_RULE`: none. */
  find(name: NameBuffer, from: number): number {
    const { bytes, size } = name;
    let first = NO_RULE;
    for (let at = 0, label = -1; at < size; label = at, at += 1 + bytes[at]!) {
      if (this.#sizes[size - at] === 0) continue;
      const end = this.#lookUp(name, at);
      if (end === undefined) continue;
      for (let i = 0; i < end.rules.length; i++) {
        const rule = end.rules[i]!;
        if (rule.index >= first) break;
        if (rule.index >= from && fits(rule, bytes, label)) first = rule.index;
      }
    }
    return first;
  }

  #lookUp(name: NameBuffer, at: number): IndexedEnd | undefined {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = hashBytes(name.bytes, at, name.size, 0, 0);
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const end = slots[i];
      if (end === undefined) return undefined;
      if (end.hash === hash && end.labels.length === name.size - at && name.endsIn(end.labels, at)) return end;
    }
  }
}

/** Whether the rule is for a name whose label before the rule's end is at `label`; -1: the name is that end. */
function fits({ isExact, open }: IndexedRule, bytes: Uint8Array, label: number): boolean {
  if (isExact) return label === -1;
  return label !== -1 && (open === undefined || labelEndsIn(bytes, label, open));
}

function fillSlots(ends: readonly IndexedEnd[]): readonly (IndexedEnd | undefined)[] {
  const count = 2 ** Math.ceil(Math.log2(2 * ends.length + 1));
  const slots = Array.from({ length: count }, (): IndexedEnd | undefined => undefined);
  for (const end of ends) {
    let i = end.hash & (count - 1);
    while (slots[i] !== undefined) i = (i + 1) & (count - 1);
    slots[i] = end;
  }
  return slots;
}
