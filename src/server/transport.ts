// Shared by all transports: the handle of an open transport, and how it drains before it closes.
// Knows no sockets.
import type { ListenAddress } from "../net/listen-address.ts";

/** A bound transport. It answers queries until it is closed. */
export interface Transport {
  /** The requested address, with the actual port where 0 was requested. */
  readonly address: ListenAddress;
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

/** Gives the open file away; false where that can't be done now. It stays open here. */
export type PassConnection = (descriptor: number) => boolean;

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
