// Chooses the first record of an RRset at random for each answer.
// xorshift32 (Marsaglia): a counter would fall in step with clients that ask A, AAAA, A, AAAA. Allocates nothing.

export class Rotation {
  #random: number;

  /** `seed`: any number; two answerers with different seeds rotate differently. */
  constructor(seed: number) {
    this.#random = seed | 1;
  }

  /** An integer from 0 to `count` - 1; `count` is below 2^16. */
  next(count: number): number {
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    return ((random >>> 17) * count) >>> 15;
  }
}
