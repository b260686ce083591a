// Settings of an answerer: plain values and shared memory, as they are posted to threads.
// Types only.
import type { RewriteRule } from "../dns/rewrite-rule.ts";
import type { Cidr } from "../net/ip.ts";
import type { ReasonTexts } from "../table/reason-texts.ts";

export interface AnswerSettings {
  /** Largest UDP answer, bytes. */
  readonly ednsSize: number;
  /** Clients that are so near that larger UDP answers reach them; undefined: there are none. */
  readonly near?: NearClients;
  /** Whether names outside the local zones are forwarded. */
  readonly recursion: boolean;
  /** Clients that may ask; undefined: all. */
  readonly allow?: readonly Cidr[];
  /** Clients that may ask for names outside the local zones; undefined: all. */
  readonly allowRecursion?: readonly Cidr[];
  /** What extended errors say beside their codes; undefined: nothing. */
  readonly reasons?: ReasonSettings;
  /** The server's identity for NSID (RFC 5001) and `id.server`; undefined: none. */
  readonly nsid?: Uint8Array;
  /** Idle timeout of connections for the keepalive option, in units of 100 ms (RFC 7828); undefined: no option. */
  readonly keepalive?: number;
  /** Memory of a `Clock`; without it there are no cookies or rate limits. */
  readonly clock?: SharedArrayBuffer;
  /** Memory made by `newCookieMemory`; undefined: no cookies. */
  readonly cookies?: SharedArrayBuffer;
  /** Memory of a `CacheWriter`; undefined: no cache. */
  readonly cache?: SharedArrayBuffer;
  /** Hand over names that do not exist, so that the client's search list is walked for it. */
  readonly autopath?: boolean;
  /** In the order in which they apply; undefined: none. */
  readonly rewriteRules?: readonly RewriteRule[];
  /** Undefined: no limit. */
  readonly rateLimit?: RateLimitSettings;
}

/** Clients whose largest UDP answer is larger than that of others. */
export interface NearClients {
  readonly clients: readonly Cidr[];
  /** Larger than that of `AnswerSettings`, bytes. */
  readonly ednsSize: number;
}

/** Texts of extended errors. */
export interface ReasonSettings {
  readonly texts: ReasonTexts;
  /** Also to clients outside `allowRecursion`. */
  readonly toAll: boolean;
}

/** Limits the answers to one network over UDP. */
export interface RateLimitSettings {
  /** Answers a second, for each class of answers. */
  readonly rate: number;
  /** Clients without a limit. */
  readonly exempt: readonly Cidr[];
  /** Memory made by `newRateMemory`. */
  readonly memory: SharedArrayBuffer;
}
