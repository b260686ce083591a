// One upstream of a group: its exchange, its health and its probes, which go on while it is not up (at most two a
// second). Knows nothing of the other upstreams.
import { CLASS_IN, TYPE } from "../dns/constants.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import { rcodeOf } from "./reply-check.ts";
import { UpstreamHealth } from "./upstream-health.ts";
import type { HealthState } from "./upstream-health.ts";
import { writeUpstreamQuery } from "./upstream-query.ts";
import type { Upstream } from "../net/upstream.ts";

const PROBE_WAIT_MS = 1_000;
/** Who serves the root: every resolver knows it without asking. */
const PROBE = writeUpstreamQuery({
  name: new Uint8Array(1),
  type: TYPE.NS,
  class: CLASS_IN,
  dnssecOk: false,
  checkingDisabled: false,
});

export class GroupMember {
  readonly upstream: Upstream;
  readonly health = new UpstreamHealth();
  readonly #exchange: Exchange;
  readonly #now: () => number;
  #probe: NodeJS.Timeout | "running" | undefined;
  #closed = false;

  constructor(upstream: Upstream, open: (onMismatch: () => void) => Exchange, now: () => number) {
    this.upstream = upstream;
    this.#now = now;
    this.#exchange = open(() => this.health.counts.mismatches++);
  }

  get state(): HealthState {
    return this.health.state(this.#now());
  }

  get rttMs(): number {
    return this.health.smoothedRttMs;
  }

  /** Asks, and takes in what the result says of the upstream; `silence` has been told of before a late `timeout`. */
  async ask(query: Uint8Array, withinMs: number): Promise<ExchangeResult> {
    const sentAt = this.#now();
    this.health.counts.queries++;
    const result = await this.#exchange.exchange(query, withinMs);
    this.#learn(result, sentAt);
    return result;
  }

  /** Nothing has come of a question of `sentAt` for longer than a client should wait. */
  silence(sentAt: number): void {
    this.health.counts.timeouts++;
    this.health.silent(this.#now(), sentAt);
    this.#watch();
  }

  close(): void {
    this.#closed = true;
    if (this.#probe !== "running") clearTimeout(this.#probe);
    this.#exchange.close();
  }

  #learn(result: ExchangeResult, sentAt: number): void {
    const { health } = this;
    const { counts } = health;
    const now = this.#now();
    if ("reply" in result) {
      const { rcode } = rcodeOf(result.reply);
      counts.replies.set(rcode, (counts.replies.get(rcode) ?? 0) + 1);
      health.heard(now, now - sentAt);
      return;
    }
    switch (result.fault) {
      // Silence was told of when it lasted too long, not when the wait for it was over.
      case "timeout":
        return;
      case "refused":
      case "unreachable":
      case "closed":
      case "tls":
        counts.faults++;
        health.refused(now);
        this.#watch();
        return;
      // These come from an upstream that is there, or from ourselves.
      case "garbage":
      case "truncated":
      case "busy":
        counts.faults++;
    }
  }

  #watch(): void {
    if (this.#probe !== undefined || this.#closed || this.state === "up") return;
    this.#probe = setTimeout(() => void this.#runProbe(), this.health.nextProbeMs()).unref();
  }

  async #runProbe(): Promise<void> {
    if (this.state !== "up") {
      this.#probe = "running";
      this.health.counts.probes++;
      const sentAt = this.#now();
      const result = await this.#exchange.exchange(PROBE, PROBE_WAIT_MS);
      if ("fault" in result && result.fault === "timeout") this.health.silent(this.#now(), sentAt);
      else this.#learn(result, sentAt);
    }
    this.#probe = undefined;
    this.#watch();
  }
}
