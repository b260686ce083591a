// A map from a key to several values.
// A key with one value costs no set: most keys here have one.
const NONE: readonly never[] = [];

export class MultiMap<V extends object> {
  readonly #values = new Map<string, V | Set<V>>();

  /** The key's values, in the order they came. */
  get(key: string): Iterable<V> {
    const held = this.#values.get(key);
    return held === undefined ? NONE : held instanceof Set ? held : [held];
  }

  /** How many values the key has. */
  count(key: string): number {
    const held = this.#values.get(key);
    return held === undefined ? 0 : held instanceof Set ? held.size : 1;
  }

  add(key: string, value: V): void {
    const held = this.#values.get(key);
    if (held === undefined) this.#values.set(key, value);
    else if (held instanceof Set) held.add(value);
    else if (held !== value) this.#values.set(key, new Set([held, value]));
  }

  delete(key: string, value: V): void {
    const held = this.#values.get(key);
    if (held === value) this.#values.delete(key);
    else if (held instanceof Set && held.delete(value) && held.size === 1)
      this.#values.set(key, held.values().next().value!);
  }
}
