// Shared by the writer and the readers of the cache's torture test: an entry's content follows from its version, which
// every record shows.
import { writeQuery } from "../wire.ts";

export const TORTURED_NAMES = 2_000;
/** Of all records, seconds, and how old all entries are. */
export const TTL = 1_000;
export const AGE = 7;

/** Words of the memory that all threads share. */
export const CACHE_SHARED = { STOP: 0, SATISFIED: 1, WORDS: 2 } as const;

/** What each reader has to see more of before the writer stops, so that all that can go wrong has its chance. */
export const CACHE_SEEN_MIN = { hits: 5_000, misses: 100 } as const;

/** What a reader's thread is started with. */
export interface CacheReaderData {
  readonly memory: SharedArrayBuffer;
  readonly clock: SharedArrayBuffer;
  readonly shared: Int32Array;
  readonly seed: number;
}

/** What a reader has seen. */
export interface CacheReaderReport {
  readonly hits: number;
  readonly misses: number;
}

export function nameText(i: number): string {
  return `name-${i}.up.test.`;
}

export function questionFor(i: number): Buffer {
  return writeQuery({ name: nameText(i), type: "A", id: i });
}

/** How many addresses a version has: none to 200, so that sizes differ and some are cut. */
export function recordsOf(version: number): number {
  return version === 0 ? 0 : 1 + ((version * 7_919) % 200);
}
