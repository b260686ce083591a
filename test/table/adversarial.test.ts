// Names chosen to collide must cost no more than others: chosen against hashes without a key, and against ours by
// somebody who has another key. ADVERSARIAL_NAMES says how many, at most 2^20; 2^16 when absent.
import { describe, expect, test } from "vitest";
import { isTimed } from "../support/timing.ts";
import { hashBytes } from "../../src/std/hash.ts";
import { TableReader } from "../../src/table/reader.ts";
import { TableWriter } from "../../src/table/writer.ts";

const COUNT = Number(process.env["ADVERSARIAL_NAMES"] ?? 1 << 16);
/** Names of so many pairs of equivalent blocks: 2^20 of them. */
const BLOCK_COUNT = 20;
const ROUNDS = 3;
const KEY = [0x1234_5678, -0x1234_5679] as const;
const OTHER_KEY = [42, 43] as const;
const CONTENT = { flags: 0, apexSize: 3, zone: 0, kind: 0, sets: [] };

type Hash = (name: Uint8Array) => number;

/** h = 31 h + byte: the hash of Java's strings. */
const times31: Hash = (name) => name.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 0);
const fnvStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x0100_0193);
/** FNV-1a of 32 bits. */
const fnv1a: Hash = (name) => name.reduce(fnvStep, 0x811c_9dc5 | 0);

const BLOCK_SIZE = 5;
const BLOCKS_TRIED_MAX = 4_000_000;

/** The nth block, in no order; its bytes are no letters, so nothing is folded. */
function nthBlock(n: number): Uint8Array {
  const block = new Uint8Array(BLOCK_SIZE);
  for (let i = 0, rest = n * 1_048_573; i < BLOCK_SIZE; i++, rest = Math.floor(rest / 128))
    block[i] = 0x80 | (rest % 128);
  return block;
}

/** Two blocks that lead FNV-1a from `state` to the same state: found by the birthday paradox. */
function fnvPair(state: number): [Uint8Array, Uint8Array] {
  const seen = new Map<number, number>();
  for (let n = 0; n < BLOCKS_TRIED_MAX; n++) {
    const block = nthBlock(n);
    let after = state;
    for (let i = 0; i < BLOCK_SIZE; i++) after = fnvStep(after, block[i]!);
    const other = seen.get(after);
    if (other !== undefined) return [nthBlock(other), block];
    seen.set(after, n);
  }
  throw new Error("no two blocks collide");
}

/** The first `count` of the names that each take one block of every pair, in two labels below `z.`. */
function namesOf(pairs: readonly [Uint8Array, Uint8Array][], count: number): Uint8Array[] {
  const half = pairs.length / 2;
  const size = pairs[0]![0].length;
  return Array.from({ length: count }, (_, n) => {
    const name = new Uint8Array(2 * (1 + half * size) + 3);
    for (let i = 0, at = 0; i < pairs.length; i++, at += size) {
      if (i % half === 0) name[at++] = half * size;
      name.set(pairs[i]![(n >> i) & 1]!, at);
    }
    name.set([1, 0x7a], name.length - 3);
    return name;
  });
}

function collidingFor31(): [Uint8Array, Uint8Array][] {
  return Array.from({ length: BLOCK_COUNT }, () => [Uint8Array.from([0x61, 0x7a]), Uint8Array.from([0x62, 0x5b])]);
}

function collidingForFnv(): [Uint8Array, Uint8Array][] {
  const pairs: [Uint8Array, Uint8Array][] = [];
  let state = 0x811c_9dc5 | 0;
  for (let i = 0; i < BLOCK_COUNT; i++) {
    if (i % (BLOCK_COUNT / 2) === 0) state = fnvStep(state, (BLOCK_COUNT / 2) * BLOCK_SIZE);
    pairs.push(fnvPair(state));
    state = pairs.at(-1)![0].reduce(fnvStep, state);
  }
  return pairs;
}

