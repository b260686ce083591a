import { expect, test } from "vitest";
import { MemoryRoom } from "../../src/std/memory-room.ts";

test("what fits is taken, what does not fit changes nothing", () => {
  const room = new MemoryRoom(10);
  expect([room.take("a", 6), room.take("b", 5), room.free]).toEqual([true, false, 4]);
  expect([room.take("b", 4), room.free, room.heldBy("a")]).toEqual([true, 0, 6]);
});

test("less always fits, and more of one holder counts what it has", () => {
  const room = new MemoryRoom(10);
  room.set("a", 12);
  expect([room.free, room.take("b", 0), room.take("a", 11), room.free]).toEqual([0, true, true, 0]);
  expect([room.take("a", 3), room.take("a", 10), room.free]).toEqual([true, true, 0]);
  room.set("a", 0);
  expect([room.free, room.heldBy("a")]).toEqual([10, 0]);
});

test("where more is used than was expected, less is free", () => {
  let measured = 4;
  const room = new MemoryRoom(10, () => measured);
  expect([room.free, room.freeNow]).toEqual([10, 4]);
  measured = -1;
  expect(room.freeNow).toBe(0);
  expect(new MemoryRoom().freeNow).toBe(Infinity);
});
