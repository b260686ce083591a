// What answers depend on beside the zones and the query: plain values and shared memory, as they are posted to threads.
// Only types.
import type { Cidr } from "../net/ip.ts";

export interface AnswerSettings {
  /** Largest UDP answer, bytes. */
  readonly ednsSize: number;
  /** Whether names outside our zones can be asked elsewhere. */
  readonly recursion: boolean;
  /** Who may ask at all; undefined: anyone. */
  readonly allow?: readonly Cidr[];
  /** Who may ask for what is not ours; undefined: anyone. */
  readonly allowRecursion?: readonly Cidr[];
  /** Told to those who ask which server this is (RFC 5001); undefined: nothing. */
  readonly nsid?: Uint8Array;
  /** How long a connection may be idle, in units of 100 ms (RFC 7828); undefined: it is not told. */
  readonly keepalive?: number;
  /** Memory of a `Clock`; without it there are neither cookies nor rate limits. */
  readonly clock?: SharedArrayBuffer;
  /** Memory made by `newCookieMemory`; undefined: cookies are not answered. */
  readonly cookies?: SharedArrayBuffer;
  /** Memory of a `CacheWriter`; undefined: nothing of others is answered at once. */
  readonly cache?: SharedArrayBuffer;
  /** Names that are not there are handed over, so that the asker's search list can be walked for it. */
  readonly autopath?: boolean;
  /** Undefined: no limit. */
  readonly rateLimit?: RateLimitSettings;
}

/** How many answers one network gets over UDP. */
export interface RateLimitSettings {
  /** A second, of each class of answers. */
  readonly rate: number;
  /** Who is never limited. */
  readonly exempt: readonly Cidr[];
  /** Memory made by `newRateMemory`. */
  readonly memory: SharedArrayBuffer;
}
