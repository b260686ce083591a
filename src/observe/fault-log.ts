// Logs faults that every packet may cause: the first one at once, then at most one line per second and kind, with the
// number of faults since the last line. Has no timer; the time is an argument.
import type { Logger } from "./log.ts";

const INTERVAL_MS = 1_000;
/** Kinds of fault, by message, that are counted apart; all others count as one kind. */
const KINDS_MAX = 64;

/** A rate-limited log of faults. */
export class FaultLog {
  readonly #log: Logger;
  readonly #kinds = new Map<string, { loggedAtMs: number; unlogged: number }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Counts `fault` and logs it unless its kind was logged within the last second; `nowMs` is monotonic. */
  report(fault: Error, nowMs: number): void {
    const text = this.#kinds.size < KINDS_MAX || this.#kinds.has(fault.message) ? fault.message : "other faults";
    const kind = this.#kinds.get(text) ?? { loggedAtMs: -Infinity, unlogged: 0 };
    this.#kinds.set(text, kind);
    kind.unlogged++;
    if (nowMs - kind.loggedAtMs < INTERVAL_MS) return;
    this.#log.error({ err: fault, count: kind.unlogged }, "transport fault");
    kind.loggedAtMs = nowMs;
    kind.unlogged = 0;
  }
}
