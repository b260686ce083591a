import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LabelIndex } from "../../src/cluster/label-index.ts";

const pairs = fc
  .dictionary(fc.constantFrom("app", "tier", "x"), fc.constantFrom("1", "2"), { minKeys: 1, maxKeys: 3 })
  .map((object) => new Map(Object.entries(object)));
const namespaces = fc.constantFrom("a", "b");

function holds(all: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): boolean {
  return [...wanted].every(([key, value]) => all.get(key) === value);
}

interface Thing {
  readonly namespace: string;
  readonly pairs: ReadonlyMap<string, string>;
}

describe("LabelIndex", () => {
  test("finds in both directions what a look at everything finds", () => {
    const thing = fc.record({ namespace: namespaces, pairs, kept: fc.boolean() });
    fc.assert(
      fc.property(fc.array(thing, { maxLength: 12 }), namespaces, pairs, (things, namespace, asked) => {
        const index = new LabelIndex<Thing>();
        for (const each of things) index.add(each.namespace, each.pairs, each);
        for (const each of things) if (!each.kept) index.delete(each.namespace, each.pairs, each);
        const there = things.filter((each) => each.kept && each.namespace === namespace);
        expect(new Set(index.havingAll(namespace, asked))).toEqual(
          new Set(there.filter((each) => holds(each.pairs, asked))),
        );
        expect(new Set(index.satisfiedBy(namespace, asked))).toEqual(
          new Set(there.filter((each) => holds(asked, each.pairs))),
        );
        const ids = index.satisfiedBy(namespace, asked);
        expect(ids.length, "each once").toBe(new Set(ids).size);
      }),
      { numRuns: 400 },
    );
  });

  test("a thing without labels is found by nothing", () => {
    const index = new LabelIndex<Thing>();
    const thing = { namespace: "a", pairs: new Map() };
    index.add("a", thing.pairs, thing);
    expect(index.satisfiedBy("a", new Map([["app", "1"]]))).toEqual([]);
    expect(index.havingAll("a", new Map([["app", "1"]]))).toEqual([]);
  });

  test("keys and values do not run into each other", () => {
    const index = new LabelIndex<Thing>();
    const thing = { namespace: "a", pairs: new Map([["ab", "c"]]) };
    index.add("a", thing.pairs, thing);
    expect(index.havingAll("a", new Map([["a", "bc"]]))).toEqual([]);
    expect(index.havingAll("a", new Map([["ab", "c"]]))).toEqual([thing]);
  });
});
