import { expect, test } from "vitest";
import { coalesce } from "../../src/std/coalesce.ts";

test("work that is asked for while it runs runs once more after it, never twice at a time", async () => {
  const ends: (() => void)[] = [];
  const ask = coalesce(() => new Promise<void>((resolve) => ends.push(resolve)));
  for (let i = 0; i < 5; i++) ask();
  expect(ends).toHaveLength(1);
  ends[0]!();
  await expect.poll(() => ends.length).toBe(2);
  ends[1]!();
  // Nobody has asked since.
  await new Promise((resolve) => setImmediate(resolve));
  expect(ends).toHaveLength(2);
  ask();
  expect(ends).toHaveLength(3);
});
