// Bounds how often a thing is told: the first time at once, then at most once in an interval for each kind, with the
// number of times since. Has no timer; the time is an argument.

/** Kinds that are counted apart; all others count as one. */
const KINDS_MAX = 64;
const OTHERS = "others";

export class Repetitions {
  readonly #intervalMs: number;
  readonly #kinds = new Map<string, { toldAtMs: number; untold: number }>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Counts one of this kind; returns how many there are to tell of, 0 for not now. `nowMs` is monotonic. */
  count(kind: string, nowMs: number): number {
    const key = this.#kinds.size < KINDS_MAX || this.#kinds.has(kind) ? kind : OTHERS;
    const entry = this.#kinds.get(key) ?? { toldAtMs: -Infinity, untold: 0 };
    this.#kinds.set(key, entry);
    entry.untold++;
    if (nowMs - entry.toldAtMs < this.#intervalMs) return 0;
    const count = entry.untold;
    entry.toldAtMs = nowMs;
    entry.untold = 0;
    return count;
  }
}
