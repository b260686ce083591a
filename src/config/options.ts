// The checked options of a server. Types only.
// option-table.ts has the spelling, default and limits of each option.
import type { Cidr } from "../net/ip.ts";
import type { Upstream } from "../net/upstream.ts";
import type { OptionFields } from "./option-row.ts";
import type { OptionTable } from "./option-table.ts";
import type { QueryLogSample } from "./query-log-options.ts";

/** All options of a server: a field for each row of the table, and the fields that join-options.ts makes. */
export interface Options extends OptionFields<OptionTable> {
  /** TTL of negative answers. */
  readonly negativeTtlSeconds: number;
  /** Upstreams for names that are not served here; empty and no `upstreamFile`: such names are refused. */
  readonly upstreams: readonly Upstream[];
  /** A resolv.conf with more upstreams. */
  readonly upstreamFile?: string;
  /** Clients that may query names that are not served here, with those in the pod and service CIDRs of all clusters. */
  readonly allowRecursion: readonly Cidr[];
  /** The queries to log; absent: none. */
  readonly queryLog?: QueryLogSample;
  /** PEM files; present if any listen address has a scheme. */
  readonly tlsFiles?: { readonly cert: string; readonly key: string };
}
