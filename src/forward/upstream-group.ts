// Upstreams that stand in for each other: a query goes to one, and to the next one at once if that fails, or after a
// while if it is silent; the first usable reply counts. Bounded in time and in tries; never rejects.
// Knows nothing of caches and clients, and of a reply only the response code.
import { randomInt } from "node:crypto";
import { rcodeOf } from "../dns/message.ts";
import type { Exchange, ExchangeFault, ExchangeResult } from "./exchange.ts";
import type { FailureCause } from "./failure-cause.ts";
import { GroupMember } from "./group-member.ts";
import { ANSWER_RCODES } from "./reply-check.ts";
import type { OnUpstreamEvent } from "./upstream-event.ts";
import type { HealthState, UpstreamCounts } from "./upstream-health.ts";
import { orderUpstreams } from "./upstream-order.ts";
import type { Upstream, UpstreamPolicy } from "../net/upstream.ts";

export interface GroupDependencies {
  /** `openExchange` with its settings. */
  readonly open: (upstream: Upstream, onMismatch: () => void) => Exchange;
  /** Monotonic time, milliseconds. */
  readonly now: () => number;
  readonly onEvent?: OnUpstreamEvent;
}

/** A reply, which is an error if no upstream gave another one; or why there is none. */
export type GroupResult =
  | { readonly reply: Uint8Array; readonly upstream: Upstream }
  /** `upstream`: the last one that was asked; undefined: none is up, for the reasons of `down`. */
  | (ExchangeFault & { readonly upstream?: Upstream; readonly down?: readonly DownUpstream[] });

/** An upstream that is not asked, and why. */
export interface DownUpstream {
  readonly upstream: Upstream;
  readonly cause: FailureCause;
}

export interface UpstreamStatus {
  readonly upstream: Upstream;
  readonly state: HealthState;
  /** Smoothed round trip time, milliseconds; 0 before the first reply. */
  readonly rttMs: number;
  /** Queries under way. */
  readonly outstanding: number;
  readonly counts: Readonly<UpstreamCounts>;
}

/** The longest that a query takes: stub resolvers give up on a server after 5 seconds. */
export const ASK_BUDGET_MS = 3_800;
/** Silence before the second upstream is asked too, and before each further one. */
const FIRST_SILENCE_MS = 1_000;
const NEXT_SILENCE_MS = 500;
/** Tries of one query: two for each upstream, within these limits. */
const TRIES_MIN = 4;
const TRIES_MAX = 8;
/** Tries at an upstream that has much to do: names that nobody answers must leave room for others. */
const BUSY_TRIES_MAX = 2;
/** While all upstreams are dead, one query is tried in so many milliseconds; the others fail at once. */
const DEAD_TRY_MS = 1_000;

export class UpstreamGroup {
  readonly #members: readonly GroupMember[];
  readonly #policy: UpstreamPolicy;
  readonly #now: () => number;
  /** Queries that came while all upstreams were dead. */
  unanswerable = 0;
  #turn = 0;
  #deadTryAt = -Infinity;

  constructor(upstreams: readonly Upstream[], policy: UpstreamPolicy, { open, now, onEvent }: GroupDependencies) {
    this.#members = upstreams.map(
      (upstream) => new GroupMember(upstream, (onMismatch) => open(upstream, onMismatch), now, onEvent),
    );
    this.#policy = policy;
    this.#now = now;
  }

  /** Asks a query of `writeUpstreamQuery`; settles within `timeoutMs`, mostly at once while all upstreams are dead. */
  ask(query: Uint8Array, timeoutMs: number = ASK_BUDGET_MS): Promise<GroupResult> {
    const turn = this.#turn++;
    const now = this.#now();
    const alive = this.#members.filter(({ state }) => state !== "dead");
    if (alive.length === 0) {
      this.unanswerable++;
      if (this.#members.length === 0 || now - this.#deadTryAt < DEAD_TRY_MS) {
        return Promise.resolve({ fault: "unreachable", detail: "no upstream is up", down: this.#down() });
      }
      this.#deadTryAt = now;
    }
    const members = alive.length > 0 ? alive : this.#members;
    const tries = Math.min(Math.max(2 * members.length, TRIES_MIN), TRIES_MAX);
    const order = orderUpstreams(members, this.#policy, turn, randomInt);
    return new Ask(query, order, tries, this.#now, timeoutMs).run();
  }

  #down(): readonly DownUpstream[] {
    return this.#members.flatMap(({ upstream, lastFault: cause }) => (cause === undefined ? [] : { upstream, cause }));
  }

  /** One entry for each upstream, in the order of the settings. */
  status(): readonly UpstreamStatus[] {
    return this.#members.map(({ upstream, state, rttMs, outstanding, health }) => ({
      upstream,
      state,
      rttMs,
      outstanding,
      counts: health.counts,
    }));
  }

  /** Ends all outstanding queries and all probes. */
  close(): void {
    for (const member of this.#members) member.close();
  }
}

