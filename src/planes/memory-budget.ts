// Divides the memory that the process may use: what the program itself needs, the cache of upstreams' answers,
// connections, and what is left for objects, names and the threads that parse them. Pure. docs/performance.md tells how
// the figures were measured.

/** What the division depends on; sizes in bytes. */
export interface MemoryNeeds {
  /** What the process may use; undefined: no limit. */
  readonly limitBytes: number | undefined;
  /** What it uses before it has loaded anything. */
  readonly usedBytes: number;
  /** The bound of this thread's heap. */
  readonly heapBytes: number;
  /** Threads that answer. */
  readonly workers: number;
  /** The size of the cache that was asked for; 0 without upstreams. */
  readonly cacheBytes: number;
}

export interface MemoryBudget {
  /** A server needs at least that much. */
  readonly leastBytes: number;
  /** For objects, names and parsing. */
  readonly contentBytes: number;
  /** What the process may use, less what it keeps for the unforeseen. */
  readonly usableBytes: number;
  readonly cacheBytes: number;
  /** For all listeners together. */
  readonly connectionsMax: number;
  /** So little that garbage must not wait. */
  readonly isTight: boolean;
}

const MB = 1 << 20;
const WORKER_BYTES = 14 * MB;
/** Compiled code of the first parse and the first answers, and objects that are about to be collected. */
const WARM_BYTES = 32 * MB;
/** Of the limit, for what was not foreseen; of it, for connections and for the cache. */
const SPARE_SHARE = 1 / 20;
const CONNECTIONS_SHARE = 1 / 32;
const CACHE_SHARE = 1 / 16;
/** A connection with its replies that are not sent. */
const CONNECTION_BYTES = 24 * 1024;
const CONTENT_BYTES_MIN = 20 * MB;
const TIGHT_BYTES_MAX = 1024 * MB;
/** The content is estimated as the system sees it; less than half of that is in the heap. */
const CONTENT_OF_HEAP = 2;

/** The budget; what does not fit at all gets nothing. */
export function planMemory(needs: MemoryNeeds): MemoryBudget {
  const { limitBytes, usedBytes, heapBytes, workers, cacheBytes } = needs;
  if (limitBytes === undefined) {
    const all = Number.POSITIVE_INFINITY;
    return { leastBytes: 0, contentBytes: all, usableBytes: all, cacheBytes, connectionsMax: all, isTight: false };
  }
  const cache = Math.min(cacheBytes, Math.floor((limitBytes * CACHE_SHARE) / MB) * MB);
  const shares = SPARE_SHARE + CONNECTIONS_SHARE + (cacheBytes > 0 ? CACHE_SHARE : 0);
  const fixedBytes = usedBytes + workers * WORKER_BYTES + WARM_BYTES;
  const leastBytes = Math.ceil((fixedBytes + CONTENT_BYTES_MIN) / (1 - shares) / MB) * MB;
  const left = limitBytes * (1 - SPARE_SHARE - CONNECTIONS_SHARE) - fixedBytes - cache;
  return {
    leastBytes,
    contentBytes: Math.floor(Math.max(Math.min(left, (heapBytes - fixedBytes) * CONTENT_OF_HEAP), 0)),
    usableBytes: Math.floor(limitBytes * (1 - SPARE_SHARE)),
    cacheBytes: cache,
    connectionsMax: Math.floor((limitBytes * CONNECTIONS_SHARE) / CONNECTION_BYTES),
    isTight: limitBytes <= TIGHT_BYTES_MAX,
  };
}
