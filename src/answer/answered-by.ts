// Which part of the server has the answer to a query: a local zone of some kind, the cache, upstreams, or none of them.
// Counters and logs name it.
import { ZONE_KIND } from "../table/layout.ts";

/** Numbers from 0 on; those of local zones are the `ZONE_KIND` of the name at the end of the chain. */
export const ANSWERED_BY = {
  ...ZONE_KIND,
  CACHE: 5,
  /** The cache too: the name or type does not exist. */
  CACHED_DENIAL: 6,
  /** The answer came late: upstreams were asked, or a search list was walked. */
  UPSTREAM: 7,
  /** The reply is an error or about the server itself: no zone and no upstream was asked. */
  NONE: 8,
} as const;

/** The names of the numbers above, as metrics and logs have them. */
export const ANSWERED_BY_NAMES: readonly string[] = [
  "cluster",
  "reverse",
  "zone-file",
  "hosts",
  "special",
  "cache",
  "cache",
  "upstream",
  "none",
];
