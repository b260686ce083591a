// Domains whose names have lately been answered slowly or not at all, such as those of a dead authority: each name
// holds a place in flight for long. All names below a registered domain count together, since a flood asks for no name
// twice. A table of a fixed size, which forgets by itself. Pure: monotonic time in milliseconds comes in.
import { lowerName } from "../dns/name.ts";
import { hashBytes } from "../std/hash.ts";

/** What takes longer is slow: most answers take much less. */
export const SLOW_AFTER_MS = 1_000;
/** Marks of a slow domain: one for each slow answer. A quick answer halves them, so one in ten is enough. */
export const SLOW_MARKS = 32;
const MARKS_MAX = 255;
/** The time in which marks halve by themselves. */
const HALF_LIFE_MS = 10_000;
/** The time in which all marks are gone. */
const MEMORY_MS = 8 * HALF_LIFE_MS;
/** A power of two. */
const SLOTS = 4096;

export class SlowDomains {
  readonly #seeds: readonly [number, number];
  readonly #tags = new Int32Array(SLOTS);
  readonly #marks = new Uint8Array(SLOTS);
  readonly #markedAt = new Float64Array(SLOTS);
  /** The last mark of any domain. */
  #lastMarkAt = -Infinity;

  /** `seeds`: random 32-bit integers, so that nobody can choose domains that share a slot with others. */
  constructor(seeds: readonly [number, number]) {
    this.#seeds = seeds;
  }

  /** Whether the domain of `name`, in wire form, is slow. */
  has(name: Uint8Array, now: number): boolean {
    if (!this.#isInUse(now)) return false;
    const tag = this.#tagOf(name);
    const slot = tag & (SLOTS - 1);
    return this.#tags[slot] === tag && this.#marksAt(slot, now) >= SLOW_MARKS;
  }

  /** Records that `name` had an answer, or was given up, after `tookMs`. */
  record(name: Uint8Array, tookMs: number, now: number): void {
    const isSlow = tookMs >= SLOW_AFTER_MS;
    if (!isSlow && !this.#isInUse(now)) return;
    if (isSlow) this.#lastMarkAt = now;
    const tag = this.#tagOf(name);
    const slot = tag & (SLOTS - 1);
    const marks = this.#marksAt(slot, now);
    const isHeld = this.#tags[slot] === tag;
    if (!isSlow) {
      if (isHeld) this.#set(slot, marks >> 1, now);
    } else if (isHeld) this.#set(slot, Math.min(marks + 1, MARKS_MAX), now);
    // A slot is taken over when the marks of its domain are used up.
    else if (marks > 0) this.#set(slot, marks - 1, now);
    else {
      this.#tags[slot] = tag;
      this.#set(slot, 1, now);
    }
  }

  /** False when nothing has been slow lately, as is mostly so: names then cost neither a clock nor a look-up. */
  get hasMarks(): boolean {
    return this.#lastMarkAt !== -Infinity;
  }

  #isInUse(now: number): boolean {
    if (now - this.#lastMarkAt >= MEMORY_MS) this.#lastMarkAt = -Infinity;
    return this.hasMarks;
  }

  #tagOf(name: Uint8Array): number {
    const wire = lowerName(name);
    return hashBytes(wire, domainStart(wire), wire.length, ...this.#seeds);
  }

  #marksAt(slot: number, now: number): number {
    return this.#marks[slot]! >> Math.min(Math.floor((now - this.#markedAt[slot]!) / HALF_LIFE_MS), 8);
  }

  #set(slot: number, marks: number, now: number): void {
    this.#marks[slot] = marks;
    this.#markedAt[slot] = now;
  }
}

/** Where the last two labels begin, or the last three below domains such as `co.uk` and `com.au`. */
function domainStart(wire: Uint8Array): number {
  let [third, second, first] = [0, 0, 0];
  for (let at = 0; wire[at] !== 0; at += 1 + wire[at]!) [third, second, first] = [second, first, at];
  return wire[first] === 2 && wire[second]! <= 3 ? third : second;
}
