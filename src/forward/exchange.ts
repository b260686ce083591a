// What all ways of asking an upstream have in common: one query out, one reply or one fault back, never a rejection.
// Faults of the network are values here; knows neither sockets nor protocols.

/**
 * Why there is no reply. `timeout`: silence; `refused`: nobody listens; `unreachable`: no way there; `closed`: the
 * connection ended; `tls`: no trusted connection; `garbage`: replies that can't be used; `truncated`: the whole answer
 * can't be had; `busy`: our own limit on what is outstanding.
 */
export type FaultKind = "timeout" | "refused" | "unreachable" | "closed" | "tls" | "garbage" | "truncated" | "busy";

/** `detail` is for people, e.g. a system error's code. */
export interface ExchangeFault {
  readonly fault: FaultKind;
  readonly detail?: string;
}

/** The reply's id is whatever went over the wire; its question and the rest of its shape have been checked. */
export type ExchangeResult = { readonly reply: Uint8Array } | ExchangeFault;

/** One upstream by one protocol. */
export interface Exchange {
  /** Asks `query`, as `writeUpstreamQuery` makes it, under an id of its own; settles within `withinMs` milliseconds. */
  exchange(query: Uint8Array, withinMs: number): Promise<ExchangeResult>;
  /** Ends what is outstanding, with the fault `closed`. */
  close(): void;
}

/** The fault that a socket's error is; `handshaking`: on a TLS connection that is not trusted yet. */
export function faultOf(error: Error, handshaking = false): ExchangeFault {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.message;
  switch (code) {
    case "ECONNREFUSED":
      return { fault: "refused", detail: code };
    case "ENETUNREACH":
    case "EHOSTUNREACH":
    case "EACCES":
    case "EPERM":
    case "EINVAL":
    case "EADDRNOTAVAIL":
      return { fault: "unreachable", detail: code };
    case "EMFILE":
    case "ENFILE":
    case "ENOBUFS":
    case "ENOMEM":
    case "EADDRINUSE":
      return { fault: "busy", detail: code };
    case "ETIMEDOUT":
      return { fault: "timeout", detail: code };
    case "ECONNRESET":
    case "EPIPE":
      return { fault: "closed", detail: code };
    default:
      return { fault: handshaking ? "tls" : "closed", detail: code };
  }
}
