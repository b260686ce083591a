import { expect, test } from "vitest";
import { Clock } from "../../src/std/clock.ts";

test("what one thread winds, another one reads", () => {
  const [clock, other] = [new Clock(), new Clock()];
  clock.update(1_559_731_985_999, 1234.5);
  const reader = new Clock(clock.memory);
  expect([reader.wallSeconds, reader.upMs, other.wallSeconds]).toEqual([1_559_731_985, 1234, 0]);
});

test("both wrap round, and differences stay right", () => {
  const clock = new Clock();
  clock.update(0, 2 ** 32 - 100);
  const before = clock.upMs;
  clock.update(2 ** 32 * 1000, 2 ** 32 + 50);
  expect([(clock.upMs - before) | 0, clock.wallSeconds]).toEqual([150, 0]);
});