/** One query on its way through the upstreams. */
class Ask {
  readonly #query: Uint8Array;
  readonly #now: () => number;
  readonly #deadline: number;
  readonly #result = Promise.withResolvers<GroupResult>();
  /** How often each upstream was tried; those that failed or replied have been removed. */
  readonly #tries: Map<GroupMember, number>;
  #triesLeft: number;
  #outstanding = 0;
  #newest: object | undefined;
  #silence: NodeJS.Timeout | undefined;
  #last: GroupResult;
  /** How often it was sent, to any upstream. */
  #sent = 0;
  #isDone = false;

  constructor(query: Uint8Array, order: readonly GroupMember[], tries: number, now: () => number, timeoutMs: number) {
    this.#query = query;
    this.#last = { fault: "timeout", upstream: order[0]!.upstream };
    this.#now = now;
    this.#deadline = now() + timeoutMs;
    this.#tries = new Map(order.map((member) => [member, 0]));
    this.#triesLeft = tries;
  }

  run(): Promise<GroupResult> {
    void this.#try(FIRST_SILENCE_MS);
    return this.#result.promise;
  }

  async #try(silenceMs: number): Promise<void> {
    const member = this.#triesLeft > 0 && this.#now() < this.#deadline ? this.#pick() : undefined;
    if (member === undefined) {
      if (this.#outstanding === 0) this.#finish(this.#last);
      return;
    }
    this.#sent++;
    this.#triesLeft--;
    this.#tries.set(member, this.#tries.get(member)! + 1);
    const sentAt = this.#now();
    const attempt = {};
    this.#newest = attempt;
    this.#silence = setTimeout(() => {
      member.recordSilence(sentAt);
      this.#newest = undefined;
      void this.#try(NEXT_SILENCE_MS);
    }, silenceMs);
    this.#outstanding++;
    const result = await member.ask(this.#query, this.#deadline - sentAt);
    this.#outstanding--;
    if (!this.#isDone) this.#take(member, result, this.#newest === attempt);
  }

  #take(member: GroupMember, result: ExchangeResult, isNewest: boolean): void {
    if ("reply" in result) {
      this.#last = { reply: result.reply, upstream: member.upstream };
      if (ANSWER_RCODES.includes(rcodeOf(result.reply).rcode)) return this.#finish(this.#last);
    } else if (!("reply" in this.#last)) this.#last = { ...result, upstream: member.upstream };
    this.#tries.delete(member);
    if (!isNewest && this.#outstanding > 0) return;
    clearTimeout(this.#silence);
    void this.#try(NEXT_SILENCE_MS);
  }

  /** The least tried upstream that is up; without any, and without a reply so far, one that is down or dead. */
  #pick(): GroupMember | undefined {
    const members = [...this.#tries.keys()].filter((member) => this.#sent < BUSY_TRIES_MAX || !member.isBusy);
    const states = new Map(members.map((member) => [member, member.state]));
    for (const state of "reply" in this.#last ? ["up"] : ["up", "down", "dead"]) {
      const fit = members.filter((member) => states.get(member) === state);
      const triesMin = Math.min(...fit.map((member) => this.#tries.get(member)!));
      const pick = fit.find((member) => this.#tries.get(member) === triesMin);
      if (pick !== undefined) return pick;
    }
    return undefined;
  }

  #finish(result: GroupResult): void {
    this.#isDone = true;
    clearTimeout(this.#silence);
    this.#result.resolve(result);
  }
}
