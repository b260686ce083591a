// What is cached and for how long, stale answers, failures and prefetching, with a clock that the test advances.
import { describe, expect, test } from "vitest";
import type { AnswerCache } from "../../src/cache/answer-cache.ts";
import type { CacheContent } from "../../src/cache/cache-entry.ts";
import type { CacheKey } from "../../src/cache/cache-key.ts";
import { content, contentLines, key, newCache, record, soaOf } from "../support/core/cached.ts";

const NAME = "www.up.test.";
const KEY = key(NAME);
const a = (ttl: number, address = "192.0.2.1"): CacheContent => content([record(NAME, ttl, "A", address)]);
const negative = (rcode: number, ttl: number, minimum: number, answer: CacheContent["answer"] = []): CacheContent =>
  content(answer, { rcode, authority: [soaOf("up.test.", ttl, minimum)] });
const addresses = (found: CacheContent | undefined): string | undefined =>
  found && contentLines(found).join("; ").replaceAll(NAME, "@");

/** For how many seconds what was fetched is fresh, tried out. */
function freshFor(what: CacheContent): number {
  const { cache, pass } = newCache();
  cache.store(KEY, what);
  for (let seconds = 0; ; seconds++) {
    if (cache.fresh(KEY) === undefined) return seconds;
    pass(1);
  }
}

describe("how long", () => {
  test.each([0, 1, 300])("TTL %i: fresh for as long", (ttl) => {
    expect(freshFor(a(ttl))).toBe(ttl);
  });

  test("F15 a day at most; clients get the TTL unchanged", () => {
    const { cache, pass } = newCache();
    expect(addresses(cache.store(KEY, a(2 ** 31 - 1)))).toBe("NOERROR; answer @ 2147483647 A 192.0.2.1");
    pass(86_399);
    expect(cache.fresh(KEY)).toBeDefined();
    pass(1);
    expect(cache.fresh(KEY)).toBeUndefined();
  });

  test("a negative answer's SOA has the TTL that it is cached for", () => {
    const { cache, pass } = newCache();
    const stored = cache.store(KEY, negative(3, 2 ** 31 - 1, 2 ** 32 - 1));
    expect(stored.authority[0]?.ttl).toBe(300);
    pass(100);
    expect(cache.fresh(KEY)?.authority[0]?.ttl).toBe(200);
  });

  test("each record's TTL counts down by itself, and is never 0 while it is fresh", () => {
    const { cache, pass } = newCache();
    cache.store(KEY, content([record(NAME, 300, "CNAME", "b."), record("b.", 20, "A", "192.0.2.1")]));
    pass(19.95);
    expect(cache.fresh(KEY)?.answer.map(({ ttl }) => ttl)).toEqual([281, 1]);
    pass(0.05);
    expect(cache.fresh(KEY)).toBeUndefined();
  });

  test("an answer that is not cached is returned all the same, and replaces nothing", () => {
    const { cache } = newCache();
    cache.store(KEY, a(60));
    expect(addresses(cache.store(KEY, a(0, "192.0.2.2")))).toBe("NOERROR; answer @ 0 A 192.0.2.2");
    expect(addresses(cache.encode(KEY, a(9, "192.0.2.3")))).toBe("NOERROR; answer @ 9 A 192.0.2.3");
    expect(addresses(cache.fresh(KEY))).toBe("NOERROR; answer @ 60 A 192.0.2.1");
  });
});

