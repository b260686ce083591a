// The port of all protocols to upstreams: one query out, one reply or one fault back, never a rejection.
// Network faults are values here; knows neither sockets nor protocols.
import { handshakeCause } from "./failure-cause.ts";
import type { FailureCause } from "./failure-cause.ts";

/** Why there is no reply. `detail` is for logs, e.g. a system error's code. */
export interface ExchangeFault {
  readonly fault: FailureCause;
  readonly detail?: string;
}

/** The reply's id is the one on the wire; its question and its form have been checked. */
export type ExchangeResult = { readonly reply: Uint8Array } | ExchangeFault;

/** The result when there is no time left. */
export const TIMED_OUT: ExchangeFault = { fault: "timeout" };

/** One upstream over one protocol. */
export interface Exchange {
  /** Sends `query`, made by `writeUpstreamQuery`, under a new id; settles within `timeoutMs` ms. */
  exchange(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult>;
  /** Ends all outstanding queries with the fault `closed`. */
  close(): void;
}

/** The fault of a socket's error; `isHandshaking`: on a TLS connection that is not trusted yet. */
export function faultOf(error: Error, isHandshaking = false): ExchangeFault {
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
      return { fault: isHandshaking ? handshakeCause(code) : "closed", detail: code };
  }
}
