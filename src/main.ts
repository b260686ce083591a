// The composition root: the only file that builds the parts and joins them. Everything a program that embeds the
// server needs is exported here.
import type { ListenAddress } from "./config/options.ts";
import type { Problem } from "./objects/problem.ts";

export type { ListenAddress, Problem };

/** What `serve` takes. Every setting has the default of the flag of the same name, but `listen`: a free port on 127.0.0.1. */
export interface ServeSettings {
  /** Manifest files and folders (recursive), watched; `-` is standard input. */
  paths?: readonly string[];
  /** Kubernetes objects as parsed JSON or YAML, beside or instead of `paths`. */
  objects?: readonly unknown[];
  /** `ADDR[:PORT]`, IPv6 in brackets; port 0 takes a free one. */
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
  serviceCidr?: string | readonly string[];
  podCidr?: string | readonly string[];
  /** `silent` by default; `info` writes pino's JSON lines to standard output. */
  logLevel?: "silent" | "error" | "warn" | "info" | "debug";
}

/** A running server. */
export interface Server {
  /** Resolves with the addresses when sockets are bound and the first full load is served; rejects when that fails. */
  readonly ready: Promise<readonly ListenAddress[]>;
  /** The addresses bound so far, ports resolved. */
  readonly addresses: readonly ListenAddress[];
  /** What is wrong with the input right now. */
  readonly problems: readonly Problem[];
  /** Replaces the objects that were handed in as `objects`; resolves when the new answers are served. */
  setObjects(objects: readonly unknown[]): Promise<void>;
  /** Stops taking queries, answers what is in hand, frees the sockets and watches. */
  close(): Promise<void>;
}

/** Starts a server. Throws a `SettingsError` on a bad setting; network faults reject `ready`. */
export function serve(_settings: ServeSettings): Server {
  throw new Error("not built yet");
}
