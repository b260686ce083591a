import { expect, test } from "vitest";
import { Turns } from "../../src/std/turns.ts";

test("so many at a time, first come, first served, also after a fault", async () => {
  const turns = new Turns(2);
  const order: string[] = [];
  let running = 0;
  let most = 0;
  const work = (name: string) => async (): Promise<string> => {
    most = Math.max(most, ++running);
    order.push(name);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (name === "b") throw new Error(name);
    return name;
  };
  const results = await Promise.allSettled([..."abcde"].map((name) => turns.run(work(name))));
  expect(order).toEqual([..."abcde"]);
  expect(most).toBe(2);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", ...Array(3).fill("fulfilled")]);
});
