import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareVersions, KnownVersions } from "../../../src/sources/kubernetes/known-versions.ts";

describe("compareVersions", () => {
  test("orders whole numbers of any size", () => {
    const version = fc.bigInt({ min: 0n, max: 2n ** 80n });
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});

describe("KnownVersions", () => {
  const news = fc.record({
    key: fc.constantFrom("a", "b", "c"),
    version: fc.nat(20).map(String),
    isDeletion: fc.boolean(),
  });

  test("never takes news that is older than what it took of the same object", () => {
    fc.assert(
      fc.property(fc.array(news, { maxLength: 50 }), (all) => {
        const known = new KnownVersions();
        const last = new Map<string, string>();
        for (const { key, version, isDeletion } of all) {
          const isTaken = isDeletion ? known.remove(key, version) : known.put(key, version);
          if (!isTaken) continue;
          expect(compareVersions(version, last.get(key) ?? "")).toBeGreaterThanOrEqual(0);
          last.set(key, version);
        }
      }),
    );
  });

  test("ends with the newest news of each object, in whatever order and however often it came", () => {
    // A server gives each change a version of its own.
    const history = fc.uniqueArray(news, { selector: ({ version }) => version, maxLength: 20 });
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (changes, order) => {
        const known = new KnownVersions();
        const shuffled = [...changes, ...changes].map((change) => ({ change, rank: order.next().value as number }));
        for (const { change } of shuffled.toSorted((a, b) => a.rank - b.rank)) {
          if (change.isDeletion) known.remove(change.key, change.version);
          else known.put(change.key, change.version);
        }
        const newest = Map.groupBy(changes, ({ key }) => key);
        const left = [...newest].filter(([, of]) => {
          return !of.toSorted((a, b) => compareVersions(a.version, b.version)).at(-1)!.isDeletion;
        });
        expect([...known.keys()].toSorted()).toEqual(left.map(([key]) => key).toSorted());
      }),
    );
  });

  test("what is missing from a list is known, and not newer than the list", () => {
    const known = new KnownVersions();
    known.put("listed", "5");
    known.put("gone", "6");
    known.put("newer", "12");
    expect(known.missingFrom(new Set(["listed"]), "10")).toEqual(["gone"]);
  });

  test("after another history began, any version is news", () => {
    const known = new KnownVersions();
    known.put("a", "1000");
    known.forgetVersions();
    expect(known.put("a", "3")).toBe(true);
    expect([...known.keys()]).toEqual(["a"]);
  });
});
