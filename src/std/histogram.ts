// A histogram with fixed bounds: how many values lie in each class, and their sum. Its numbers may be in shared memory:
// one thread records, any thread may take a copy. Recording allocates nothing.

/** A copy of a histogram's numbers. */
export interface HistogramCopy {
  /** Upper bounds of the classes, ascending; each belongs to its class. */
  readonly bounds: readonly number[];
  /** Values in each class; the last class, beyond all bounds, has one more place than there are bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export class Histogram {
  readonly #bounds: readonly number[];
  /** The counts of the classes, then the sum. */
  readonly #values: Float64Array;

  /** `values`: `Histogram.sizeOf(bounds)` numbers, all 0 at first. */
  constructor(bounds: readonly number[], values: Float64Array = new Float64Array(Histogram.sizeOf(bounds))) {
    this.#bounds = bounds;
    this.#values = values;
  }

  /** The numbers that a histogram with these bounds needs. */
  static sizeOf(bounds: readonly number[]): number {
    return bounds.length + 2;
  }

  /** Records `value`, `times` times. */
  record(value: number, times = 1): void {
    const bounds = this.#bounds;
    const values = this.#values;
    let place = 0;
    while (place < bounds.length && value > bounds[place]!) place++;
    values[place] = values[place]! + times;
    values[bounds.length + 1] = values[bounds.length + 1]! + value * times;
  }

  copy(): HistogramCopy {
    const counts = [...this.#values];
    const sum = counts.pop()!;
    return { bounds: this.#bounds, counts, sum };
  }
}

/** `count` bounds from `first` on, each `factor` times the one before. */
export function exponentialBounds(first: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => first * factor ** i);
}
