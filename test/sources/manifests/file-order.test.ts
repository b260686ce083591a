import fc from "fast-check";
import { expect, test } from "vitest";
import { compareFileOrders, formatRank } from "../../../src/sources/manifests/file-order.ts";

test("files are ordered by argument, then by path", () => {
  const orders = [
    { argument: 10, path: "a" },
    { argument: 2, path: "b" },
    { argument: 2, path: "a" },
  ];
  expect(orders.toSorted(compareFileOrders)).toEqual([orders[2], orders[1], orders[0]]);
});

test("ranks sort as orders do", () => {
  const order = fc.record({ argument: fc.nat(999_999), path: fc.string() });
  fc.assert(
    fc.property(order, order, (a, b) => {
      const [p, q] = [formatRank(a), formatRank(b)];
      return Math.sign(compareFileOrders(a, b)) === (p < q ? -1 : Number(p > q));
    }),
  );
});
