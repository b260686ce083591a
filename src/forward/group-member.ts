// One upstream of a group: its exchange, its health, and probes while it is not up (at most two a second).
// Knows nothing of the other upstreams.
import { CLASS_IN, TYPE } from "../dns/constants.ts";
import { rcodeOf } from "../dns/message.ts";
import { rcodeName } from "../dns/rcode-name.ts";
import { TIMED_OUT } from "./exchange.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import type { FailureCause } from "./failure-cause.ts";
import { ANSWER_RCODES } from "./reply-check.ts";
import { UpstreamWatch } from "./upstream-event.ts";
import type { OnUpstreamEvent } from "./upstream-event.ts";
import { REPLY_TIME_BOUNDS, UpstreamHealth } from "./upstream-health.ts";
import type { HealthState } from "./upstream-health.ts";
import { writeUpstreamQuery } from "./upstream-query.ts";
import type { Upstream } from "../net/upstream.ts";
import { Histogram } from "../std/histogram.ts";

const PROBE_TIMEOUT_MS = 1_000;
/** Queries under way: half of what an exchange takes. */
const BUSY_AT = 2_000;
/** The NS of the root: every resolver has it cached. */
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
  /** Why it gave no reply the last time that it gave none. */
  lastFault: FailureCause | undefined;
  readonly #exchange: Exchange;
  readonly #now: () => number;
  readonly #watch: UpstreamWatch;
  #probe: NodeJS.Timeout | "running" | undefined;
  #outstanding = 0;
  #isClosed = false;

  constructor(
    upstream: Upstream,
    open: (onMismatch: () => void) => Exchange,
    now: () => number,
    onEvent: OnUpstreamEvent = () => undefined,
  ) {
    this.upstream = upstream;
    this.#now = now;
    this.#watch = new UpstreamWatch(upstream, onEvent);
    this.#exchange = open(() => this.health.counts.mismatches++);
  }

  get state(): HealthState {
    return this.health.state(this.#now());
  }

  /** Whether so much is under way that queries should not be tried again and again. */
  get isBusy(): boolean {
    return this.#outstanding >= BUSY_AT;
  }

  /** Queries under way. */
  get outstanding(): number {
    return this.#outstanding;
  }

  get rttMs(): number {
    return this.health.smoothedRttMs;
  }

  /** Sends a query and records its outcome, but for a timeout: `recordSilence` comes before that. */
  async ask(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    const sentAt = this.#now();
    this.health.counts.queries++;
    this.#outstanding++;
    const result = await this.#exchange.exchange(query, timeoutMs);
    this.#outstanding--;
    this.#count(result, this.#now() - sentAt);
    this.#record(result, sentAt);
    return result;
  }

  /** Records that a query of `sentAt` has had no reply for longer than a client should wait. */
  recordSilence(sentAt: number): void {
    this.#countFailure("timeout");
    this.#recordSilence(sentAt);
    this.#scheduleProbe();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#probe !== "running") clearTimeout(this.#probe);
    this.#exchange.close();
  }

  #count(result: ExchangeResult, tookMs: number): void {
    if ("fault" in result) {
      // A timeout is counted already, when the silence became too long.
      if (result.fault !== "timeout") this.#countFailure(result.fault);
      return;
    }
    const { replies } = this.health.counts;
    const { rcode } = rcodeOf(result.reply);
    const name = rcodeName(rcode);
    const times = replies.get(name) ?? new Histogram(REPLY_TIME_BOUNDS);
    replies.set(name, times);
    times.record(tookMs / 1000);
    if (!ANSWER_RCODES.includes(rcode)) this.#watch.answeredError(result.reply);
  }

  #countFailure(cause: FailureCause): void {
    const { failures } = this.health.counts;
    failures.set(cause, (failures.get(cause) ?? 0) + 1);
  }

  /** As `ask` says: nothing for a timeout. */
  #record(result: ExchangeResult, sentAt: number): void {
    const now = this.#now();
    if ("reply" in result) {
      this.health.recordReply(now, now - sentAt);
      return this.#watch.replied(now);
    }
    if (result.fault === "timeout") return;
    this.lastFault = result.fault;
    this.health.recordFailure(result.fault, now);
    this.#watch.failed(result, this.state, now);
    this.#scheduleProbe();
  }

  #recordSilence(sentAt: number): void {
    const now = this.#now();
    this.lastFault = "timeout";
    this.health.recordSilence(now, sentAt);
    this.#watch.failed(TIMED_OUT, this.state, now);
  }

  #scheduleProbe(): void {
    if (this.#probe !== undefined || this.#isClosed || this.state === "up") return;
    this.#probe = setTimeout(() => void this.#runProbe(), this.health.nextProbeMs()).unref();
  }

  async #runProbe(): Promise<void> {
    if (this.state !== "up") {
      this.#probe = "running";
      const { counts } = this.health;
      counts.probes++;
      const sentAt = this.#now();
      const result = await this.#exchange.exchange(PROBE, PROBE_TIMEOUT_MS);
      if ("fault" in result) counts.failedProbes++;
      if ("fault" in result && result.fault === "timeout") this.#recordSilence(sentAt);
      else this.#record(result, sentAt);
    }
    this.#probe = undefined;
    this.#scheduleProbe();
  }
}
