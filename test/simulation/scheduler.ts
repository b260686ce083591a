// Simulated time: everything that happens in a simulation is an event here, and the next one starts when the last one
// has no promise left to settle. Events of one moment run in an order that the seed decides.
import type { Random } from "../fuzz/random.ts";

/** Events of one simulation; more mean that the program never comes to rest. */
const EVENTS_MAX = 200_000;
/** Events that one turn of the real event loop runs: a turn for each would cost more than most events. */
const EVENTS_PER_TURN = 64;
/** Taken before `installClock` replaces it. */
const realSetImmediate = setImmediate;

/** Something that happens at `at` (ms); `life` is that of the process it belongs to, 0 for the world outside. */
export interface SimulatedEvent {
  at: number;
  readonly order: number;
  readonly life: number;
  run: (() => void) | undefined;
}

export class Scheduler {
  /** Monotonic time, ms. */
  nowMs = 0;
  /** What the time of day is ahead of the monotonic time, ms. */
  wallOffsetMs = 1_700_000_000_000;
  /** The first thing that was thrown and caught by nobody. */
  thrown: Error | undefined;
  /** Of the process that runs now; events of an earlier one never run. */
  life = 1;
  /** Until then the process does nothing, as on a machine that is busy. */
  stalledUntilMs = 0;
  /** What the process takes from one look at its clock to the next, ms. */
  slownessMs = 0;
  readonly #random: Random;
  readonly #heap: SimulatedEvent[] = [];
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The time as the process reads it, which takes its time. */
  readMs(): number {
    this.nowMs += this.slownessMs;
    return this.nowMs;
  }

  get wallMs(): number {
    return this.wallOffsetMs + this.nowMs;
  }

  /** Runs `run` after `delayMs` in the world outside, which does not end with the process. */
  outside(delayMs: number, run: () => void): SimulatedEvent {
    return this.#add(delayMs, this.#random.below(1 << 20), 0, run);
  }

  /** Runs `run` after `delayMs` in the process, in any order with others of that moment. */
  inside(delayMs: number, run: () => void): SimulatedEvent {
    return this.#add(delayMs, this.#random.below(1 << 20), this.life, run);
  }

  /** As `inside`, after the events that are there already. */
  next(run: () => void): SimulatedEvent {
    return this.#add(0, (1 << 20) + ++this.#count, this.life, run);
  }

  /** Runs all events up to the time `untilMs`; resolves there, or where something was thrown. */
  run(untilMs: number): Promise<void> {
    return new Promise((resolve) => {
      let isDone = false;
      const step = (): void => {
        if (isDone || (!this.#step(untilMs) && (isDone = true))) return;
      };
      const turn = (): void => {
        if (isDone) return resolve();
        for (let i = 0; i < EVENTS_PER_TURN; i++) realSetImmediate(step);
        realSetImmediate(turn);
      };
      turn();
    });
  }

  #step(untilMs: number): boolean {
    const event = this.#heap[0];
    // A slow process may have moved the time on: what is due by then comes first.
    if (this.thrown !== undefined || event === undefined || event.at > Math.max(untilMs, this.nowMs)) {
      this.nowMs = Math.max(this.nowMs, untilMs);
      return false;
    }
    this.#removeFirst();
    const { run, life } = event;
    if (run === undefined || (life !== 0 && life !== this.life)) return true;
    if (life !== 0 && event.at < this.stalledUntilMs) {
      event.at = this.stalledUntilMs;
      this.#push(event);
      return true;
    }
    event.run = undefined;
    this.nowMs = Math.max(this.nowMs, event.at);
    try {
      run();
    } catch (error) {
      this.thrown ??= error instanceof Error ? error : new Error(String(error));
    }
    return true;
  }

  #add(delayMs: number, order: number, life: number, run: () => void): SimulatedEvent {
    if (++this.#count > EVENTS_MAX) this.thrown ??= new Error(`more than ${EVENTS_MAX} events`);
    const event = { at: this.nowMs + Math.max(delayMs, 0), order, life, run };
    this.#push(event);
    return event;
  }

  #push(event: SimulatedEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(event, heap[above]!); above = (at - 1) >> 1) {
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = event;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(a: SimulatedEvent, b: SimulatedEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
