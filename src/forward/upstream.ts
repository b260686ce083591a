// A server that questions are passed on to, as the sockets here need it.
// What text stands for one is the options' matter; nothing is parsed or opened here.

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
}
