// What is known of one upstream from what it did: whether it is up, when to probe it, how fast it is, what it counted.
// Pure: time comes in, milliseconds of one clock that only grows. Knows neither sockets nor other upstreams.

/**
 * `up`: used; `down`: two questions in a row got nothing: used where nothing is up; `dead`: nothing was heard for as
 * long as any question may wait, or nobody listens: asking it is worth no client's time.
 */
export type HealthState = "up" | "down" | "dead";

/** What happened with one upstream since the start. */
export interface UpstreamCounts {
  queries: number;
  /** By response code. */
  readonly replies: Map<number, number>;
  timeouts: number;
  /** Queries that failed otherwise: refused, closed, not trusted, garbage. */
  faults: number;
  /** Datagrams that were not the reply to their query. */
  mismatches: number;
  probes: number;
}

/** Questions in a row without anything that put an upstream down. */
const MISSES_MAX = 2;
/** Silence of a down upstream, from its first miss, after which it is dead. */
const DEAD_AFTER_MS = 4_000;
/** Pause before the first probe; each further pause is twice as long, up to the longest. */
const PROBE_FIRST_MS = 500;
const PROBE_LONGEST_MS = 5_000;
/** Weight of one more round trip in the smoothed time (RFC 6298 2.3). */
const RTT_WEIGHT = 1 / 8;

/** The health of one upstream. */
export class UpstreamHealth {
  readonly counts: UpstreamCounts = {
    queries: 0,
    replies: new Map(),
    timeouts: 0,
    faults: 0,
    mismatches: 0,
    probes: 0,
  };
  /** Milliseconds; 0 before the first reply, so that an upstream that nobody knows is tried. */
  smoothedRttMs = 0;
  #misses = 0;
  #firstMissAt = 0;
  #heardAt = -Infinity;
  #isRefusing = false;
  #probes = 0;

  state(now: number): HealthState {
    if (this.#misses < MISSES_MAX) return "up";
    return this.#isRefusing || now - this.#firstMissAt >= DEAD_AFTER_MS ? "dead" : "down";
  }

  /** A reply of any content came, after `rttMs`. */
  heard(now: number, rttMs: number): void {
    this.#heardAt = now;
    this.#misses = 0;
    this.#isRefusing = false;
    this.#probes = 0;
    const old = this.smoothedRttMs;
    this.smoothedRttMs = old === 0 ? rttMs : old + (rttMs - old) * RTT_WEIGHT;
  }

  /** Nothing came of a question of `sentAt`; one lost among others that were answered says nothing. */
  silent(now: number, sentAt: number): void {
    this.smoothedRttMs = Math.max(this.smoothedRttMs, now - sentAt);
    if (this.#heardAt >= sentAt) return;
    this.#miss(now);
    this.#isRefusing = false;
  }

  /** Nobody listens, there is no way there, or no trusted connection. */
  refused(now: number): void {
    this.#miss(now);
    this.#isRefusing = true;
  }

  /** How long to wait before the next probe; each call counts as one. */
  nextProbeMs(): number {
    return Math.min(PROBE_FIRST_MS * 2 ** this.#probes++, PROBE_LONGEST_MS);
  }

  #miss(now: number): void {
    if (this.#misses === 0) this.#firstMissAt = now;
    this.#misses++;
  }
}
