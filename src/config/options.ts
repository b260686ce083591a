// What a server is told to do, after flags, environment and file have been read and checked: only types.
// How each is written, its default and its limits stand in option-table.ts.
import type { Cidr } from "../net/ip.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Upstream, UpstreamPolicy } from "../net/upstream.ts";

export type PodsMode = "insecure" | "verified" | "disabled";
export type UdpTransport = "auto" | "batch" | "dgram";
export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";

/** A domain, in lower case without a trailing dot, and one upstream that is asked for what lies in it. */
export interface StubDomain {
  readonly domain: string;
  readonly upstream: Upstream;
}

/** Everything a server can be told, checked. */
export interface Options {
  readonly listen: readonly ListenAddress[];
  /** Lower case, without a trailing dot, e.g. `cluster.local`. */
  readonly clusterDomain: string;
  readonly ttlSeconds: number;
  readonly negativeTtlSeconds: number;
  readonly pods: PodsMode;
  readonly endpointPodNames: boolean;
  /** Largest UDP answer, bytes. */
  readonly ednsSize: number;
  /** Where objects without a namespace live. */
  readonly namespace: string;
  /** Where names outside our zones are asked; empty, and no file: nowhere. */
  readonly upstreams: readonly Upstream[];
  /** Has more of them, as a resolv.conf. */
  readonly upstreamFile?: string;
  readonly upstreamPolicy: UpstreamPolicy;
  /** Random letter case in questions to upstreams, which must come back. */
  readonly upstreamMixedCase: boolean;
  /** Domains with upstreams of their own, in the order given. */
  readonly stubDomains: readonly StubDomain[];
  /** Walk the search list of the pod that asks. */
  readonly autopath: boolean;
  /** Memory for answers of upstreams, bytes. */
  readonly cacheBytes: number;
  /** How long an answer may be given past its time while no upstream answers; 0: never. */
  readonly staleSeconds: number;
  /** Who may ask at all. */
  readonly allow: readonly Cidr[];
  /** Who may ask for what is not ours; the pod and service CIDRs are among them. */
  readonly allowRecursion: readonly Cidr[];
  /** PEM files, both or neither; there where an address is of the scheme `tls` or `https`. */
  readonly tlsFiles?: { readonly cert: string; readonly key: string };
  /** Holds the secrets of DNS cookies; undefined: one made up at the start. */
  readonly cookieSecretFile?: string;
  /** Told to those who ask which server this is (RFC 5001). */
  readonly nsid?: string;
  /** Answers a second to one network, of each class; undefined: no limit. */
  readonly rrl?: number;
  readonly serviceCidrs: readonly Cidr[];
  readonly podCidrs: readonly Cidr[];
  /** Taken for every `listen` whose port is taken or not permitted; undefined: that is an error. */
  readonly fallbackPort?: number;
  /** Make the pods of workloads whose pods are not given. */
  readonly simulatePods: boolean;
  /** Where allocated addresses are kept; undefined: nowhere. */
  readonly stateFile?: string;
  readonly udpTransport: UdpTransport;
  /** Threads for each address; undefined: as many as the CPUs suggest. */
  readonly udpWorkers?: number;
  readonly logLevel: LogLevel;
}
