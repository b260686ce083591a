import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderUpstreams } from "../../src/forward/upstream-order.ts";
import type { UpstreamPolicy } from "../../src/net/upstream.ts";

const MEMBERS = [
  { name: "a", rttMs: 30 },
  { name: "b", rttMs: 10 },
  { name: "c", rttMs: 20 },
];
const order = (policy: UpstreamPolicy, turn = 0, randomBelow = (n: number): number => n - 1): string =>
  orderUpstreams(MEMBERS, policy, turn, randomBelow)
    .map(({ name }) => name)
    .join("");

describe("which upstream is tried first", () => {
  test("sequential: as they are given", () => {
    expect([0, 1, 2].map((turn) => order("sequential", turn))).toEqual(["abc", "abc", "abc"]);
  });

  test("round robin: each in its turn", () => {
    expect([0, 1, 2, 3].map((turn) => order("round-robin", turn))).toEqual(["abc", "bca", "cab", "abc"]);
  });

  test("fastest: by time; now and then by chance, so that the others' times are known", () => {
    expect(order("fastest")).toBe("bca");
    const draws = [0, 0, 0];
    expect(order("fastest", 0, () => draws.shift()!)).toBe("bca");
    const others = [0, 1, 1];
    expect(order("fastest", 0, () => others.shift()!)).toBe("acb");
  });

  test("random: as chance has it, every order as often as any other", () => {
    const seen = new Map<string, number>();
    const choices = [0, 1, 2].flatMap((first) => [0, 1].map((second) => [first, second]));
    for (const choice of choices) {
      const drawn = [...choice];
      const each = order("random", 0, () => drawn.shift()!);
      seen.set(each, (seen.get(each) ?? 0) + 1);
    }
    expect([...seen.keys()].toSorted()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
  });

  test("all of them, each once", () => {
    const policies = fc.constantFrom<UpstreamPolicy>("sequential", "random", "round-robin", "fastest");
    fc.assert(
      fc.property(policies, fc.nat(), fc.infiniteStream(fc.nat()), (policy, turn, chance) => {
        const drawn = order(policy, turn, (n) => (chance.next().value as number) % n);
        expect([...drawn].toSorted()).toEqual(["a", "b", "c"]);
      }),
    );
  });
});
