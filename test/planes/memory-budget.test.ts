import { expect, test } from "vitest";
import { planMemory } from "../../src/planes/memory-budget.ts";
import type { MemoryNeeds } from "../../src/planes/memory-budget.ts";

const MB = 1 << 20;
const NEEDS = { usedBytes: 40 * MB, heapBytes: 2_192 * MB, workers: 1, cacheBytes: 32 * MB };

function plan(limit: number, other: Partial<MemoryNeeds> = {}): Record<string, number | boolean> {
  const { contentBytes, cacheBytes, connectionsMax, isTight } = planMemory({
    ...NEEDS,
    limitBytes: limit * MB,
    ...other,
  });
  return { content: Math.round(contentBytes / MB), cache: cacheBytes / MB, connectionsMax, isTight };
}

test.each([
  [128, { content: 24, cache: 8, connectionsMax: 170, isTight: true }],
  [170, { content: 60, cache: 10, connectionsMax: 226, isTight: true }],
  [256, { content: 133, cache: 16, connectionsMax: 341, isTight: true }],
  [512, { content: 352, cache: 32, connectionsMax: 682, isTight: true }],
  [2_048, { content: 1_764, cache: 32, connectionsMax: 2_730, isTight: false }],
  // The bound of the heap counts, not the machine's memory.
  [65_536, { content: 4_212, cache: 32, connectionsMax: 87_381, isTight: false }],
])("%i MB", (limit, budget) => expect(plan(limit)).toEqual(budget));

test("without a limit nothing is bounded, and the cache is as large as was asked for", () => {
  expect(planMemory({ ...NEEDS, limitBytes: undefined })).toMatchObject({
    contentBytes: Infinity,
    cacheBytes: NEEDS.cacheBytes,
    connectionsMax: Infinity,
    isTight: false,
  });
});

test("threads take of the content, and without upstreams the cache's part is content", () => {
  expect(plan(256, { workers: 4 })["content"]).toBe(91);
  expect(plan(256, { cacheBytes: 0 })).toMatchObject({ content: 149, cache: 0 });
});

test("too little for anything leaves nothing, and says what a server needs", () => {
  expect(plan(64)["content"]).toBe(0);
  const { leastBytes } = planMemory({ ...NEEDS, limitBytes: 64 * MB });
  expect(leastBytes).toBe(124 * MB);
  expect(planMemory({ ...NEEDS, limitBytes: leastBytes }).contentBytes).toBeGreaterThanOrEqual(19 * MB);
});