describe("stale answers", () => {
  test("F20 past its time: TTL 30, EDE 3, then 30 seconds as if it were fresh", () => {
    const { cache, pass } = newCache();
    cache.store(KEY, a(60));
    pass(61);
    expect(cache.fresh(KEY)).toBeUndefined();
    expect(cache.hasStale(KEY)).toBe(true);
    const stale = cache.stale(KEY);
    expect([addresses(stale), stale?.ede]).toEqual(["NOERROR; answer @ 30 A 192.0.2.1", 3]);
    pass(29);
    const again = cache.fresh(KEY);
    expect([addresses(again), again?.ede]).toEqual(["NOERROR; answer @ 1 A 192.0.2.1", 3]);
    pass(1);
    expect(cache.fresh(KEY)).toBeUndefined();
    expect(cache.stale(KEY)).toBeDefined();
  });

  test("S34 serving it again and again does not extend its life, however long its TTL was", () => {
    for (const ttl of [1, 3600, 86_400]) {
      const { cache, pass } = newCache(7200);
      cache.store(KEY, a(ttl));
      pass(ttl);
      let served = 0;
      while (cache.stale(KEY) !== undefined) {
        pass(30);
        served++;
      }
      expect([ttl, served]).toEqual([ttl, 7200 / 30 + 1]);
      expect(cache.hasStale(KEY)).toBe(false);
    }
  });

  test("NXDOMAIN has an error of its own; a failure is never stale", () => {
    const { cache, pass } = newCache();
    cache.store(KEY, negative(3, 60, 60));
    cache.storeFailure(key("dead.up.test."), content([], { rcode: 2, ede: 22 }));
    pass(61);
    expect(cache.stale(KEY)).toMatchObject({ rcode: 3, ede: 19 });
    expect(cache.stale(key("dead.up.test."))).toBeUndefined();
  });

  test("F21 a newer answer is served at once", () => {
    const { cache, pass } = newCache();
    cache.store(KEY, a(60));
    pass(61);
    cache.stale(KEY);
    cache.store(KEY, negative(3, 60, 60));
    expect(cache.fresh(KEY)).toMatchObject({ rcode: 3, ede: 0 });
    pass(61);
    expect(cache.stale(KEY)).toMatchObject({ rcode: 3 });
  });

  test("none when they are switched off", () => {
    const { cache, pass } = newCache(0);
    cache.store(KEY, a(60));
    pass(60);
    expect(cache.hasStale(KEY)).toBe(false);
    expect(cache.stale(KEY)).toBeUndefined();
  });
});

describe("failures", () => {
  test.each([0, 22, 23])("F17 of error %i are remembered for a second, then twice as long each time, to 5", (ede) => {
    const { cache, pass } = newCache();
    const times: number[] = [];
    for (let i = 0; i < 9; i++) {
      expect(cache.storeFailure(KEY, content([], { rcode: 2, ede }))).toMatchObject({ rcode: 2, ede });
      let seconds = 0;
      for (; cache.fresh(KEY) !== undefined; seconds++) pass(1);
      times.push(seconds);
    }
    expect(times).toEqual([1, 2, 4, 5, 5, 5, 5, 5, 5]);
    cache.store(KEY, a(1));
    pass(1);
    cache.storeFailure(KEY, content([], { rcode: 2, ede: 0 }));
    pass(1);
    expect(cache.fresh(KEY)).toBeUndefined();
  });

  test("are never given as stale answers, whatever they are", () => {
    const { cache, pass } = newCache();
    for (const rcode of [2, 5]) {
      cache.storeFailure(KEY, content([], { rcode, ede: 0 }));
      pass(2);
      expect([cache.hasStale(KEY), cache.stale(KEY)]).toEqual([false, undefined]);
    }
  });

  test("are forgotten when an upstream is back, and nothing else is; the next one is the first again", () => {
    const { cache, writer, pass } = newCache();
    const [other, missing] = [key("b.up.test."), key("c.up.test.")];
    cache.store(other, a(100));
    cache.store(missing, content([], { rcode: 3, authority: [soaOf("up.test.", 60, 60)] }));
    for (const rcode of [2, 2, 2, 5]) cache.storeFailure(KEY, content([], { rcode, ede: 0 }));
    cache.forgetFailures();
    expect([KEY, other, missing].map((each) => cache.fresh(each)?.rcode)).toEqual([undefined, 0, 3]);
    expect(writer.count).toBe(2);
    cache.storeFailure(KEY, content([], { rcode: 2, ede: 0 }));
    pass(1);
    expect(cache.fresh(KEY)).toBeUndefined();
  });

  test("clear forgets all, and a failure then is the first again", () => {
    const { cache, writer, pass } = newCache();
    for (let i = 0; i < 3; i++) {
      cache.storeFailure(KEY, content([], { rcode: 2, ede: 0 }));
      pass(8);
    }
    cache.store(key("b.up.test."), a(100));
    cache.clear();
    expect([writer.count, cache.fresh(key("b.up.test."))]).toEqual([0, undefined]);
    cache.storeFailure(KEY, content([], { rcode: 2, ede: 0 }));
    pass(1);
    expect(cache.fresh(KEY)).toBeUndefined();
  });

  test("those of 10,000 names are remembered, the oldest forgotten", () => {
    const { cache, pass } = newCache();
    for (let i = 0; i < 10_001; i++) cache.storeFailure(key(`n${i}.up.test.`), content([], { rcode: 2, ede: 0 }));
    pass(1);
    const secondTime = (name: string): boolean => {
      cache.storeFailure(key(name), content([], { rcode: 2, ede: 0 }));
      pass(1.5);
      return cache.fresh(key(name)) !== undefined;
    };
    expect([secondTime("n0.up.test."), secondTime("n9000.up.test.")]).toEqual([false, true]);
  });
});

