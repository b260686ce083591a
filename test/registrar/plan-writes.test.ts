import { expect, test } from "vitest";
import { planWrites } from "../../src/registrar/plan-writes.ts";
import type { PresentKey, WritePlan } from "../../src/registrar/plan-writes.ts";

const own = (value: string, revision = "1"): PresentKey => ({ value, revision, isOwn: true });
const plan = (wanted: Readonly<Record<string, string>>, present: Readonly<Record<string, PresentKey>>): WritePlan =>
  planWrites(
    new Set([...Object.keys(wanted), ...Object.keys(present)]),
    new Map(Object.entries(wanted)),
    new Map(Object.entries(present)),
    (key) => key.replace(/\/~.*$/, ""),
  );

test("keys that are not asked for are left alone", () => {
  const [wanted, present] = [new Map([["/new", "1"]]), new Map([["/old", own("1")]])];
  expect(planWrites([], wanted, present, String).transactions).toEqual([]);
});

test("what is there as wanted is not written", () => {
  expect(plan({ "/a": "1" }, { "/a": own("1") })).toEqual({ transactions: [], taken: [] });
});

test("keys are added, changed and removed, each at the revision that is known", () => {
  expect(plan({ "/new": "1", "/other": "2" }, { "/other": own("1", "5"), "/old": own("3", "6") })).toEqual({
    transactions: [
      [
        { key: "/new", value: "1", revision: undefined },
        { key: "/other", value: "2", revision: "5" },
        { key: "/old", value: undefined, revision: "6" },
      ],
    ],
    taken: [],
  });
});

test("keys of others are neither changed nor removed", () => {
  const foreign = { value: "x", revision: "9", isOwn: false };
  expect(plan({ "/a": "1" }, { "/a": foreign, "/b": foreign })).toEqual({ transactions: [], taken: ["/a"] });
});

test("a transaction has 100 writes at most, and the records of a name are in one", () => {
  const wanted = Object.fromEntries(
    Array.from({ length: 45 }, (_, i) => [0, 1, 2].map((j) => [`/${i}/~${j}`, "x"])).flat(),
  );
  const { transactions } = plan(wanted, {});
  expect(transactions.map((writes) => writes.length)).toEqual([99, 36]);
});

test("the records of a name that has more than a transaction are split", () => {
  const wanted = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`/name/~${i}`, "x"]));
  const { transactions } = plan({ ...wanted, "/z": "1" }, { "/name/~old": own("y") });
  expect(transactions.map((writes) => writes.length)).toEqual([100, 100, 52]);
  expect(new Set(transactions.flat().map(({ key }) => key)).size).toBe(252);
});

test("a transaction stays within the size of a request", () => {
  const wanted = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`/${i}`, "x".repeat(100_000)]));
  const { transactions } = plan(wanted, {});
  expect(transactions.map((writes) => writes.length)).toEqual([5, 3]);
  const huge = "x".repeat(600_000);
  expect(plan({ "/a/~1": huge, "/a/~2": huge }, {}).transactions).toHaveLength(2);
});
