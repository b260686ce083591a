// Logs faults of this program that may come with every packet: the first at once, then at most one line a second for
// each kind, which says how many there were since the last. Takes the time as an argument: it keeps no timer.
import type { Logger } from "./log.ts";

const INTERVAL_MS = 1_000;
/** Kinds of fault told apart by their text; what comes beyond them counts as one kind. */
const KINDS_MAX = 64;

export class FaultLog {
  readonly #log: Logger;
  readonly #kinds = new Map<string, { toldAtMs: number; untold: number }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `nowMs` is monotonic. */
  report(fault: Error, nowMs: number): void {
    const text = this.#kinds.size < KINDS_MAX || this.#kinds.has(fault.message) ? fault.message : "other faults";
    const kind = this.#kinds.get(text) ?? { toldAtMs: -Infinity, untold: 0 };
    this.#kinds.set(text, kind);
    kind.untold++;
    if (nowMs - kind.toldAtMs < INTERVAL_MS) return;
    this.#log.error({ err: fault, count: kind.untold }, "transport fault");
    kind.toldAtMs = nowMs;
    kind.untold = 0;
  }
}
