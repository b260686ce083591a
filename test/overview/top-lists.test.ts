import { expect, test } from "vitest";
import { TopCounter, WINDOW_MS } from "../../src/overview/top-lists.ts";

const query = (name: string, client = "10.244.1.1", isMissing = false) => ({ name, client, isMissing, weight: 1 });

test("counts names, missing names and clients", () => {
  const counter = new TopCounter(0);
  for (const client of ["10.244.1.1", "10.244.1.2", "10.244.1.2"]) counter.count(query("web.", client), 10);
  counter.count(query("wbe.", "10.244.1.2", true), 20);
  const lists = counter.top(1, 30_000);
  expect(lists).toEqual({
    names: { keys: [{ key: "web.", count: 3, error: 0 }], total: 4 },
    missing: { keys: [{ key: "wbe.", count: 1, error: 0 }], total: 1 },
    clients: { keys: [{ key: "10.244.1.2", count: 3, error: 0 }], total: 4 },
    seconds: 30,
  });
});

test("a query of a sample counts for all that it stands for", () => {
  const counter = new TopCounter(0);
  counter.count({ ...query("web."), weight: 64 }, 0);
  expect(counter.top(1, 0).names).toEqual({ keys: [{ key: "web.", count: 64, error: 0 }], total: 64 });
});

test("forgets what was asked more than two windows ago", () => {
  const counter = new TopCounter(0);
  const names = (nowMs: number): unknown => counter.top(10, nowMs).names.keys.map(({ key, count }) => [key, count]);
  counter.count(query("old."), 0);
  counter.count(query("new."), WINDOW_MS);
  counter.count(query("old."), WINDOW_MS);
  expect(names(WINDOW_MS)).toEqual([
    ["old.", 2],
    ["new.", 1],
  ]);
  expect(names(2 * WINDOW_MS)).toEqual([
    ["new.", 1],
    ["old.", 1],
  ]);
  expect(names(3 * WINDOW_MS)).toEqual([]);
});

test("a pause of two windows leaves nothing", () => {
  const counter = new TopCounter(0);
  counter.count(query("old."), 0);
  expect(counter.top(10, 2 * WINDOW_MS)).toMatchObject({ names: { keys: [], total: 0 }, seconds: 0 });
});
