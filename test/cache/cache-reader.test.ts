// One writer that overwrites a small cache at full speed, readers in threads of their own that look at every answer.
// TORTURE_SECONDS says for how long, 3 when absent. What a reader finds at rest stands in cache-writer.test.ts.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { Clock } from "../../src/std/clock.ts";
import { encodeCacheEntry } from "../../src/cache/cache-entry.ts";
import { CACHE_ENTRY } from "../../src/cache/cache-layout.ts";
import { CACHE_BYTES_MIN, CacheWriter } from "../../src/cache/cache-writer.ts";
import { content, key, record } from "../support/core/cached.ts";
import { AGE, CACHE_SHARED, nameText, recordsOf, TORTURED_NAMES, TTL } from "../support/torture/tortured-cache.ts";
import type { CacheReaderData, CacheReaderReport } from "../support/torture/tortured-cache.ts";

const SECONDS = Number(process.env["TORTURE_SECONDS"] ?? 3);
const READER_COUNT = 2;
const VERSIONS = 400;
const READER = new URL("../support/torture/cache-reader-worker.ts", import.meta.url);

const readers: Worker[] = [];
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.terminate()));
});

/** Entries of one name in all versions; version 0 is a failure without records. */
function versionsOf(name: string): Int32Array[] {
  return Array.from({ length: VERSIONS }, (_, version) => {
    const address = Buffer.alloc(4);
    address.writeInt32BE(version);
    const records = Array.from({ length: recordsOf(version) }, () => record(name, TTL, "A", address));
    return encodeCacheEntry(key(name), content(records), { storedMs: 0, validUntilMs: 0, ttl: TTL });
  });
}

test("no reader ever gets an answer that is not whole", { timeout: SECONDS * 1000 + 30_000 }, async () => {
  const writer = new CacheWriter(CACHE_BYTES_MIN, [11, 22]);
  const clock = new Clock();
  clock.update(0, AGE * 1000);
  const shared = new Int32Array(new SharedArrayBuffer(CACHE_SHARED.WORDS * 4));
  const errors: unknown[] = [];
  const reports = Array.from({ length: READER_COUNT }, async (_, i): Promise<CacheReaderReport> => {
    const workerData: CacheReaderData = { memory: writer.memory, clock: clock.memory, shared, seed: 7919 * (i + 1) };
    const reader = new Worker(READER, { workerData });
    readers.push(reader);
    reader.on("error", (error) => errors.push(error));
    return ((await once(reader, "message")) as [CacheReaderReport])[0];
  });
  await Promise.all(readers.map((reader) => once(reader, "online")));

  // All names have the same size but for their digits: entries of one fit another once the key is written in.
  const entries = versionsOf(nameText(1_000));
  let puts = 0;
  const put = (i: number): void => {
    const version = (puts * 31) % VERSIONS;
    const entry = entries[version]!.slice();
    const digits = Buffer.from(String(1_000 + (i % 1_000)));
    new Uint8Array(entry.buffer).set(digits, CACHE_ENTRY.KEY * 4 + 1 + "name-".length);
    writer.put(entry, version % 5 === 0 ? "negative" : "positive");
    puts++;
  };
  const deadline = performance.now() + SECONDS * 1000;
  while (performance.now() < deadline && errors.length === 0) {
    for (let i = 0; i < 500; i++) put((puts * 17) % TORTURED_NAMES);
    if (puts % 5_000 === 0) writer.sweep(puts % 3, 3, (_words, _entry, hits) => hits > 0);
    // For errors to be heard.
    await new Promise((resolve) => setImmediate(resolve));
  }
  Atomics.store(shared, CACHE_SHARED.STOP, 1);
  expect(errors).toEqual([]);

  // That all that could go wrong had its chance.
  expect(puts).toBeGreaterThan(20_000);
  for (const { hits, misses } of await Promise.all(reports)) {
    expect(hits).toBeGreaterThan(5_000);
    expect(misses).toBeGreaterThan(100);
  }
});
