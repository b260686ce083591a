// A thread that asks the cache as a data plane thread does, while another one overwrites it, and looks at every byte of
// what it gets. Ends by an error at the first answer that is not whole, or at a byte outside the reply's room.
import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { CacheAnswerer } from "../../../src/answer/cache-answerer.ts";
import { Clock } from "../../../src/std/clock.ts";
import { KnownClient } from "../../../src/answer/client.ts";
import { QueryContext } from "../../../src/answer/query-context.ts";
import { AGE, CACHE_SHARED, questionFor, recordsOf, TTL, TORTURED_NAMES } from "./tortured-cache.ts";
import type { CacheReaderData, CacheReaderReport } from "./tortured-cache.ts";

const { memory, shared, clock, seed } = workerData as CacheReaderData;
const GUARD = 0xa5;
const ROOM_START = 64;
const LIMIT = 1_200;

const answerer = new CacheAnswerer(memory, new Clock(clock));
const room = Buffer.alloc(ROOM_START + LIMIT + 80_000, GUARD);
const questions = Array.from({ length: TORTURED_NAMES }, (_, i) => questionFor(i));
const client = new KnownClient("udp");
const context = new QueryContext({ ednsSize: LIMIT, recursion: true });

/** Compares the reply with what its version holds; the version stands in every address. */
function check(size: number, question: Buffer): void {
  const reply = room.subarray(ROOM_START, ROOM_START + size);
  const count = reply.readUInt16BE(6);
  const truncated = (reply[2]! & 2) !== 0;
  assert.deepEqual(reply.subarray(12, question.length), question.subarray(12));
  assert.equal(reply.readUInt16BE(8), 0);
  assert.equal(size, question.length + 16 * count);
  const version = count === 0 ? 0 : reply.readInt32BE(question.length + 12);
  const expected = recordsOf(version);
  if (truncated) assert.ok(count < expected && size + 16 > LIMIT, `${count} of ${expected} records`);
  else assert.equal(count, expected, `records of version ${version}`);
  for (let at = question.length; at < size; at += 16) {
    assert.equal(reply.readInt32BE(at + 12), version, "addresses of two versions in one answer");
    assert.equal(reply.readUInt32BE(at), 0xc00c0001);
    assert.equal(reply.readUInt32BE(at + 6), TTL - AGE, "a TTL");
  }
}

let hits = 0;
let misses = 0;
let random = seed | 1;
while (Atomics.load(shared, CACHE_SHARED.STOP) === 0) {
  random ^= random << 13;
  random ^= random >>> 17;
  random ^= random << 5;
  const question = questions[(random >>> 0) % TORTURED_NAMES]!;
  context.begin(question, 0, question.length, room, ROOM_START, client);
  assert.ok(context.readPlain());
  context.reply.limit = LIMIT;
  const size = answerer.answer(context) ? context.reply.at : 0;
  // A copy that was thrown away may not have left anything outside either.
  for (let i = 0; i < 64; i++) assert.equal(room[i]! & room[ROOM_START + LIMIT + i * 1_000]!, GUARD, "the guard");
  assert.ok(size <= LIMIT);
  if (size === 0) misses++;
  else {
    check(size, question);
    hits++;
  }
}
assert.ok(room.subarray(ROOM_START + LIMIT).every((byte) => byte === GUARD));
parentPort!.postMessage({ hits, misses } satisfies CacheReaderReport);
