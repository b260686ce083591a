// The query log: a line for each query that is wanted. Lines go where the rest of the log goes, but give way to it: a
// line that finds no place is lost, and counted.
import type { Wish } from "./demand.ts";
import type { QueryFormat } from "./format-query.ts";
import { causeWord } from "./query-details.ts";
import type { ClusterView } from "./query-details.ts";
import type { QuerySubscriber } from "./query-feed.ts";
import type { QueryFilter } from "./query-filter.ts";
import type { QueryRecord } from "./query-record.ts";

export interface QueryLogParts {
  readonly wish: Wish;
  readonly filter: QueryFilter;
  readonly format: QueryFormat;
  readonly cluster: ClusterView;
  /** Takes a line with its end; false: there is no place for it. */
  readonly write: (line: string) => boolean;
}

export class QueryLog implements QuerySubscriber {
  readonly wish: Wish;
  /** Lines that found no place. */
  lost = 0;
  readonly #parts: QueryLogParts;

  constructor(parts: QueryLogParts) {
    this.wish = parts.wish;
    this.#parts = parts;
  }

  take(record: QueryRecord): void {
    const { filter, format, cluster, write } = this.#parts;
    if (!filter.passes(record)) return;
    const details = { pod: cluster.podAt(record.address), cause: causeWord(record, cluster) };
    if (!write(format(record, details))) this.lost++;
  }
}
