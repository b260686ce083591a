// The health of one upstream, from the outcome of its queries: whether it is up, when to probe it, its round trip time,
// its counts. Pure: monotonic time in milliseconds comes in. Knows neither sockets nor other upstreams.
import { FAILURE_CAUSES } from "./failure-cause.ts";
import type { FailureCause } from "./failure-cause.ts";
import { exponentialBounds } from "../std/histogram.ts";
import type { Histogram } from "../std/histogram.ts";

/**
 * `up`: used; `down`: two queries in a row got no reply: used when no upstream is up; `dead`: silent for as long as any
 * query may take, or refusing: not worth a client's time.
 */
export type HealthState = "up" | "down" | "dead";

/** Counts of one upstream since the start. */
export interface UpstreamCounts {
  queries: number;
  /** How long replies took, seconds, by the name of the response code; `rcodeName` bounds the number of names. */
  readonly replies: Map<string, Histogram>;
  /** Queries that failed, by cause. `timeout`: silences that were too long, even if a reply came later. */
  readonly failures: Map<FailureCause, number>;
  /** Datagrams that matched no query. */
  mismatches: number;
  /** Queries of this server's own, which find out whether the upstream is back; the numbers above have none of them. */
  probes: number;
  failedProbes: number;
}

/** Of the time that replies take, seconds: 250 µs to 8 s, the bounds of CoreDNS. */
export const REPLY_TIME_BOUNDS = exponentialBounds(0.00025, 2, 16);
/** Queries in a row without a reply that put an upstream down. */
const MISSES_MAX = 2;
/** How long after its first miss a silent upstream is dead. */
const DEAD_AFTER_MS = 4_000;
/** Pause before the first probe, and before further ones: names fail until a probe finds that the upstream is back. */
const PROBE_PAUSE_MS_MIN = 500;
const PROBE_PAUSE_MS_MAX = 1_000;
/** Weight of a new round trip time in the smoothed one (RFC 6298 2.3). */
const RTT_WEIGHT = 1 / 8;

export class UpstreamHealth {
  readonly counts: UpstreamCounts = {
    queries: 0,
    replies: new Map(),
    failures: new Map(),
    mismatches: 0,
    probes: 0,
    failedProbes: 0,
  };
  /** Milliseconds; 0 before the first reply, so that a new upstream is tried. */
  smoothedRttMs = 0;
  #misses = 0;
  #firstMissAt = 0;
  #repliedAt = -Infinity;
  #isRefusing = false;
  #probes = 0;

  state(now: number): HealthState {
    if (this.#misses < MISSES_MAX) return "up";
    return this.#isRefusing || now - this.#firstMissAt >= DEAD_AFTER_MS ? "dead" : "down";
  }

  /** Records a reply of any content, after `rttMs`. */
  recordReply(now: number, rttMs: number): void {
    this.#repliedAt = now;
    this.#misses = 0;
    this.#isRefusing = false;
    this.#probes = 0;
    const old = this.smoothedRttMs;
    this.smoothedRttMs = old === 0 ? rttMs : old + (rttMs - old) * RTT_WEIGHT;
  }

  /** Records silence after a query of `sentAt`; among replies it says nothing, since the name's zone may be dead. */
  recordSilence(now: number, sentAt: number): void {
    if (this.#repliedAt >= sentAt) return;
    this.smoothedRttMs = Math.max(this.smoothedRttMs, now - sentAt);
    this.#miss(now);
    this.#isRefusing = false;
  }

  /** Records a failure but a timeout, for which `recordSilence` is. Only a refusal says that the upstream is not up. */
  recordFailure(cause: FailureCause, now: number): void {
    if (!FAILURE_CAUSES[cause].isRefusal) return;
    this.#miss(now);
    this.#isRefusing = true;
  }

  /** The pause before the next probe; each call counts as one. */
  nextProbeMs(): number {
    return Math.min(PROBE_PAUSE_MS_MIN * 2 ** this.#probes++, PROBE_PAUSE_MS_MAX);
  }

  #miss(now: number): void {
    if (this.#misses === 0) this.#firstMissAt = now;
    this.#misses++;
  }
}
