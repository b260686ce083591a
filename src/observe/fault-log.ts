// Logs faults that every packet may cause: the first one at once, then at most one line per second and kind, with the
// number of faults since the last line. Has no timer; the time is an argument.
import type { Logger } from "./log.ts";
import { Repetitions } from "./repetitions.ts";

const INTERVAL_MS = 1_000;

/** A rate-limited log of faults. */
export class FaultLog {
  /** All faults since the start. */
  total = 0;
  readonly #log: Logger;
  readonly #repetitions = new Repetitions(INTERVAL_MS);

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Counts `fault` and logs it unless its kind was logged within the last second; `nowMs` is monotonic. */
  report(fault: Error, nowMs: number): void {
    this.total++;
    const count = this.#repetitions.count(fault.message, nowMs);
    if (count > 0) this.#log.error({ err: fault, count }, "transport fault");
  }
}
