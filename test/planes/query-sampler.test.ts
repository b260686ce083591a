// What the page sees of answered queries, by a real feed in this thread.
import { describe, expect, test, vi } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { QuerySampler } from "../../src/planes/query-sampler.ts";
import { QueryFeed } from "../../src/query-log/query-feed.ts";
import { RecordingAnswerer } from "../../src/query-log/recording-answerer.ts";
import type { QueryRow } from "../../src/status-page/status-view.ts";
import { writeHeader, writeQuery } from "../support/wire.ts";

const NOERROR = 0x8180;
const NXDOMAIN = 0x8183;

interface Sampled {
  readonly feed: QueryFeed;
  readonly sampler: QuerySampler;
  /** Answers a query for the name by a reply of these flags. */
  ask(name: string, flags?: number): void;
}

function sampled(): Sampled {
  const feed = new QueryFeed();
  const cluster = {
    podAt: (address: string) => (address === "10.0.0.1" ? "shop/web-0" : undefined),
    kindOf: () => "service",
  };
  const sampler = new QuerySampler(feed, cluster);
  let flags = NOERROR;
  const inner = {
    answer: (query: Uint8Array, start: number, _end: number, reply: Uint8Array, replyStart: number): number => {
      reply.set(writeHeader((query[start]! << 8) | query[start + 1]!, flags, 1, 1, 0, 0), replyStart);
      return 12;
    },
  };
  const answerer = new RecordingAnswerer(inner, feed.newMemory(), 1);
  const client = new KnownClient("udp", Uint8Array.of(10, 0, 0, 1), 5353);
  const ask = (name: string, of = NOERROR): void => {
    flags = of;
    const query = writeQuery({ name, type: "AAAA" });
    answerer.answer(query, 0, query.length, Buffer.alloc(512), 0, client);
  };
  return { feed, sampler, ask };
}

describe("a sampler", () => {
  test("counts names, missing names and clients", async () => {
    const { sampler, ask } = sampled();
    for (const name of ["web.z.", "WEB.z."]) ask(name);
    ask("wbe.z.", NXDOMAIN);
    await vi.waitFor(() => expect(sampler.top(5).names.total).toBe(3));
    const { names, missing, clients } = sampler.top(5);
    expect(names.keys).toEqual([
      { key: "web.z.", count: 2, error: 0 },
      { key: "wbe.z.", count: 1, error: 0 },
    ]);
    expect(missing.keys.map(({ key }) => key)).toEqual(["wbe.z."]);
    expect(clients.keys).toEqual([{ key: "10.0.0.1", count: 3, error: 0 }]);
    sampler.close();
  });

  test("passes queries on only while somebody watches, with the pod that asked", async () => {
    const { sampler, ask } = sampled();
    const seen: QueryRow[] = [];
    const leave = sampler.watch((query) => seen.push(query));
    ask("web.z.");
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    expect(seen[0]).toMatchObject({
      client: "10.0.0.1",
      pod: "shop/web-0",
      name: "web.z.",
      type: "AAAA",
      rcode: "NOERROR",
      cause: "service",
    });
    leave();
    ask("web.z.");
    await vi.waitFor(() => expect(sampler.top(1).names.total).toBe(2));
    expect(seen).toHaveLength(1);
    sampler.close();
  });

  test("of a busy server takes a share, counts it for all, and takes more when it is quiet", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
    const { feed, sampler, ask } = sampled();
    let taken = 0;
    sampler.watch(() => taken++);
    /** Answers so many in a second, in which the rings are emptied ten times. */
    const aSecondOf = async (queries: number): Promise<number> => {
      taken = 0;
      for (let tenth = 0; tenth < 10; tenth++) {
        for (let i = 0; i < queries / 10; i++) ask("web.z.");
        vi.advanceTimersByTime(100);
        await Promise.resolve();
      }
      sampler.adapt();
      return taken;
    };
    expect(await aSecondOf(100)).toBe(100);
    // The first tenth shows how fast they come.
    expect(await aSecondOf(20_000)).toBeLessThan(4_000);
    const share = await aSecondOf(20_000);
    expect(share).toBeGreaterThan(100);
    expect(share).toBeLessThan(700);
    const before = sampler.top(1).names.total;
    const counted = await aSecondOf(20_000).then(() => sampler.top(1).names.total - before);
    expect(counted).toBeGreaterThan(10_000);
    expect(counted).toBeLessThan(40_000);
    // Twice the share after two seconds each: from one in 64 to all.
    for (let second = 0; second < 20; second++) await aSecondOf(10);
    expect(await aSecondOf(100)).toBe(100);
    sampler.close();
    feed.close();
    vi.useRealTimers();
  });
});
