// Composition root of what becomes of answered queries: the feed that brings their records from all threads, and the
// query log and the dnstap that the options ask for.
import { hostname } from "node:os";
import type { Options } from "../config/options.ts";
import { DnstapLog } from "../dnstap/dnstap-log.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { Logger } from "../observe/log.ts";
import type { LogOutput } from "../observe/log-output.ts";
import { formatCoreDns, formatText, newJsonFormat } from "../query-log/format-query.ts";
import type { ClusterView } from "../query-log/query-details.ts";
import { QueryFeed } from "../query-log/query-feed.ts";
import { QueryFilter } from "../query-log/query-filter.ts";
import { QueryLog } from "../query-log/query-log.ts";

/** At most one line in so long says that queries were lost. */
const LOST_INTERVAL_MS = 10_000;
const VERSION = "cluster-dns";

export interface QueryPlaneParts {
  readonly log: Logger;
  /** Where the query log goes; undefined: nowhere. */
  readonly output: LogOutput | undefined;
  readonly cluster: ClusterView;
}

export class QueryPlane {
  /** Brings records to subscribers; each thread that answers writes them by memory that it gives out. */
  readonly feed: QueryFeed;
  readonly #log: Logger;
  readonly #queryLog: QueryLog | undefined;
  readonly #dnstap: DnstapLog | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #reported = 0;

  constructor(options: Options, { log, output, cluster }: QueryPlaneParts) {
    this.#log = log;
    this.feed = new QueryFeed(options.dnstap !== undefined);
    this.#queryLog = output && newQueryLog(options, output, cluster);
    this.#dnstap = this.#newDnstap(options);
    if (this.#queryLog !== undefined) this.feed.subscribe(this.#queryLog);
    // The status page takes a sample, of which nothing is missing.
    if (this.#queryLog !== undefined || this.#dnstap !== undefined)
      this.#timer = setInterval(() => this.#reportLost(), LOST_INTERVAL_MS).unref();
  }

  /** Logs and sends what is left. Call it when nothing is answered any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.feed.close();
    if (this.#timer !== undefined) this.#reportLost();
    await this.#dnstap?.close();
  }

  /** Records that were read, and those that are missing by where they were lost. */
  get counts(): { readonly read: number; readonly lost: Readonly<Record<"ring" | "log" | "dnstap", number>> } {
    const { read, dropped } = this.feed.counts;
    return { read, lost: { ring: dropped, log: this.#queryLog?.lost ?? 0, dnstap: this.#dnstap?.lost ?? 0 } };
  }

  #newDnstap({ dnstap: target, nsid }: Options): DnstapLog | undefined {
    if (target === undefined) return undefined;
    const receiver = "path" in target ? target.path : formatListenAddress(target);
    return new DnstapLog(target, { identity: nsid ?? hostname(), version: VERSION }, this.feed, {
      onConnected: () => this.#log.info({ receiver }, "dnstap is connected"),
      onLost: (reason) => this.#log.warn({ receiver, reason }, "dnstap has no receiver: it is looked for again"),
    });
  }

  #reportLost(): void {
    const lost = Object.values(this.counts.lost).reduce((sum, count) => sum + count, 0);
    const count = lost - this.#reported;
    this.#reported = lost;
    if (count > 0) this.#log.warn({ count }, "queries are missing in the query log or in dnstap: they came too fast");
  }
}

function newQueryLog(options: Options, output: LogOutput, cluster: ClusterView): QueryLog | undefined {
  const { queryLog, queryLogSlowerThanMs, queryLogNames, queryLogClients, queryLogRcodes, queryLogFormat } = options;
  if (queryLog === undefined) return undefined;
  const json = output.isTerminal ? formatText : newJsonFormat();
  return new QueryLog({
    wish: { ...queryLog, slowerThanMs: queryLogSlowerThanMs },
    filter: new QueryFilter({ names: queryLogNames, clients: queryLogClients, rcodes: queryLogRcodes }),
    format: queryLogFormat === "coredns" ? formatCoreDns : json,
    cluster,
    write: (line) => output.writeIfRoom(line),
  });
}
