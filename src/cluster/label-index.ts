// An index over labels or selectors. Finds the values whose labels match a selector (`havingAll`), and the values whose
// selector matches given labels (`satisfiedBy`), without a scan of all values.
import { MultiMap } from "../std/multi-map.ts";

type Pairs = ReadonlyMap<string, string>;

export class LabelIndex<V extends object> {
  readonly #byPair = new MultiMap<V>();
  readonly #pairs = new Map<V, Pairs>();

  add(namespace: string, pairs: Pairs, value: V): void {
    this.#pairs.set(value, pairs);
    for (const [key, text] of pairs) this.#byPair.add(pairKey(namespace, key, text), value);
  }

  delete(namespace: string, pairs: Pairs, value: V): void {
    this.#pairs.delete(value);
    for (const [key, text] of pairs) this.#byPair.delete(pairKey(namespace, key, text), value);
  }

  /** The values of the namespace whose pairs include all of `wanted`, which has at least one. */
  havingAll(namespace: string, wanted: Pairs): readonly V[] {
    let rarest: string | undefined;
    for (const [key, text] of wanted) {
      const candidate = pairKey(namespace, key, text);
      if (rarest === undefined || this.#byPair.count(candidate) < this.#byPair.count(rarest)) rarest = candidate;
    }
    if (rarest === undefined) return [];
    return [...this.#byPair.get(rarest)].filter((value) => includes(this.#pairs.get(value)!, wanted));
  }

  /** The values of the namespace all of whose pairs are among `given`. */
  satisfiedBy(namespace: string, given: Pairs): readonly V[] {
    const found = new Set<V>();
    for (const [key, text] of given) {
      for (const value of this.#byPair.get(pairKey(namespace, key, text))) {
        if (!found.has(value) && includes(given, this.#pairs.get(value)!)) found.add(value);
      }
    }
    return [...found];
  }
}

/** NUL is in no namespace, key or value. */
function pairKey(namespace: string, key: string, text: string): string {
  return `${namespace}\0${key}\0${text}`;
}

function includes(pairs: Pairs, wanted: Pairs): boolean {
  for (const [key, text] of wanted) if (pairs.get(key) !== text) return false;
  return true;
}
