// Upstreams that stand in for each other: a question goes to one, and on to the next at once where that fails, after a
// while where it is silent; the first usable reply counts. Bounded in time and in tries; never rejects.
// Knows nothing of caches, of clients, or of what a reply says beyond its response code.
import { randomInt } from "node:crypto";
import { RCODE } from "../dns/constants.ts";
import type { Exchange, ExchangeFault, ExchangeResult } from "./exchange.ts";
import { GroupMember } from "./group-member.ts";
import { rcodeOf } from "./reply-check.ts";
import type { HealthState, UpstreamCounts } from "./upstream-health.ts";
import { orderUpstreams } from "./upstream-order.ts";
import type { Upstream, UpstreamPolicy } from "../net/upstream.ts";

export interface GroupDependencies {
  /** As `openExchange`, with its settings in hand. */
  readonly open: (upstream: Upstream, onMismatch: () => void) => Exchange;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

/** A reply that may be an error, if all upstreams gave one; or why there is none. */
export type GroupResult = { readonly reply: Uint8Array; readonly upstream: Upstream } | ExchangeFault;

export interface UpstreamStatus {
  readonly upstream: Upstream;
  readonly state: HealthState;
  /** Smoothed round trip time, milliseconds; 0 before the first reply. */
  readonly rttMs: number;
  readonly counts: Readonly<UpstreamCounts>;
}

/** The longest that a question takes: common resolvers ask again, or elsewhere, after 5 seconds. */
export const ASK_BUDGET_MS = 3_800;
/** Silence before the next upstream is asked too, and before each one after that. */
const FIRST_SILENCE_MS = 1_000;
const NEXT_SILENCE_MS = 500;
/** Tries of one question: twice each upstream, within these. */
const TRIES = { least: 4, most: 8 };
/** While all upstreams are dead, one question in so many milliseconds is tried, the others fail at once. */
const DEAD_TRY_MS = 1_000;
/** Others mean that this upstream can't answer, where another might (YXDOMAIN: RFC 6672 2.2). */
const ANSWERS: readonly number[] = [RCODE.NOERROR, RCODE.NXDOMAIN, RCODE.YXDOMAIN];

export class UpstreamGroup {
  readonly #members: readonly GroupMember[];
  readonly #policy: UpstreamPolicy;
  readonly #now: () => number;
  #turn = 0;
  #deadTryAt = -Infinity;

  constructor(upstreams: readonly Upstream[], policy: UpstreamPolicy, { open, now }: GroupDependencies) {
    this.#members = upstreams.map(
      (upstream) => new GroupMember(upstream, (onMismatch) => open(upstream, onMismatch), now),
    );
    this.#policy = policy;
    this.#now = now;
  }

  /** Asks a query of `writeUpstreamQuery`; settles within `withinMs`, at once while all upstreams are dead. */
  ask(query: Uint8Array, withinMs: number = ASK_BUDGET_MS): Promise<GroupResult> {
    const turn = this.#turn++;
    const now = this.#now();
    const alive = this.#members.filter(({ state }) => state !== "dead");
    if (alive.length > 0) {
      const tries = Math.min(Math.max(2 * alive.length, TRIES.least), TRIES.most);
      const order = orderUpstreams(alive, this.#policy, turn, randomInt);
      return new Ask(query, order, tries, this.#now, withinMs).run();
    }
    if (this.#members.length === 0 || now - this.#deadTryAt < DEAD_TRY_MS) {
      return Promise.resolve({ fault: "unreachable", detail: "no upstream is up" });
    }
    this.#deadTryAt = now;
    return new Ask(query, [this.#members[turn % this.#members.length]!], 1, this.#now, withinMs).run();
  }

  /** One entry an upstream, in the order they were given in. */
  status(): readonly UpstreamStatus[] {
    return this.#members.map(({ upstream, state, rttMs, health }) => ({
      upstream,
      state,
      rttMs,
      counts: health.counts,
    }));
  }

  /** Ends what is outstanding, and all probes. */
  close(): void {
    for (const member of this.#members) member.close();
  }
}

/** One question on its way over the upstreams. */
class Ask {
  readonly #query: Uint8Array;
  readonly #now: () => number;
  readonly #deadline: number;
  readonly #result = Promise.withResolvers<GroupResult>();
  /** How often each was tried; those that gave a definite answer are gone. */
  readonly #tries: Map<GroupMember, number>;
  #triesLeft: number;
  #outstanding = 0;
  #newest: object | undefined;
  #silence: NodeJS.Timeout | undefined;
  #last: GroupResult = { fault: "timeout" };
  #done = false;

  constructor(query: Uint8Array, order: readonly GroupMember[], tries: number, now: () => number, withinMs: number) {
    this.#query = query;
    this.#now = now;
    this.#deadline = now() + withinMs;
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
    this.#triesLeft--;
    this.#tries.set(member, this.#tries.get(member)! + 1);
    const sentAt = this.#now();
    const attempt = {};
    this.#newest = attempt;
    this.#silence = setTimeout(() => {
      member.silence(sentAt);
      this.#newest = undefined;
      void this.#try(NEXT_SILENCE_MS);
    }, silenceMs);
    this.#outstanding++;
    const result = await member.ask(this.#query, this.#deadline - sentAt);
    this.#outstanding--;
    if (!this.#done) this.#take(member, result, this.#newest === attempt);
  }

  #take(member: GroupMember, result: ExchangeResult, isNewest: boolean): void {
    if ("reply" in result) {
      this.#last = { reply: result.reply, upstream: member.upstream };
      if (ANSWERS.includes(rcodeOf(result.reply).rcode)) return this.#finish(this.#last);
    } else if (!("reply" in this.#last)) this.#last = result;
    this.#tries.delete(member);
    if (!isNewest && this.#outstanding > 0) return;
    clearTimeout(this.#silence);
    void this.#try(NEXT_SILENCE_MS);
  }

  /** The least tried of those that are up; of the others where there is none, and no reply either. */
  #pick(): GroupMember | undefined {
    const members = [...this.#tries.keys()];
    const states = new Map(members.map((member) => [member, member.state]));
    for (const state of "reply" in this.#last ? ["up"] : ["up", "down", "dead"]) {
      const fit = members.filter((member) => states.get(member) === state);
      const least = Math.min(...fit.map((member) => this.#tries.get(member)!));
      const pick = fit.find((member) => this.#tries.get(member) === least);
      if (pick !== undefined) return pick;
    }
    return undefined;
  }

  #finish(result: GroupResult): void {
    this.#done = true;
    clearTimeout(this.#silence);
    this.#result.resolve(result);
  }
}
