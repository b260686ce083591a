// Writer and reader of the cache together: what was put is found, with its bytes, until it is replaced or pushed out.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AssertionError } from "../../src/std/assert.ts";
import { BUCKET_SLOTS, CACHE_ENTRY, CACHE_HEADER, wordsFor } from "../../src/cache/cache-layout.ts";
import { cacheKeyBytes, readCacheKey } from "../../src/cache/cache-key.ts";
import { CacheReader } from "../../src/cache/cache-reader.ts";
import { CACHE_BYTES_MIN, CacheWriter } from "../../src/cache/cache-writer.ts";
import type { CacheKind } from "../../src/cache/cache-writer.ts";
import { hashBytes } from "../../src/std/hash.ts";

const SEED = [11, 22] as const;
const nameOf = (key: string): Uint8Array => new Uint8Array(Buffer.from(key, "latin1"));
const bytesOf = (key: string): Uint8Array =>
  cacheKeyBytes({ name: nameOf(key), type: 1, dnssecOk: false, checkingDisabled: false });

/** An entry whose records are `size` bytes of `fill`. */
function entryOf(key: string, fill = 1, size = 40): Int32Array {
  const bytes = bytesOf(key);
  const data = CACHE_ENTRY.KEY + wordsFor(bytes.length);
  const words = new Int32Array(data + wordsFor(size));
  words[CACHE_ENTRY.SIZE] = words.length;
  words[CACHE_ENTRY.SIZES] = bytes.length | (size << 16);
  const all = new Uint8Array(words.buffer);
  all.set(bytes, CACHE_ENTRY.KEY * 4);
  all.fill(fill, data * 4, data * 4 + size);
  return words;
}

function newWriter(size = CACHE_BYTES_MIN) {
  const writer = new CacheWriter(size, SEED);
  const reader = new CacheReader(writer.memory);
  const find = (key: string): number => reader.find(nameOf(key), key.length, 1, false, false);
  /** What `entryOf` filled the entry with; undefined: it is not there. */
  const fillOf = (key: string): number | undefined => {
    const entry = find(key);
    if (entry === 0) return undefined;
    const sizes = reader.words[entry + CACHE_ENTRY.SIZES]!;
    const at = (entry + CACHE_ENTRY.KEY + wordsFor(sizes & 0xffff)) * 4;
    const filled = reader.bytes.slice(at, at + (sizes >>> 16));
    expect(new Set(filled).size).toBe(1);
    expect(reader.isUnchanged(entry)).toBe(true);
    return filled[0];
  };
  /** Looks it up without counting it as used. */
  const has = (key: string): boolean => find(key) !== 0;
  return { writer, reader, find, fillOf, has };
}

const bucketOf = (key: string, buckets: number): number =>
  hashBytes(bytesOf(key), 0, bytesOf(key).length, SEED[0], SEED[1]) & (buckets - 1);

/** Names of one bucket. */
function namesOfBucket(count: number, buckets: number): string[] {
  const names: string[] = [];
  for (let i = 0; names.length < count; i++) if (bucketOf(`n${i}`, buckets) === 7) names.push(`n${i}`);
  return names;
}

