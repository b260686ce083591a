// How long to wait before an API server is asked again: longer each time, and never together with other replicas.
// A server that is away is looked for often, because nothing reaches it; one that is overloaded is left alone.
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiFault } from "./api-reply.ts";

const FIRST_MS = 200;
const NETWORK_MAX_MS = 1_500;
const SERVER_MAX_MS = 30_000;
/** More waiting than that is asked for by nobody in good faith. */
const RETRY_AFTER_MAX_MS = 120_000;

export class Backoff {
  #failures = 0;

  /** The server answered as it should. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Waits; resolves early when `signal` aborts. */
  async wait(fault: ApiFault, signal: AbortSignal): Promise<void> {
    const max = fault.kind === "network" ? NETWORK_MAX_MS : SERVER_MAX_MS;
    const backoffMs = Math.min(FIRST_MS * 2 ** this.#failures++, max);
    const waitMs = Math.max(
      Math.min(fault.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS),
      backoffMs * (0.5 + Math.random() / 2),
    );
    await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