/** Names whose hashes under `key` fall into one 256th of the table. */
function crowdedUnder(key: readonly [number, number], count: number): Uint8Array[] {
  const slots = 2 ** Math.ceil(Math.log2(count * 3));
  const name = Uint8Array.from([8, ...Buffer.alloc(8), 1, 0x7a, 0]);
  const found: Uint8Array[] = [];
  for (let n = 0; found.length < count; n++) {
    for (let i = 0; i < 8; i++) name[1 + i] = 0x61 + ((n >>> (i * 4)) & 15);
    if ((hashBytes(name, 0, name.length, ...key) & (slots - 1)) < slots / 256) found.push(name.slice());
  }
  return found;
}

/** As many names of the same shape, with nothing special about them. */
function normalLike(names: readonly Uint8Array[]): Uint8Array[] {
  let random = 1;
  return names.map((name, n) => {
    const [first] = name;
    return name.map((byte, at) => {
      if (at === 0 || at === 1 + first! || at >= name.length - 3) return byte;
      random = Math.imul(random ^ (n + at), 0x2c1b_3c6d);
      random ^= random >>> 15;
      return 0x61 + ((random >>> 8) % 26);
    });
  });
}

/** Milliseconds to put all names into a new table and to find each of them. */
function measure(names: readonly Uint8Array[], key: readonly [number, number]): { put: number; find: number } {
  const startedAtMs = performance.now();
  const writer = new TableWriter(key, () => undefined);
  for (const name of names) writer.put(name, CONTENT);
  const putAtMs = performance.now();
  const reader = new TableReader(writer.buffer);
  let found = 0;
  for (const name of names) if (reader.find(name, 0, name.length) !== 0) found++;
  expect(found).toBe(names.length);
  return { put: putAtMs - startedAtMs, find: performance.now() - putAtMs };
}

/** How many times longer `chosen` takes, the best of some rounds in turn. */
function ratios(chosen: readonly Uint8Array[], key: readonly [number, number]): { put: number; find: number } {
  const normal = normalLike(chosen);
  const best = [normal, chosen].map(() => ({ put: Infinity, find: Infinity }));
  for (let round = 0; round < ROUNDS; round++) {
    [normal, chosen].forEach((names, i) => {
      const { put, find } = measure(names, key);
      best[i] = { put: Math.min(best[i]!.put, put), find: Math.min(best[i]!.find, find) };
    });
  }
  return { put: best[1]!.put / best[0]!.put, find: best[1]!.find / best[0]!.find };
}

function expectNoWorse(chosen: readonly Uint8Array[]): void {
  measure(chosen, KEY);
  if (!isTimed) return;
  const { put, find } = ratios(chosen, KEY);
  expect(put, "to put").toBeLessThan(3);
  expect(find, "to find").toBeLessThan(3);
}

describe("names chosen to collide", { timeout: 120_000 + COUNT / 5 }, () => {
  test.each<[what: string, hash: Hash, pairs: () => [Uint8Array, Uint8Array][]]>([
    ["under the hash of Java's strings", times31, collidingFor31],
    ["under FNV-1a", fnv1a, collidingForFnv],
  ])("%s cost at most three times as much as others", (_, hash, pairs) => {
    const chosen = namesOf(pairs(), COUNT);
    expect(new Set(chosen.slice(0, 5_000).map(hash)).size).toBe(1);
    expect(new Set(chosen.map((name) => Buffer.from(name).toString("latin1"))).size).toBe(COUNT);
    expectNoWorse(chosen);
  });

  test("under our hash with another key cost at most three times as much as others", () => {
    expectNoWorse(crowdedUnder(OTHER_KEY, COUNT / 8));
  });

  if (isTimed) {
    test("under our hash with our key would cost far more: the measure sees it", () => {
      const { put, find } = ratios(crowdedUnder(KEY, 4_096), KEY);
      expect(put).toBeGreaterThan(3);
      expect(find).toBeGreaterThan(3);
    });
  }
});