describe("sweep", () => {
  /** What is asked for again when it is looked at all of the cache. */
  function due(cache: AnswerCache): CacheKey[] {
    const keys: CacheKey[] = [];
    for (let part = 0; part < 10; part++) cache.sweep((each) => keys.push(each));
    return keys;
  }

  const read = (cache: AnswerCache, asked = KEY): void => {
    for (let i = 0; i < 3; i++) cache.fresh(asked);
  };

  test("F22 what is read often and in its last tenth, once a round", () => {
    const { cache, pass } = newCache();
    const signed = key(NAME, "AAAA", { dnssecOk: true, checkingDisabled: true });
    cache.store(KEY, a(100));
    cache.store(signed, content([record(NAME, 100, "AAAA", "2001:db8::1")]));
    cache.store(key("cold.up.test."), a(100));
    cache.store(key("later.up.test."), a(1000));
    for (const each of [KEY, signed, key("later.up.test.")]) read(cache, each);
    pass(89);
    expect(due(cache)).toEqual([]);
    pass(1);
    expect(new Set(due(cache))).toEqual(new Set([KEY, signed]));
    pass(9.9);
    expect(due(cache)).toHaveLength(2);
    pass(0.1);
    expect(due(cache)).toEqual([]);
  });

  test("neither what is short-lived, nor failures, nor what is stale", () => {
    const { cache, pass } = newCache();
    cache.store(KEY, a(9));
    read(cache);
    pass(8.5);
    expect(due(cache)).toEqual([]);
    pass(1);
    cache.stale(KEY);
    read(cache);
    pass(29);
    expect(due(cache)).toEqual([]);
    const dead = key("dead.up.test.");
    for (let i = 0; i < 6; i++) cache.storeFailure(dead, content([], { rcode: 2, ede: 0 }));
    read(cache, dead);
    pass(4.8);
    expect(cache.fresh(dead)).toBeDefined();
    expect(due(cache)).toEqual([]);
  });

  test("at most 50 at a time", () => {
    const { cache, pass } = newCache();
    for (let i = 0; i < 2_000; i++) {
      cache.store(key(`n${i}.up.test.`), a(100));
      read(cache, key(`n${i}.up.test.`));
    }
    pass(95);
    expect(due(cache)).toHaveLength(500);
  });

  test("a large cache is looked at in more steps: none is longer, and all of it is seen", () => {
    const { cache, pass } = newCache(3600, 128 << 20);
    for (let i = 0; i < 50; i++) {
      cache.store(key(`n${i}.up.test.`), a(100));
      read(cache, key(`n${i}.up.test.`));
    }
    pass(95);
    expect(due(cache).length).toBeLessThan(40);
    const keys = new Set<string>();
    for (let part = 0; part < 30; part++) cache.sweep(({ name }) => keys.add(Buffer.from(name).toString()));
    expect(keys.size).toBe(50);
  });

  test("drops expired entries, and nothing else", () => {
    const { cache, writer, pass } = newCache(100);
    cache.store(KEY, a(10));
    cache.store(key("long.up.test."), a(1000));
    pass(110);
    due(cache);
    expect(writer.count).toBe(2);
    pass(1);
    due(cache);
    expect(writer.count).toBe(1);
    expect(cache.fresh(key("long.up.test."))).toBeDefined();
  });

  test("an expired entry does not come back when the clock's milliseconds wrap", () => {
    const { cache, pass } = newCache(100);
    cache.store(KEY, a(1000));
    for (let hours = 0; hours < 50 * 24; hours++) {
      pass(3600);
      due(cache);
    }
    expect(cache.fresh(KEY)).toBeUndefined();
    expect(cache.hasStale(KEY)).toBe(false);
  });
});

test("fresh answers keep what they are: EDE, AD, letter case apart", () => {
  const { cache } = newCache();
  cache.store(key("WWW.up.test."), { ...a(60), authenticated: true });
  expect(cache.fresh(KEY)).toMatchObject({ authenticated: true, ede: 0, rcode: 0 });
});
