// The way from answers to subscribers, within one thread; test/planes/query-plane.test.ts has real threads.
import { describe, expect, test, vi } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { QueryFeed } from "../../src/query-log/query-feed.ts";
import type { Wish } from "../../src/query-log/demand.ts";
import { RecordingAnswerer } from "../../src/query-log/recording-answerer.ts";
import { writeHeader, writeQuery } from "../support/wire.ts";

const ALL: Wish = { success: 1, denial: 1, error: 1 };
const CLIENT = new KnownClient("udp", Uint8Array.of(10, 0, 0, 1), 5353);

/** An answerer of a thread that answers `flags` to every query. */
function thread(feed: QueryFeed, flags = 0x8180): { ask(name: string): void } {
  const inner = {
    answer: (query: Uint8Array, start: number, _end: number, reply: Uint8Array, replyStart: number): number => {
      reply.set(writeHeader((query[start]! << 8) | query[start + 1]!, flags, 1, 1, 0, 0), replyStart);
      return 12;
    },
  };
  const answerer = new RecordingAnswerer(inner, feed.newMemory(), 1);
  return {
    ask: (name) => {
      const query = writeQuery({ name, type: "A" });
      answerer.answer(query, 0, query.length, Buffer.alloc(512), 0, CLIENT);
    },
  };
}

describe("a feed", () => {
  test("brings the records of all threads to each subscriber that wants them, until it goes", async () => {
    const feed = new QueryFeed();
    const [first, second, failing] = [thread(feed), thread(feed), thread(feed, 0x8182)];
    first.ask("before.z.");
    const seen = { all: [] as string[], errors: [] as string[] };
    const leave = feed.subscribe({ wish: ALL, take: ({ name }) => void seen.all.push(name) });
    feed.subscribe({ wish: { ...ALL, success: 0, denial: 0 }, take: ({ name }) => void seen.errors.push(name) });
    first.ask("a.z.");
    second.ask("b.z.");
    failing.ask("c.z.");
    await vi.waitFor(() => expect(seen.all.toSorted()).toEqual(["a.z.", "b.z.", "c.z."]));
    expect(seen.errors).toEqual(["c.z."]);
    leave();
    first.ask("d.z.");
    failing.ask("e.z.");
    await vi.waitFor(() => expect(seen.errors).toEqual(["c.z.", "e.z."]));
    expect(seen.all).toHaveLength(3);
    expect(feed.counts).toEqual({ read: 4, dropped: 0 });
    feed.close();
  });

  test("reads what is left when it closes, and nothing is recorded any more", () => {
    const feed = new QueryFeed();
    const { ask } = thread(feed);
    const seen: string[] = [];
    feed.subscribe({ wish: ALL, take: ({ name }) => void seen.push(name) });
    for (let i = 0; i < 500; i++) ask("a.z.");
    feed.close();
    ask("b.z.");
    expect([seen.length, feed.counts.read]).toEqual([500, 500]);
  });

  test("counts what is lost while nobody reads", () => {
    const feed = new QueryFeed();
    const { ask } = thread(feed);
    let seen = 0;
    feed.subscribe({ wish: ALL, take: () => void seen++ });
    for (let i = 0; i < 20_000; i++) ask("a.z.");
    feed.close();
    const { read, dropped } = feed.counts;
    expect([read, read + dropped]).toEqual([seen, 20_000]);
    expect(dropped).toBeGreaterThan(0);
  });

  test("is in no hurry for one who may lose some, unless another may not", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const feed = new QueryFeed();
    const { ask } = thread(feed);
    let seen = 0;
    feed.subscribe({ wish: { ...ALL, mayLose: true }, take: () => void seen++ });
    ask("a.z.");
    vi.advanceTimersByTime(99);
    expect(seen).toBe(0);
    vi.advanceTimersByTime(1);
    expect(seen).toBe(1);
    feed.subscribe({ wish: ALL, take: () => undefined });
    ask("a.z.");
    vi.advanceTimersByTime(10);
    expect(seen).toBe(2);
    feed.close();
    vi.useRealTimers();
  });

  test("samples by random, whatever the order of questions", () => {
    const feed = new QueryFeed();
    const { ask } = thread(feed);
    const seen = new Map<string, number>();
    const count = ({ name }: { name: string }): void => void seen.set(name, (seen.get(name) ?? 0) + 1);
    feed.subscribe({ wish: { success: 10, denial: 10, error: 10 }, take: count });
    // A resolver asks for A and AAAA in turn: each of them is to be seen.
    for (let i = 0; i < 20_000; i++) ask(i % 2 === 0 ? "a.z." : "aaaa.z.");
    feed.close();
    for (const name of ["a.z.", "aaaa.z."]) {
      expect(seen.get(name)).toBeGreaterThan(900);
      expect(seen.get(name)).toBeLessThan(1100);
    }
  });
});
