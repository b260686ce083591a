// Replaces the clocks and timers of this process by those of the current simulation. Once, before any code of src/ is
// loaded; the process does nothing but simulate.
import type { SimulatedEvent } from "./scheduler.ts";
import { world } from "./world.ts";

/** Timers fire late now and then, by so much at most, ms. */
const LATE_MS_MAX = 4;
const LATE_ONE_IN = 8;

/** What `setTimeout` and its like return. */
class SimulatedTimer {
  event: SimulatedEvent | undefined;
  isReferenced = true;
  readonly #again: (() => void) | undefined;

  constructor(run: () => void, delayMs: number, isRepeated: boolean) {
    const { scheduler, random, timers } = world();
    const fire = (): void => {
      if (isRepeated) this.#again!();
      else timers.delete(this);
      run();
    };
    const start = (): void => {
      const lateMs = random.below(LATE_ONE_IN) === 0 ? random.below(LATE_MS_MAX * 10) / 10 : 0;
      this.event = scheduler.inside(Math.max(delayMs, 1) + lateMs, fire);
    };
    this.#again = start;
    timers.add(this);
    start();
  }

  ref(): this {
    this.isReferenced = true;
    return this;
  }

  unref(): this {
    this.isReferenced = false;
    return this;
  }

  stop(): void {
    if (this.event !== undefined) this.event.run = undefined;
    world().timers.delete(this);
  }
}

export function installClock(): void {
  const clear = (timer: unknown): void => {
    if (timer instanceof SimulatedTimer) timer.stop();
  };
  Object.assign(globalThis, {
    setTimeout: (run: () => void, delayMs = 1) => new SimulatedTimer(run, delayMs, false),
    setInterval: (run: () => void, delayMs = 1) => new SimulatedTimer(run, delayMs, true),
    setImmediate: (run: () => void) => world().scheduler.next(run),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: (event: SimulatedEvent | undefined) => {
      if (event !== undefined) event.run = undefined;
    },
  });
  performance.now = () => world().scheduler.readMs();
  Date.now = () => Math.floor(world().scheduler.wallMs);
}
