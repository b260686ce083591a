// An upstream: a server that questions are forwarded to, as a value that config parses and forward uses.
// Parses and opens nothing.

/** One upstream. `host` is an address in canonical text without brackets; `text` is its name in logs and counts. */
export interface Upstream {
  readonly text: string;
  /** `udp` goes on over TCP where an answer does not fit. */
  readonly protocol: "udp" | "tcp" | "tls" | "https";
  readonly host: string;
  readonly port: number;
  /** What the certificate must be for; without it, `host`. */
  readonly serverName?: string;
  /** Of `https` alone. */
  readonly path?: string;
  /** Of `tls` and `https`: PEM files of certificates to trust, and of the client's own certificate with its key. */
  readonly caFile?: string;
  readonly clientFiles?: { readonly cert: string; readonly key: string };
  /** Of `tls` and `https`: SHA-256 of public keys in base64, one of which the certificate must have (RFC 7858 4.2). */
  readonly pins?: readonly string[];
  /** Whether to ask with EDNS; undefined: as long as it gets answers. */
  readonly edns?: boolean;
}

export const UPSTREAM_POLICIES = ["sequential", "random", "round-robin", "fastest"] as const;
/** How to choose the upstream that is asked first. */
export type UpstreamPolicy = (typeof UPSTREAM_POLICIES)[number];
