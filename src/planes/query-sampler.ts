// A sample of the answered queries for the status page: the most asked names, and the queries that somebody watches.
// The busier the server, the smaller the share that it takes, so that its own work stays small: at most about five
// hundred records a second. A record counts as often as queries came for it.
import { RCODE } from "../dns/constants.ts";
import { formatType } from "../dns/type-names.ts";
import { TopCounter } from "../overview/top-lists.ts";
import type { TopLists } from "../overview/top-lists.ts";
import { formatRcode } from "../query-log/format-query.ts";
import { causeWord } from "../query-log/query-details.ts";
import type { ClusterView } from "../query-log/query-details.ts";
import type { QueryFeed } from "../query-log/query-feed.ts";
import type { QueryRecord } from "../query-log/query-record.ts";
import type { QueryRow } from "../status-page/status-view.ts";

const RECORDS_PER_SECOND = 500;
const EVERY_MAX = 2 ** 20;
/** Records come in bursts, as the rings are emptied: a shorter time says nothing of a rate. */
const MEASURED_MS_MIN = 100;
/** How long it waits before it takes twice the share when queries come slower. */
const LARGER_AFTER_MS = 2_000;

export class QuerySampler {
  readonly #feed: QueryFeed;
  readonly #cluster: ClusterView;
  readonly #counter = new TopCounter(performance.now());
  readonly #watchers = new Set<(query: QueryRow) => void>();
  /** One query in so many is taken; a power of 2. */
  #every = 1;
  #unsubscribe: () => void;
  /** Records since `#countedAtMs`, and those that were lost before. */
  #taken = 0;
  #lostBefore = 0;
  #countedAtMs = performance.now();
  #changedAtMs = performance.now();

  constructor(feed: QueryFeed, cluster: ClusterView) {
    this.#feed = feed;
    this.#cluster = cluster;
    this.#unsubscribe = this.#subscribe();
  }

  /** Takes a share that fits the queries since the last call. To be called about once a second. */
  adapt(): void {
    const nowMs = performance.now();
    const { dropped } = this.#feed.counts;
    const records = this.#taken + dropped - this.#lostBefore;
    const perSecond = (records / Math.max(MEASURED_MS_MIN, nowMs - this.#countedAtMs)) * 1_000;
    this.#taken = 0;
    this.#lostBefore = dropped;
    this.#countedAtMs = nowMs;
    const wanted = everyFor(perSecond * this.#every);
    const isFaster = wanted > this.#every;
    if (!isFaster && (wanted === this.#every || nowMs - this.#changedAtMs < LARGER_AFTER_MS)) return;
    this.#changedAtMs = nowMs;
    this.#every = isFaster ? wanted : this.#every / 2;
    this.#unsubscribe();
    this.#unsubscribe = this.#subscribe();
  }

  /** The most frequent of the last minutes; counts are estimates where a share is taken. */
  top(limit: number): TopLists {
    return this.#counter.top(limit, performance.now());
  }

  /** Passes what is taken to `watcher`, until the function that it returns is called. */
  watch(watcher: (query: QueryRow) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  close(): void {
    this.#unsubscribe();
  }

  #subscribe(): () => void {
    const every = this.#every;
    const wish = { success: every, denial: every, error: every, mayLose: true };
    return this.#feed.subscribe({ wish, take: (record) => this.#take(record, every) });
  }

  #take(record: QueryRecord, weight: number): void {
    // Not at once: the feed is going through its subscribers.
    if (++this.#taken === RECORDS_PER_SECOND) queueMicrotask(() => this.adapt());
    const { name, address: client, rcode } = record;
    if (record.hasQuestion)
      this.#counter.count({ name, client, isMissing: rcode === RCODE.NXDOMAIN, weight }, performance.now());
    if (this.#watchers.size === 0) return;
    const pod = this.#cluster.podAt(client);
    const row: QueryRow = {
      atMs: record.timeMs,
      client,
      ...(pod !== undefined && { pod }),
      name: record.hasQuestion ? name : "",
      type: record.hasQuestion ? formatType(record.type) : "",
      rcode: formatRcode(rcode),
      cause: causeWord(record, this.#cluster),
      durationUs: record.durationMs * 1_000,
    };
    for (const watcher of this.#watchers) watcher(row);
  }
}

function everyFor(queriesPerSecond: number): number {
  const every = 2 ** Math.ceil(Math.log2(Math.max(1, queriesPerSecond / RECORDS_PER_SECOND)));
  return Math.min(every, EVERY_MAX);
}
