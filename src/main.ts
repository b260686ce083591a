// What programs import: a server inside their process, with its types. Builds nothing itself: planes/server.ts does.
// docs/options.md explains the settings.
import type { Counts } from "./answer/counters.ts";
import type { Options } from "./config/options.ts";
import type { ListenAddress } from "./net/listen-address.ts";
import { optionsFromSettings, SettingsError } from "./config/settings.ts";
import type { Problem } from "./objects/problem.ts";
import { createLog } from "./observe/log.ts";
import { ListenError } from "./server/listen-error.ts";
import { startServer } from "./planes/server.ts";
import type { Server } from "./planes/server.ts";

export { ListenError, SettingsError };
export type { Counts, ListenAddress, Options, Problem, Server };

/** What `serve` takes. Every setting has the default of the flag of the same name, but `listen` and `logLevel`. */
export interface ServeSettings {
  /** Manifest files and folders (recursive), watched. */
  paths?: readonly string[];
  /** Kubernetes objects as parsed JSON or YAML, beside or instead of `paths`. */
  objects?: readonly unknown[];
  /** `ADDR[:PORT]`, IPv6 in brackets; port 0 takes a free one. Default `127.0.0.1:0`. */
  listen?: string | readonly string[];
  clusterDomain?: string;
  /** Seconds. */
  ttl?: number;
  /** Seconds; as `ttl` when absent. */
  negativeTtl?: number;
  pods?: "insecure" | "verified" | "disabled";
  endpointPodNames?: boolean;
  /** Largest UDP answer, bytes. */
  ednsSize?: number;
  namespace?: string;
  /** Default `none`: names that are not served here are refused. */
  upstream?: string | readonly string[];
  upstreamPolicy?: "sequential" | "random" | "round-robin" | "fastest";
  upstreamMixedCase?: boolean;
  /** `DOMAIN=UPSTREAM`. */
  stubDomain?: string | readonly string[];
  /** Megabytes. Default 4. */
  cacheSize?: number;
  /** Seconds. */
  serveStale?: number;
  autopath?: boolean;
  allow?: string | readonly string[];
  allowRecursion?: string | readonly string[];
  /** PEM files; both or neither. */
  tlsCert?: string;
  tlsKey?: string;
  cookieSecret?: string;
  nsid?: string;
  rrl?: number;
  serviceCidr?: string | readonly string[];
  podCidr?: string | readonly string[];
  /** Make the pods of workloads whose pods are not given. Default true. */
  simulatePods?: boolean;
  /** A file that keeps the addresses given to services and pods. */
  state?: string;
  /** Default `dgram`: threads pay off where many queries come, which they seldom do inside a test. */
  udpTransport?: "auto" | "batch" | "dgram";
  /** Threads for each address, where datagrams are taken in batches. */
  udpWorkers?: number;
  /** Default `silent`; otherwise pino's JSON lines go to standard output. */
  logLevel?: "silent" | "error" | "warn" | "info" | "debug";
}

/**
 * Starts a server inside this process. Throws a `SettingsError` on a bad setting; `ready` rejects with a
 * `ListenError` where an address can't be had, and with a `SourceError` where a path is not there.
 */
export function serve({ paths = [], objects = [], ...settings }: ServeSettings): Server {
  const options = optionsFromSettings({ ...settings });
  return startServer(options, { paths, objects, log: createLog(options.logLevel) });
}
