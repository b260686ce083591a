// What all transports have in common: the handle of an open one, and how it drains when it is told to stop.
// Knows no sockets.
import type { ListenAddress } from "../net/listen-address.ts";

/** A bound transport that answers queries until it is closed. */
export interface Transport {
  /** As asked for, the port resolved. */
  readonly address: ListenAddress;
  /** Answers what has arrived, then frees the sockets; resolves within a second, never rejects, may be called again. */
  close(): Promise<void>;
}

/** What every transport tells its owner. */
export interface TransportEvents {
  /** A fault that no query can be blamed for: a broken answerer, or an address that cannot be followed any more. */
  onFault(fault: Error): void;
}

/** How long a transport may take to close: first for queries still in the kernel's buffers, then for unsent replies. */
export const CLOSE_LIMITS = { quietMs: 200, unsentMs: 700 } as const;

/** Resolves when a whole turn of the event loop has added nothing to `received()`, or after `limitMs`. */
export async function untilQuiet(received: () => number, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  let before: number;
  do {
    before = received();
    // A turn that began before the last packet came proves nothing; the second one does.
    await loopTurn();
    await loopTurn();
  } while (received() !== before && performance.now() < deadline);
}

function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What was thrown, as an `Error`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
