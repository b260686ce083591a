import { expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { openMemory } from "../../src/planes/open-memory.ts";

const options = (settings: Readonly<Record<string, unknown>>) => optionsFromSettings({ cacheSize: 64, ...settings });
const PARTS = { hasCache: true, workers: 1, trimMemory: () => undefined };

test("a server that can't run in so little says so, and a command has no room", () => {
  expect(() => openMemory(options({ memory: 20 }), PARTS)).toThrow(
    /^this process may use 20 MB of memory and needs at least \d+ MB: raise --memory or the limit of the container$/,
  );
  expect(openMemory(options({ memory: 20 })).room.free).toBe(0);
});

test("the cache is made smaller where it does not fit", () => {
  // What this process of tests uses has room beside it.
  expect(openMemory(options({ memory: 4_096 }), PARTS).options.cacheBytes).toBe(64 << 20);
  const memory = openMemory(options({ memory: 960 }), PARTS);
  expect([memory.options.cacheBytes, memory.isTight]).toEqual([60 << 20, true]);
});

test("without a limit there is room for everything", () => {
  const { room, connectionsMax, isTight } = openMemory(options({}), PARTS);
  expect([room.freeNow, connectionsMax, isTight]).toEqual([Infinity, Infinity, false]);
});
