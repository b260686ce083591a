// A coarse clock in shared memory: reading it costs a thread one load. Only the main thread updates it.
// Knows no timers.

/** Interval of updates, milliseconds: the time that is read may be that much late, and a little more. */
export const TICK_MS = 100;

const WALL_SECONDS = 0;
const UP_MS = 1;

export class Clock {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** `memory`: another thread's `Clock.memory`; absent: new memory. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Seconds since 1970, modulo 2^32, as a signed number. */
  get wallSeconds(): number {
    return Atomics.load(this.#words, WALL_SECONDS);
  }

  /** Milliseconds since some moment, modulo 2^32, as a signed number: only differences have a meaning. */
  get upMs(): number {
    return Atomics.load(this.#words, UP_MS);
  }

  /** `wallMs`: since 1970, may jump; `upMs`: since some moment, only grows. */
  update(wallMs: number, upMs: number): void {
    Atomics.store(this.#words, WALL_SECONDS, Math.floor(wallMs / 1000) | 0);
    Atomics.store(this.#words, UP_MS, Math.floor(upMs) | 0);
  }
}
