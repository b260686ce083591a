// The time, as the answers need it: coarse, in shared memory, so that to ask for it costs a thread one load. The main
// thread winds it; nobody else writes. Knows no timers.

/** How often the clock is to be wound, milliseconds: what is read may be older by so much, and a little. */
export const TICK_MS = 100;

const WALL_SECONDS = 0;
const UP_MS = 1;

export class Clock {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** `memory`: another thread's `Clock.memory`; its own when absent. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Seconds since 1970, modulo 2^32, as a signed number. */
  get wallSeconds(): number {
    return Atomics.load(this.#words, WALL_SECONDS);
  }

  /** Milliseconds since some moment, modulo 2^32, as a signed number: only differences mean something. */
  get upMs(): number {
    return Atomics.load(this.#words, UP_MS);
  }

  /** Sets it: `wallMs` since 1970, which may jump; `upMs` since some moment, which only grows. */
  update(wallMs: number, upMs: number): void {
    Atomics.store(this.#words, WALL_SECONDS, Math.floor(wallMs / 1000) | 0);
    Atomics.store(this.#words, UP_MS, Math.floor(upMs) | 0);
  }
}
