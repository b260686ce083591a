// Limits how much asynchronous work is under way: the rest waits for its turn, first come, first served.
// Knows nothing of the work.

export class Turns {
  readonly #max: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** At most `max` at a time. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Runs `work` in its turn; resolves or rejects as it does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#max) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