describe("CacheWriter and CacheReader", () => {
  test("what was put is found, and nothing else", () => {
    const { writer, fillOf } = newWriter();
    expect(fillOf("a")).toBeUndefined();
    expect(writer.put(entryOf("a", 5), "positive")).toBe(true);
    expect(writer.put(entryOf("ab", 6), "negative")).toBe(true);
    expect([fillOf("a"), fillOf("ab"), fillOf("b"), fillOf("")]).toEqual([5, 6, undefined, undefined]);
    expect(writer.count).toBe(2);
  });

  test.each<[CacheKind, CacheKind]>([
    ["positive", "positive"],
    ["positive", "negative"],
    ["negative", "positive"],
    ["negative", "negative"],
  ])("a %s entry is replaced by a %s one of the same key", (first, second) => {
    const { writer, fillOf } = newWriter();
    writer.put(entryOf("a", 1), first);
    writer.put(entryOf("a", 2, 400), second);
    expect(fillOf("a")).toBe(2);
    expect(writer.count).toBe(1);
  });

  test("a cache in another thread's hands is one that begins with its magic number", () => {
    expect(() => new CacheReader(new SharedArrayBuffer(64))).toThrow(AssertionError);
    expect(() => new CacheWriter(CACHE_BYTES_MIN - 1, SEED)).toThrow(AssertionError);
  });

  test("the newest entries are all found, whatever came before, in memory that never grows", () => {
    const { writer, fillOf } = newWriter();
    const { memory } = writer;
    expect(memory.byteLength).toBe(CACHE_BYTES_MIN);
    for (let i = 0; i < 60_000; i++) writer.put(entryOf(`name-${i}`, i & 0xff, 100), "positive");
    expect(writer.memory).toBe(memory);
    let found = 0;
    for (let i = 57_000; i < 60_000; i++) if (fillOf(`name-${i}`) === (i & 0xff)) found++;
    // A bucket may be full of newer ones.
    expect(found).toBeGreaterThan(2_950);
    expect(fillOf("name-0")).toBeUndefined();
    expect(writer.count).toBeGreaterThan(4_000);
  });

  test("against a model: what is found is what was put last under the key", () => {
    const keys = fc.integer({ min: 0, max: 400 });
    const puts = fc.array(fc.tuple(keys, fc.integer({ min: 1, max: 20_000 }), fc.boolean()), {
      minLength: 100,
      maxLength: 300,
    });
    fc.assert(
      fc.property(puts, (list) => {
        const { writer, reader, fillOf, has, find } = newWriter();
        const model = new Map<string, number>();
        for (const [i, [name, size, isPositive]] of list.entries()) {
          const key = `name-${name}`;
          expect(writer.put(entryOf(key, i & 0xff, size), isPositive ? "positive" : "negative")).toBe(true);
          model.set(key, i & 0xff);
          expect(fillOf(key)).toBe(i & 0xff);
        }
        let found = 0;
        for (const [key, fill] of model) {
          if (!has(key)) continue;
          found++;
          expect(fillOf(key)).toBe(fill);
        }
        expect(writer.count).toBe(found);
        const { positive, negative } = writer.counts;
        const kept = [...model.keys()].filter(has).map((key) => reader.words[find(key) + CACHE_ENTRY.SIZE]! * 4);
        expect(positive.bytes + negative.bytes).toBe(kept.reduce((sum, bytes) => sum + bytes, 0));
        // What was evicted may have been put again.
        expect(positive.evictions + negative.evictions).toBeGreaterThanOrEqual(model.size - found);
      }),
      { numRuns: 20 },
    );
  });

  test("an entry too large for its ring is not stored, and pushes nothing out", () => {
    const { writer, fillOf } = newWriter();
    writer.put(entryOf("a"), "negative");
    expect(writer.put(entryOf("large", 1, 60_000), "negative")).toBe(false);
    expect(writer.put(entryOf("large", 1, 60_000), "positive")).toBe(true);
    expect([fillOf("a"), fillOf("large")]).toEqual([1, 1]);
  });
});

