// Replaces the end of a name by another one, as texts are replaced: `part.example.` ends `xpart.example.` too, and
// `.example.` only what is below. Compiled to wire form, so that a change allocates nothing.
import { LABEL_SIZE_MAX, lowerByte, NAME_SIZE_MAX, parseName } from "../dns/name.ts";
import type { NameBuffer } from "./name-buffer.ts";

/** The end of names, as a text says it. */
export interface NameEnd {
  /** The end of a label; undefined where the text begins with a dot: whole labels end there. */
  readonly open: Uint8Array | undefined;
  /** The labels after it, in wire form. */
  readonly labels: Uint8Array;
}

/** Parses the end of names; undefined: no name ends so. */
export function parseNameEnd(text: string): NameEnd | undefined {
  const wire = parseName(text === "." ? text : text.replace(/^\./, ""));
  if (wire === undefined || text.startsWith(".")) return wire && { open: undefined, labels: wire };
  return { open: wire.subarray(1, 1 + wire[0]!), labels: wire.subarray(1 + wire[0]!) };
}

/** What became of a name. */
export const CHANGE = { NONE: 0, DONE: 1, NOT_A_NAME: 2 } as const;
export type Change = (typeof CHANGE)[keyof typeof CHANGE];

export class SuffixChange {
  readonly #from: NameEnd | undefined;
  readonly #to: NameEnd | undefined;

  constructor(from: string, to: string) {
    this.#from = parseNameEnd(from);
    this.#to = parseNameEnd(to);
  }

  /** Changes a name that ends in `from`; one that would be no name afterwards stays as it is. */
  apply(name: NameBuffer): Change {
    if (this.#from === undefined) return CHANGE.NONE;
    const { open, labels } = this.#from;
    const at = name.findTail(labels);
    if (at <= 0) return CHANGE.NONE;
    let label = 0;
    while (label + 1 + name.bytes[label]! < at) label += 1 + name.bytes[label]!;
    if (open !== undefined && !labelEndsIn(name.bytes, label, open)) return CHANGE.NONE;
    const kept = name.bytes[label]! - (open?.length ?? 0);
    return this.#to !== undefined && replaceEnd(name, label, kept, this.#to) ? CHANGE.DONE : CHANGE.NOT_A_NAME;
  }
}

/** Whether the label at `at` ends in these bytes, in any letter case. */
export function labelEndsIn(bytes: Uint8Array, at: number, end: Uint8Array): boolean {
  const from = at + 1 + bytes[at]! - end.length;
  if (from <= at) return false;
  for (let i = 0; i < end.length; i++) if (lowerByte(bytes[from + i]!) !== lowerByte(end[i]!)) return false;
  return true;
}

/** Replaces what is behind `kept` bytes of the label at `at`; false: the result would be no name. */
function replaceEnd(name: NameBuffer, at: number, kept: number, { open, labels }: NameEnd): boolean {
  const openSize = open?.length ?? 0;
  const length = kept + openSize;
  if ((open === undefined && kept === 0) || length > LABEL_SIZE_MAX) return false;
  if (at + 1 + length + labels.length > NAME_SIZE_MAX) return false;
  name.bytes[at] = length;
  for (let i = 0; i < openSize; i++) name.bytes[at + 1 + kept + i] = open![i]!;
  return name.replaceTail(at + 1 + length, labels);
}
