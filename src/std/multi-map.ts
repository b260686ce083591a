// A map from a key to several values.
// Most keys have one value, which takes no set.
const NONE: readonly never[] = [];

export class MultiMap<V extends object> {
  readonly #values = new Map<string, V | Set<V>>();

  /** The key's values, in insertion order. */
  get(key: string): Iterable<V> {
    const values = this.#values.get(key);
    return values === undefined ? NONE : values instanceof Set ? values : [values];
  }

  /** How many values the key has. */
  count(key: string): number {
    const values = this.#values.get(key);
    return values === undefined ? 0 : values instanceof Set ? values.size : 1;
  }

  /** The key's value, if it has just one. */
  only(key: string): V | undefined {
    const values = this.#values.get(key);
    return values instanceof Set ? undefined : values;
  }

  add(key: string, value: V): void {
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, value);
    else if (values instanceof Set) values.add(value);
    else if (values !== value) this.#values.set(key, new Set([values, value]));
  }

  delete(key: string, value: V): void {
    const values = this.#values.get(key);
    if (values === value) this.#values.delete(key);
    else if (values instanceof Set && values.delete(value) && values.size === 1)
      this.#values.set(key, values.values().next().value!);
  }
}
