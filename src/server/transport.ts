// Shared by all transports: the handle of an open transport, and how it drains before it closes.
// Knows no sockets.
import type { ListenAddress } from "../net/listen-address.ts";

/** A bound transport. It answers queries until it is closed. */
export interface Transport {
  /** The requested address, with the actual port where 0 was requested. */
  readonly address: ListenAddress;
  /** What has happened since the transport was opened. */
  readonly counts: TransportCounts;
  /** The descriptors that a successor takes over; absent where it can't. */
  readonly descriptors?: readonly number[];
  /**
   * Leaves new queries to the process that has the descriptors, and with `pass` gives it the connections that can go,
   * each by its descriptor. Resolves within five seconds; `close` is still due.
   */
  handOver?(pass: PassConnection): Promise<void>;
  /** Serves a connection that its predecessor had. */
  adopt?(descriptor: number): void;
  /** Answers what has arrived, then frees the sockets. Resolves within a second, never rejects, may be called twice. */
  close(): Promise<void>;
}

/** Counters of transports; each has those that its protocol can have. */
export interface TransportCounts {
  /** UDP: datagrams received. */
  readonly received?: number;
  /** UDP: datagrams that got no reply: not usable, no queries, or the answerer failed. */
  readonly dropped?: number;
  /** UDP: queries dropped because too many waited for the main thread, or too many replies for the kernel. */
  readonly queueFull?: number;
  /** UDP: replies that could not be sent. */
  readonly sendErrors?: number;
  /** UDP by node:dgram: errors of a socket without a query. */
  readonly socketErrors?: number;
  /** Replies given to the kernel. */
  readonly replies?: number;
  /** UDP in batches: system calls that received something. */
  readonly batches?: number;
  /** UDP in batches: threads that run. */
  readonly workers?: number;
  /** UDP in batches: threads that failed and were replaced. */
  readonly restarts?: number;
  /** Connections accepted. */
  readonly accepted?: number;
  /** Connections that are open now, handshakes included. */
  readonly open?: number;
  /** Connections closed in favour of a newer connection or request. */
  readonly evicted?: number;
  /** Connections that could not be accepted. */
  readonly acceptErrors?: number;
  /** Connections closed because a deadline passed. */
  readonly timedOut?: number;
  /** Connections closed because of a message length that is too short for a header. */
  readonly malformed?: number;
  /** Connections closed before the TLS handshake was complete. */
  readonly failedHandshakes?: number;
  /** TCP and TLS: chunks of bytes read. */
  readonly chunks?: number;
  /** HTTPS: requests. */
  readonly requests?: number;
  /** HTTPS: requests that have no response yet. */
  readonly pending?: number;
}

/** Gives the open file away; false where that can't be done now. It stays open here. */
export type PassConnection = (descriptor: number) => boolean;

/** The settings that all transports have. */
export interface TransportSettings extends TransportEvents {
  /** The number of the listener, which its clients carry; 0 if absent. */
  readonly listener?: number;
}

/** Events that a transport reports to its owner. */
export interface TransportEvents {
  /** A fault that no client caused: the answerer threw, or an address can't be listened on any more. */
  onFault(fault: Error): void;
}

/** How long closing may take: first for queries in the kernel's buffers, then for unsent replies. */
export const CLOSE_LIMITS = { quietMs: 200, unsentMs: 700 } as const;

/** Resolves after a whole turn of the event loop in which `received()` did not grow, or after `limitMs`. */
export async function untilQuiet(received: () => number, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  let before: number;
  do {
    before = received();
    // The current turn began before the last packet came, so only the second one is a whole turn.
    await loopTurn();
    await loopTurn();
  } while (received() !== before && performance.now() < deadline);
}

function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** `thrown` as an `Error`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
