// What is cached and for how long, by the answer's content; what the cache does over time is in answer-cache.test.ts.
import { describe, expect, test } from "vitest";
import type { CacheContent } from "../../src/cache/cache-entry.ts";
import { cacheable } from "../../src/cache/cache-policy.ts";
import { content, DEFAULT_TTLS, key, record, soaOf } from "../support/core/cached.ts";

const NAME = "www.up.test.";
const KEY = key(NAME);
const a = (ttl: number): CacheContent => content([record(NAME, ttl, "A", "192.0.2.1")]);
const negative = (rcode: number, ttl: number, minimum: number, answer: CacheContent["answer"] = []): CacheContent =>
  content(answer, { rcode, authority: [soaOf("up.test.", ttl, minimum)] });

describe("cacheable", () => {
  test.each<[what: string, fetched: CacheContent, seconds: number]>([
    ["TTL 1", a(1), 1],
    ["TTL 300", a(300), 300],
    ["F15 TTL 0", a(0), 0],
    ["the least TTL of a chain", content([record(NAME, 300, "CNAME", "b."), record("b.", 20, "A", "192.0.2.1")]), 20],
    ["TTL 0 in a chain", content([record(NAME, 0, "CNAME", "b."), record("b.", 20, "A", "192.0.2.1")]), 0],
    ["NXDOMAIN: the SOA's TTL", negative(3, 60, 3600), 60],
    ["NXDOMAIN: the SOA's MINIMUM", negative(3, 3600, 60), 60],
    ["F15 NXDOMAIN with a huge MINIMUM", negative(3, 2 ** 31 - 1, 2 ** 32 - 1), 300],
    ["NXDOMAIN of TTL 0", negative(3, 0, 60), 0],
    ["NODATA", negative(0, 60, 30), 30],
    ["NXDOMAIN behind a chain", negative(3, 60, 60, [record(NAME, 15, "CNAME", "b.")]), 15],
    ["NODATA behind a chain", negative(0, 10, 60, [record(NAME, 15, "CNAME", "b.")]), 10],
    ["F16 NXDOMAIN without a SOA", content([], { rcode: 3 }), 0],
    ["F08 F16 NODATA without a SOA", content([]), 0],
    ["F16 a chain to nothing without a SOA", content([record(NAME, 300, "CNAME", "b.")]), 0],
    ["F16 NXDOMAIN behind a chain without a SOA", content([record(NAME, 300, "CNAME", "b.")], { rcode: 3 }), 0],
  ])("%s", (_what, fetched, seconds) => {
    expect(cacheable(KEY, fetched, DEFAULT_TTLS).ttl).toBe(seconds);
  });

  test("what answers the question by its type is positive", () => {
    expect(cacheable(key(NAME, "CNAME"), content([record(NAME, 30, "CNAME", "b.")]), DEFAULT_TTLS).ttl).toBe(30);
    expect(cacheable(key(NAME, "ANY"), content([record(NAME, 30, "TXT", Buffer.from([0]))]), DEFAULT_TTLS).ttl).toBe(
      30,
    );
    expect(cacheable(key(NAME, "SOA"), content([soaOf(NAME, 40, 1)]), DEFAULT_TTLS).ttl).toBe(40);
  });

  test("limits of the options hold for the cache and for the TTLs of clients", () => {
    const ttls = { positive: 30, negative: 5 };
    const longest = ({ answer, authority }: CacheContent): number =>
      Math.max(...[...answer, ...authority].map(({ ttl }) => ttl));
    const capped = cacheable(KEY, a(3600), ttls);
    expect([capped.ttl, longest(capped.content)]).toEqual([30, 30]);
    expect(cacheable(KEY, a(20), ttls)).toEqual({ content: a(20), ttl: 20 });
    const denied = cacheable(KEY, negative(3, 60, 3600), ttls);
    expect([denied.ttl, longest(denied.content)]).toEqual([5, 5]);
  });

  test("0: nothing is cached here, and clients get the TTLs of the upstream", () => {
    const ttls = { positive: 0, negative: 0 };
    expect(cacheable(KEY, a(3600), ttls)).toEqual({ content: a(3600), ttl: 0 });
    const { content: denied, ttl } = cacheable(KEY, negative(3, 60, 3600), ttls);
    expect([ttl, denied.authority[0]!.ttl]).toEqual([0, 60]);
  });
});
