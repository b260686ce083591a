// Where the next answer begins in a set of records that may stand in any order: chosen anew each time.
// xorshift32 (Marsaglia): a counter would fall in step with clients that ask A, AAAA, A, AAAA. Allocates nothing.

export class Rotation {
  #random: number;

  /** `seed`: any number, not the same for two answerers, so that their rotations differ. */
  constructor(seed: number) {
    this.#random = seed | 1;
  }

  /** A whole number from 0 to `count` - 1; `count` is below 2^16. */
  next(count: number): number {
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    return ((random >>> 17) * count) >>> 15;
  }
}
