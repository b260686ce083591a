// The most asked names, the most asked names that do not exist, and the clients that ask most, of the last minutes.
// Fixed in size: a sketch for each list and window. Pure: time comes in as an argument.
import { SpaceSaving } from "../std/space-saving.ts";
import type { FrequentKey } from "../std/space-saving.ts";

/** A query as the lists count it. */
export interface CountedQuery {
  readonly name: string;
  /** An IP address. */
  readonly client: string;
  readonly isMissing: boolean;
  /** How many queries it stands for, where it is one of a sample. */
  readonly weight: number;
}

/** A list with its most frequent keys first, and how many queries there were, counted or estimated from a sample. */
export interface TopList {
  readonly keys: readonly FrequentKey[];
  readonly total: number;
}

export interface TopLists {
  readonly names: TopList;
  /** Names that got NXDOMAIN. */
  readonly missing: TopList;
  readonly clients: TopList;
  /** How long ago the counting began, seconds. */
  readonly seconds: number;
}

/** The lists are of one to two windows. */
export const WINDOW_MS = 300_000;
/** A list of the first ten is right to a few per cent with so many counters; a name has at most a kilobyte. */
const COUNTERS = 256;

const LISTS = ["names", "missing", "clients"] as const;

interface Window {
  readonly names: SpaceSaving;
  readonly missing: SpaceSaving;
  readonly clients: SpaceSaving;
  readonly sinceMs: number;
}

export class TopCounter {
  #current: Window;
  #previous: Window | undefined;

  /** `nowMs`: monotonic, like all times here. */
  constructor(nowMs: number) {
    this.#current = newWindow(nowMs);
  }

  count({ name, client, isMissing, weight }: CountedQuery, nowMs: number): void {
    this.#rotate(nowMs);
    this.#current.names.add(name, weight);
    if (isMissing) this.#current.missing.add(name, weight);
    this.#current.clients.add(client, weight);
  }

  /** The first `limit` of each list. */
  top(limit: number, nowMs: number): TopLists {
    this.#rotate(nowMs);
    const windows = this.#previous === undefined ? [this.#current] : [this.#previous, this.#current];
    const lists = LISTS.map(
      (list) =>
        [
          list,
          topOf(
            windows.map((window) => window[list]),
            limit,
          ),
        ] as const,
    );
    const seconds = Math.round((nowMs - windows[0]!.sinceMs) / 1_000);
    return { ...(Object.fromEntries(lists) as Pick<TopLists, (typeof LISTS)[number]>), seconds };
  }

  #rotate(nowMs: number): void {
    const age = nowMs - this.#current.sinceMs;
    if (age < WINDOW_MS) return;
    this.#previous = age < 2 * WINDOW_MS ? this.#current : undefined;
    this.#current = newWindow(nowMs);
  }
}

function newWindow(sinceMs: number): Window {
  const sketch = (): SpaceSaving => new SpaceSaving(COUNTERS);
  return { names: sketch(), missing: sketch(), clients: sketch(), sinceMs };
}

/** The sum of sketches: counts and errors add up. */
function topOf(sketches: readonly SpaceSaving[], limit: number): TopList {
  const sums = new Map<string, FrequentKey>();
  for (const { key, count, error } of sketches.flatMap((sketch) => sketch.top(COUNTERS))) {
    const known = sums.get(key);
    sums.set(key, { key, count: count + (known?.count ?? 0), error: error + (known?.error ?? 0) });
  }
  const keys = [...sums.values()].sort((a, b) => b.count - a.count || a.error - b.error);
  return { keys: keys.slice(0, limit), total: sketches.reduce((sum, { total }) => sum + total, 0) };
}
