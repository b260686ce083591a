// The most frequent keys of a long stream, in a fixed number of counters: the algorithm Space-Saving of Metwally,
// Agrawal and El Abbadi (ICDT 2005). After keys of weight `n` in `m` counters no count is too small, none is too large
// by more than n/m, and every key of more than n/m has a counter. Keys of one count share a bucket, so that a step of
// weight 1 takes constant time.

/** A key and its count: it came at least `count - error` times, and at most `count` times. */
export interface FrequentKey {
  readonly key: string;
  readonly count: number;
  readonly error: number;
}

interface Counter {
  count: number;
  /** What the counter held for other keys when this one took it over. */
  error: number;
}

export class SpaceSaving {
  readonly #capacity: number;
  readonly #counters = new Map<string, Counter>();
  /** The keys of each count, the one that has been there longest first. */
  readonly #buckets = new Map<number, Set<string>>();
  #least = 0;
  #total = 0;

  /** `capacity`: the number of counters, at least 1. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The weight of all keys that came. */
  get total(): number {
    return this.#total;
  }

  /** `weight`: a whole number; the key counts as often. */
  add(key: string, weight = 1): void {
    this.#total += weight;
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      const error = this.#counters.size < this.#capacity ? 0 : this.#evict();
      counter = { count: error, error };
      this.#counters.set(key, counter);
    }
    this.#raise(key, counter, weight);
  }

  /** At most `limit` keys, the most frequent first; of equal counts the one with the smaller error. */
  top(limit: number): readonly FrequentKey[] {
    const all = [...this.#counters].map(([key, { count, error }]) => ({ key, count, error }));
    return all.sort((a, b) => b.count - a.count || a.error - b.error).slice(0, limit);
  }

  /** Frees the counter of a key of the smallest count; returns that count. */
  #evict(): number {
    const [key] = this.#buckets.get(this.#least)!;
    const { count } = this.#counters.get(key!)!;
    this.#leave(key!, count);
    this.#counters.delete(key!);
    return count;
  }

  #raise(key: string, counter: Counter, weight: number): void {
    this.#leave(key, counter.count);
    counter.count += weight;
    const bucket = this.#buckets.get(counter.count);
    if (bucket === undefined) this.#buckets.set(counter.count, new Set([key]));
    else bucket.add(key);
    if (counter.count < this.#least) this.#least = counter.count;
    else if (!this.#buckets.has(this.#least)) this.#least = this.#leastAfter(this.#least, counter.count);
  }

  /** The smallest count, which is between these, or the second. */
  #leastAfter(before: number, known: number): number {
    return known === before + 1 ? known : Math.min(...this.#buckets.keys());
  }

  #leave(key: string, count: number): void {
    const bucket = this.#buckets.get(count);
    if (bucket?.delete(key) === true && bucket.size === 0) this.#buckets.delete(count);
  }
}
