import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { costOfContent } from "../../../src/sources/content-cost.ts";
import { ParseMemories } from "../../../src/sources/manifests/parse-memory.ts";
import { parseManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import type { ReadOutcome } from "../../../src/sources/manifests/read-manifest.ts";
import { MemoryRoom } from "../../../src/std/memory-room.ts";

const MB = 1 << 20;

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => vi.useRealTimers());

function parsed(services: number): ReadOutcome {
  const service = (i: number): string =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: s${i}}\nspec: {ports: [{port: 1}]}\n`;
  const text = Array.from({ length: services }, (_, i) => service(i)).join("---\n");
  const manifest = parseManifest(text, { file: "a.yaml", namespace: "default" });
  return { kind: "parsed", signature: "", isBlank: false, parsed: manifest };
}

test("a lane gets most of what is free, and gives it back", () => {
  const room = new MemoryRoom(100 * MB);
  const memory = new ParseMemories(room).open("lane 0", "a.yaml", 1000);
  expect([memory, room.free]).toMatchObject([{ heapBytes: 54 * MB }, 20 * MB]);
  if ("close" in memory) memory.close();
  expect(room.free).toBe(100 * MB);
});

test.each([
  ["a.yaml", 1 * MB, undefined],
  ["a.yaml", 10 * MB, 126 * MB],
  ["a.json", 5 * MB, 126 * MB],
  ["a.zone", 3 * MB, 146 * MB],
  ["hosts", 3 * MB, undefined],
  ["hosts", 15 * MB, 146 * MB],
])("%s of %i bytes", (path, bytes, neededBytes) => {
  const memory = new ParseMemories(new MemoryRoom(100 * MB)).open("lane 0", path, bytes);
  expect("neededBytes" in memory ? memory.neededBytes : undefined).toBe(neededBytes);
});

test("what is really free counts, too", () => {
  const room = new MemoryRoom(100 * MB, () => 30 * MB);
  expect(new ParseMemories(room).open("lane 0", "a.yaml", 1 * MB)).toMatchObject({ kind: "no-memory" });
});

test("what was parsed is kept if it fits beside the thread that parsed it", () => {
  const outcome = parsed(1_000);
  const cost = outcome.kind === "parsed" ? costOfContent(outcome.parsed) : 0;
  const room = new MemoryRoom(60 * MB);
  const memory = new ParseMemories(room).open("lane 0", "a.yaml", 1000);
  if (!("findExcess" in memory)) throw new Error("no memory");
  expect(memory.findExcess(50 * MB, 10 * MB)).toBe(76 * MB);
  expect(memory.findExcess(cost, 10 * MB)).toBeUndefined();
  expect(room.heldBy("a.yaml")).toBe(cost);
});

test("a refused file is not parsed again until there is room, it changes, or time has passed", () => {
  const room = new MemoryRoom(5 * MB);
  room.set("other", 3 * MB);
  const memories = new ParseMemories(room);
  const refused = memories.keep("a.yaml", parsed(1_000));
  expect(refused).toMatchObject({ kind: "no-memory" });
  if (refused.kind !== "no-memory") return;
  const outcome = memories.refuse("a.yaml", 100, refused.neededBytes);
  expect(outcome).toMatchObject({
    kind: "refused",
    problem: {
      code: "no-memory",
      message: "needs about 4.4 MB of memory, and 2 MB are free; its previous contents stay in effect",
      place: { file: "a.yaml", line: 1 },
    },
  });
  expect(memories.refusal("a.yaml", 100)).toEqual(outcome);
  expect(memories.refusal("b.yaml", 100)).toBeUndefined();
  expect(memories.refusal("a.yaml", 99)).toBeUndefined();
  vi.advanceTimersByTime(30_001);
  expect(memories.refusal("a.yaml", 100)).toBeUndefined();
  // Refused again: twice as long.
  memories.refuse("a.yaml", 100, refused.neededBytes);
  vi.advanceTimersByTime(59_999);
  expect(memories.refusal("a.yaml", 100)).toBeDefined();
  room.set("other", 0);
  expect(memories.refusal("a.yaml", 100)).toBeUndefined();
});