describe("eviction", () => {
  test("a flood of negative entries pushes out no positive one", () => {
    const { writer, has } = newWriter();
    const names = Array.from({ length: 2_500 }, (_, i) => `kept-${i}`);
    for (const name of names) writer.put(entryOf(name, 1, 100), "positive");
    const before = names.filter(has);
    expect(before.length).toBeGreaterThan(2_490);
    const { evictions } = writer.counts.positive;
    for (let i = 0; i < 100_000; i++) writer.put(entryOf(`random-${i}.example`, 2, 100), "negative");
    expect(names.filter(has)).toEqual(before);
    const { positive, negative } = writer.counts;
    expect(positive).toMatchObject({ entries: before.length, evictions });
    // A bucket full of positive entries takes no negative one.
    expect(negative.entries + negative.evictions).toBeGreaterThan(99_000);
    expect(negative.entries + negative.evictions).toBeLessThanOrEqual(100_000);
  });

  test("a bucket full of positive entries takes no negative one", () => {
    const { writer, reader, has } = newWriter();
    const names = namesOfBucket(BUCKET_SLOTS + 1, reader.words[CACHE_HEADER.BUCKET_COUNT]!);
    const last = names.pop()!;
    for (const name of names) writer.put(entryOf(name), "positive");
    expect(writer.put(entryOf(last), "negative")).toBe(false);
    expect([...names, last].filter(has)).toEqual(names);
    expect(writer.put(entryOf(last), "positive")).toBe(true);
    expect([...names, last].filter(has)).toEqual([...names.slice(1), last]);
    // One of its keys may turn negative all the same.
    expect(writer.put(entryOf(last), "negative")).toBe(true);
    expect(writer.count).toBe(BUCKET_SLOTS);
  });

  test("in a full bucket the oldest one goes", () => {
    const { writer, reader, has } = newWriter();
    const names = namesOfBucket(BUCKET_SLOTS * 3, reader.words[CACHE_HEADER.BUCKET_COUNT]!);
    for (const name of names) writer.put(entryOf(name), "negative");
    expect(names.filter(has)).toEqual(names.slice(-BUCKET_SLOTS));
  });

  test("an entry that is read again and again stays; one that is read no more goes", () => {
    const { writer, fillOf, has } = newWriter();
    writer.put(entryOf("hot", 9), "positive");
    writer.put(entryOf("once", 9), "positive");
    writer.put(entryOf("cold", 9), "positive");
    fillOf("once");
    for (let i = 0; i < 40_000; i++) {
      writer.put(entryOf(`name-${i}`, 2, 100), "positive");
      if (i % 500 === 0) expect(fillOf("hot")).toBe(9);
    }
    expect(["hot", "once", "cold"].filter(has)).toEqual(["hot"]);
  });

  test("a hot entry that is put anew is not brought back by its older self", () => {
    const { writer, fillOf } = newWriter();
    writer.put(entryOf("hot", 1, 30_000), "positive");
    fillOf("hot");
    for (let i = 0; i < 200; i++) {
      writer.put(entryOf("hot", 2 + (i % 200), 30_000), "positive");
      expect(fillOf("hot")).toBe(2 + (i % 200));
    }
    expect(writer.count).toBe(1);
  });
});

describe("sweep", () => {
  test("shows every entry once in a round, with its hits, and drops those it may", () => {
    const { writer, fillOf, has, reader } = newWriter();
    const names = Array.from({ length: 500 }, (_, i) => `name-${i}`);
    for (const name of names) writer.put(entryOf(name), "positive");
    for (let i = 0; i < 3; i++) fillOf("name-7");
    const seen = new Map<string, number>();
    const keyOf = (words: Int32Array, entry: number): string => {
      const at = (entry + CACHE_ENTRY.KEY) * 4;
      return Buffer.from(
        readCacheKey(reader.bytes.slice(at, at + (words[entry + CACHE_ENTRY.SIZES]! & 0xffff))).name,
      ).toString("latin1");
    };
    for (let part = 0; part < 7; part++) {
      writer.sweep(part, 7, (words, entry, hits) => {
        const name = keyOf(words, entry);
        expect(seen.has(name)).toBe(false);
        seen.set(name, hits);
        return name.endsWith("7");
      });
    }
    expect([...seen.keys()].toSorted()).toEqual(names.toSorted());
    expect(seen.get("name-7")).toBe(3);
    expect(seen.get("name-8")).toBe(0);
    expect(names.filter(has)).toEqual(names.filter((name) => name.endsWith("7")));
    expect(writer.count).toBe(50);
  });
});

describe("isUnchanged", () => {
  test("is false once the entry was replaced, pushed out or dropped", () => {
    const { writer, reader, find } = newWriter();
    writer.put(entryOf("a", 1), "positive");
    const first = find("a");
    writer.put(entryOf("a", 2), "positive");
    expect(reader.isUnchanged(first)).toBe(false);
    const second = find("a");
    expect(reader.isUnchanged(second)).toBe(true);
    const third = find("a");
    writer.sweep(0, 1, () => false);
    expect(reader.isUnchanged(third)).toBe(false);
    expect(find("a")).toBe(0);
  });
});
