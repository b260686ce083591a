// What a server is told to do, after flags, environment and file have been read and checked: only types.
// How each option is written, its default and its limits stand in option-table.ts.
import type { Cidr } from "../net/ip.ts";
import type { Upstream } from "../net/upstream.ts";
import type { OptionFields } from "./option-row.ts";
import type { OptionTable } from "./option-table.ts";

/** Everything a server can be told, checked: a field for each option, and those that join-options.ts makes. */
export interface Options extends OptionFields<OptionTable> {
  /** TTL of negative answers. */
  readonly negativeTtlSeconds: number;
  /** Servers that names are forwarded to which are not served here; empty, and no file: none. */
  readonly upstreams: readonly Upstream[];
  /** A resolv.conf with more of them. */
  readonly upstreamFile?: string;
  /** Clients that may query names not served here; the pod and service CIDRs are among them. */
  readonly allowRecursion: readonly Cidr[];
  /** PEM files; there where an address is of the scheme `tls` or `https`. */
  readonly tlsFiles?: { readonly cert: string; readonly key: string };
}
