// What people want to know of an upstream when it happens: that it is down and why, that it is back, what it fails
// with. A state is told once; how often the rest is told is up to who listens.
import type { ExchangeFault } from "./exchange.ts";
import { FAILURE_CAUSES } from "./failure-cause.ts";
import type { FailureCause } from "./failure-cause.ts";
import type { HealthState } from "./upstream-health.ts";
import type { Upstream } from "../net/upstream.ts";

export type UpstreamEvent = { readonly upstream: Upstream } & (
  | { readonly kind: "down" | "failure"; readonly cause: FailureCause; readonly detail?: string }
  | { readonly kind: "up"; readonly downMs: number }
  /** It is asked without EDNS for a while. */
  | { readonly kind: "plain" }
  /** A reply with an rcode that is no answer. */
  | { readonly kind: "error"; readonly reply: Uint8Array }
);

export type OnUpstreamEvent = (event: UpstreamEvent) => void;

/** Turns what happens at one upstream into events. */
export class UpstreamWatch {
  readonly #upstream: Upstream;
  readonly #onEvent: OnUpstreamEvent;
  #downAtMs: number | undefined;

  constructor(upstream: Upstream, onEvent: OnUpstreamEvent) {
    this.#upstream = upstream;
    this.#onEvent = onEvent;
  }

  /** The upstream replied at `nowMs`. */
  replied(nowMs: number): void {
    if (this.#downAtMs === undefined) return;
    const downMs = nowMs - this.#downAtMs;
    this.#downAtMs = undefined;
    this.#onEvent({ upstream: this.#upstream, kind: "up", downMs });
  }

  /** It gave no reply, and is in that state now. */
  failed({ fault: cause, detail }: ExchangeFault, state: HealthState, nowMs: number): void {
    const about = { upstream: this.#upstream, cause, ...(detail !== undefined && { detail }) };
    if (state !== "up") {
      if (this.#downAtMs !== undefined) return;
      this.#downAtMs = nowMs;
      this.#onEvent({ ...about, kind: "down" });
      return;
    }
    // One that is up may close a connection, or be silent about one name.
    if (cause !== "timeout" && !FAILURE_CAUSES[cause].isRefusal) this.#onEvent({ ...about, kind: "failure" });
  }

  answeredError(reply: Uint8Array): void {
    this.#onEvent({ upstream: this.#upstream, kind: "error", reply });
  }
}
