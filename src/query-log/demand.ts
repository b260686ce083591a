// What is to be recorded of the queries, in memory that all threads share: the main thread writes it, and each thread
// that answers reads it once a query. Sampling is nested: whoever takes one query in a hundred takes those with the
// smallest random numbers, so several readers with different rates need no records but those of the highest one.
import type { ReplyClass } from "./record-layout.ts";

/** Random numbers have 31 bits. */
const DRAWS = 2 ** 31;
const NO_DRAW = -1;

/** Words of the shared memory. */
const DEMAND = {
  /** The largest of LIMITS: a larger random number means that nothing of the query is recorded. */
  LIMIT: 0,
  /** One for each class of replies. */
  LIMITS: 1,
  /** Answers that took less time are not recorded, microseconds. */
  MIN_US: 4,
  /** Not 0: with the bytes of query and reply. */
  MESSAGES: 5,
  WORDS: 6,
} as const;

/** Which queries a subscriber wants. */
export interface Wish {
  /** One query in so many of each class of replies, by random; 0: none. */
  readonly success: number;
  readonly denial: number;
  readonly error: number;
  /** Only answers that took at least that long. */
  readonly slowerThanMs?: number;
  /** Also the bytes of query and reply. */
  readonly messages?: boolean;
  /** Some may be lost: the rings are not emptied more often for it. */
  readonly mayLose?: boolean;
}

/** A wish in the form in which it is compared with a query. */
export interface Limits {
  /** By class of replies: the largest random number that is taken. */
  readonly byClass: readonly [success: number, denial: number, error: number];
  readonly minMs: number;
}

export function limitsOf({ success, denial, error, slowerThanMs = 0 }: Wish): Limits {
  const limit = (every: number): number => (every === 0 ? NO_DRAW : Math.floor(DRAWS / every) - 1);
  return { byClass: [limit(success), limit(denial), limit(error)], minMs: slowerThanMs };
}

export class Demand {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** `memory`: of another thread's `Demand`; absent: new memory, in which nothing is wanted. */
  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(DEMAND.WORDS * 4);
    this.#words = new Int32Array(this.memory);
    if (memory === undefined) this.set([]);
  }

  /** Wants what one of the wishes wants, and nothing else. */
  set(wishes: readonly Wish[]): void {
    const all = wishes.map(limitsOf);
    const limits = [0, 1, 2].map((each) => Math.max(NO_DRAW, ...all.map(({ byClass }) => byClass[each]!)));
    const minMs = Math.min(Infinity, ...all.map((each) => each.minMs));
    const words = this.#words;
    words[DEMAND.MESSAGES] = wishes.some(({ messages }) => messages === true) ? 1 : 0;
    words[DEMAND.MIN_US] = Math.min(minMs * 1000, DRAWS - 1);
    for (const [i, limit] of limits.entries()) words[DEMAND.LIMITS + i] = limit;
    words[DEMAND.LIMIT] = Math.max(...limits);
  }

  /** Whether nothing is wanted. */
  get isOff(): boolean {
    return this.#words[DEMAND.LIMIT]! < 0;
  }

  /** Whether a query with this random number may be wanted, whatever the answer. */
  mayTake(draw: number): boolean {
    return draw <= this.#words[DEMAND.LIMIT]!;
  }

  /** Whether it is wanted, now that its answer is there. */
  takes(draw: number, replyClass: ReplyClass): boolean {
    return draw <= this.#words[DEMAND.LIMITS + replyClass]!;
  }

  /** Whether an answer that took that long is wanted. */
  isSlow(durationMs: number): boolean {
    return durationMs * 1000 >= this.#words[DEMAND.MIN_US]!;
  }

  get wantsMessages(): boolean {
    return this.#words[DEMAND.MESSAGES] !== 0;
  }
}
