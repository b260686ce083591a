// Fits this process to the memory that it may use: measures what it uses at its start, divides the rest, and has V8
// collect garbage early where the rest is small.
import { getHeapStatistics } from "node:v8";
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import { memoryUsed } from "../process/memory-limit.ts";
import { collectGarbageOfLoad, limitGarbage } from "../process/collect-garbage.ts";
import { MemoryRoom } from "../std/memory-room.ts";
import { planMemory } from "./memory-budget.ts";

export interface OpenedMemory {
  /** With a cache that fits. */
  readonly options: Options;
  /** For objects, names and parsing. */
  readonly room: MemoryRoom;
  /** For all listeners together. */
  readonly connectionsMax: number;
  readonly isTight: boolean;
}

const MB = 1 << 20;
/** Where less of the memory is free, garbage is collected before anything is refused, at most this often. */
const SHORT_SHARE = 0.35;
const COLLECTION_MS = 500;

/** What a server has that a command does not have. */
export interface ServerParts {
  readonly hasCache: boolean;
  /** Threads that answer, if UDP comes in batches. */
  readonly workers: number;
  /** Gives free memory back to the system, where that can be done. */
  readonly trimMemory: () => void;
}

/** Divides the memory of the options. Throws a `SettingsError` if it is not enough for a server. */
export function openMemory(options: Options, server?: ServerParts): OpenedMemory {
  const { memoryBytes: limitBytes } = options;
  const plan = planMemory({
    limitBytes,
    usedBytes: memoryUsed(),
    heapBytes: getHeapStatistics().heap_size_limit,
    workers: server?.workers ?? 0,
    cacheBytes: server?.hasCache === true ? options.cacheBytes : 0,
  });
  if (server !== undefined && limitBytes !== undefined && limitBytes < plan.leastBytes) {
    const limit = Math.floor(limitBytes / MB);
    const needed = `this process may use ${limit} MB of memory and needs at least ${plan.leastBytes / MB} MB`;
    throw new SettingsError(`${needed}: raise --memory or the limit of the container`);
  }
  if (plan.isTight) limitGarbage();
  return {
    options: plan.cacheBytes > 0 ? { ...options, cacheBytes: plan.cacheBytes } : options,
    room: new MemoryRoom(plan.contentBytes, plan.isTight ? freeMeter(plan.usableBytes, server?.trimMemory) : undefined),
    connectionsMax: plan.connectionsMax,
    isTight: plan.isTight,
  };
}

/** Measures how much of `usableBytes` is free; collects garbage before that is little. */
function freeMeter(usableBytes: number, trimMemory = () => {}): () => number {
  let collectedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    const free = usableBytes - memoryUsed();
    if (free > usableBytes * SHORT_SHARE || performance.now() - collectedAtMs < COLLECTION_MS) return free;
    collectGarbageOfLoad(true);
    trimMemory();
    collectedAtMs = performance.now();
    return usableBytes - memoryUsed();
  };
}
