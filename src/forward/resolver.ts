// Resolves names outside the local zones: from the cache, by joining a question under way, or from upstreams.
// Bounds the outstanding questions; never rejects, never takes longer than a client waits. Knows no clients or sockets.
// RFC 5452 (equal questions are asked once), RFC 8767 5 (stale answers), RFC 9520 (failures).
import { randomInt } from "node:crypto";
import type { AnswerCache, CachedAnswer } from "../cache/answer-cache.ts";
import type { CacheContent } from "../cache/cache-entry.ts";
import { cacheKeyText } from "../cache/cache-key.ts";
import type { CacheKey } from "../cache/cache-key.ts";
import { CLASS_IN, EDE, RCODE, TYPE } from "../dns/constants.ts";
import { rcodeOf } from "../dns/message.ts";
import { equalNames, formatName } from "../dns/name.ts";
import { formatReason } from "../reasons/reason.ts";
import type { Reason } from "../reasons/reason.ts";
import { errorReply, failureContent, failureOf, toldErrors, upstreamFailure } from "./failure.ts";
import type { Failure, ToldErrors } from "./failure.ts";
import type { ForwardRoutes } from "./forward-routes.ts";
import { CHAIN_LENGTH_MAX, scrubReply } from "./scrub-reply.ts";
import type { ScrubbedReply } from "./scrub-reply.ts";
import { SLOW_AFTER_MS, SlowDomains } from "./slow-domains.ts";
import { ASK_BUDGET_MS } from "./upstream-group.ts";
import { writeUpstreamQuery } from "./upstream-query.ts";
import { withTimeout } from "./with-timeout.ts";

/** Different questions under way at once; further ones fail at once rather than wait behind a dead upstream. */
export const OUTSTANDING_MAX = 2_000;
/** Different questions of slow domains under way at once: what nobody answers leaves room for the rest. */
export const SLOW_OUTSTANDING_MAX = OUTSTANDING_MAX / 4;
/** How long a client waits for a fresh answer when a stale one is cached (RFC 8767 5). */
export const STALE_AFTER_MS = 1_800;

/** The local zones' answer to a question, as records; undefined: the name is in no local zone. */
export type LocalContent = (key: CacheKey) => CacheContent | undefined;

/** Seeds have 32 bits. */
const SEEDS = 2 ** 32;

export interface ResolverDependencies {
  readonly cache: AnswerCache;
  readonly routes: ForwardRoutes;
  readonly local: LocalContent;
}

export interface ResolverCounts {
  /** Questions for which there was a fresh answer in the cache, by what it said. */
  readonly hits: { answers: number; denials: number };
  /** Questions for which there was none. */
  missed: number;
  /** Questions sent to upstreams. */
  asked: number;
  /** Questions that joined an equal one under way. */
  joined: number;
  /** Questions that no upstream answered. */
  failed: number;
  /** Answers past their TTL, since upstreams failed or were slow. */
  stale: number;
  /** Questions beyond `OUTSTANDING_MAX` or `SLOW_OUTSTANDING_MAX`, and of clients beyond their share. */
  refused: number;
  /** Questions asked again before their cached answers expire. */
  prefetched: number;
}

export class Resolver {
  readonly counts: ResolverCounts = {
    hits: { answers: 0, denials: 0 },
    missed: 0,
    asked: 0,
    joined: 0,
    failed: 0,
    stale: 0,
    refused: 0,
    prefetched: 0,
  };
  readonly #cache: AnswerCache;
  readonly #routes: ForwardRoutes;
  readonly #local: LocalContent;
  readonly #outstanding = new Map<string, Promise<CachedAnswer>>();
  readonly #slowDomains = new SlowDomains([randomInt(SEEDS), randomInt(SEEDS)]);
  /** Of the questions under way, those that were in slow domains when they came. */
  #slowOutstanding = 0;
  /** When failures were forgotten last: those of questions before that say nothing of the time since. */
  #forgotAtMs = -Infinity;

  constructor({ cache, routes, local }: ResolverDependencies) {
    this.#cache = cache;
    this.#routes = routes;
    this.#local = local;
  }

  /** Different questions under way. */
  get outstanding(): number {
    return this.#outstanding.size;
  }

  /** How many more different questions may be under way: in `name`'s domain if that is slow, otherwise in all. */
  roomFor(name: Uint8Array): number {
    const room = OUTSTANDING_MAX - this.#outstanding.size;
    return this.#isSlow(name) ? Math.min(room, SLOW_OUTSTANDING_MAX - this.#slowOutstanding) : room;
  }

  /** The answer when no upstream may be asked: a stale one, or SERVFAIL. */
  refuse(key: CacheKey): CachedAnswer {
    this.counts.refused++;
    const ede = this.#isSlow(key.name) ? EDE.NO_REACHABLE_AUTHORITY : EDE.OTHER;
    return this.#stale(key) ?? this.#cache.encode(key, failureContent(failureOf({ code: "overloaded" }, ede)));
  }

  /** The answer as it goes to the client; an error where there is none. */
  resolve(key: CacheKey): Promise<CachedAnswer> {
    const fresh = this.#cache.fresh(key);
    if (fresh === undefined) {
      this.counts.missed++;
      return this.#resolveMissing(key);
    }
    this.counts.hits[fresh.rcode === RCODE.NOERROR && fresh.answer.length > 0 ? "answers" : "denials"]++;
    return Promise.resolve(fresh);
  }

  /** Asks again for cached answers that are in use and about to expire; to be called every `TICK_MS`. */
  prefetch(): void {
    this.#cache.sweep((key) => {
      if (this.#outstanding.size >= OUTSTANDING_MAX / 2 || this.#outstanding.has(cacheKeyText(key))) return;
      this.counts.prefetched++;
      void this.#ask(key);
    });
  }

  /** Remembers no failure any more, nor those of questions under way: an upstream is back. */
  forgetFailures(): void {
    this.#forgotAtMs = performance.now();
    this.#cache.forgetFailures();
  }

  #resolveMissing(key: CacheKey): Promise<CachedAnswer> {
    const outstanding = this.#outstanding.get(cacheKeyText(key));
    if (outstanding !== undefined) this.counts.joined++;
    else if (this.roomFor(key.name) <= 0) return Promise.resolve(this.refuse(key));
    const asked = outstanding ?? this.#ask(key);
    return this.#cache.hasStale(key) ? this.#staleIfSlow(key, asked) : asked;
  }

  async #staleIfSlow(key: CacheKey, asked: Promise<CachedAnswer>): Promise<CachedAnswer> {
    const first = await withTimeout(asked, STALE_AFTER_MS);
    if (first !== undefined) return first;
    this.counts.stale++;
    return this.#stale(key) ?? asked;
  }

  #stale(key: CacheKey): CachedAnswer | undefined {
    return this.#cache.stale(key, formatReason({ code: "stale" }));
  }

  #ask(key: CacheKey): Promise<CachedAnswer> {
    const text = cacheKeyText(key);
    const slow = this.#isSlow(key.name) ? 1 : 0;
    this.#slowOutstanding += slow;
    const asked = this.#fetch(key).finally(() => {
      this.#outstanding.delete(text);
      this.#slowOutstanding -= slow;
    });
    this.#outstanding.set(text, asked);
    return asked;
  }

  #isSlow(name: Uint8Array): boolean {
    return this.#slowDomains.hasMarks && this.#slowDomains.has(name, performance.now());
  }

  async #fetch(key: CacheKey): Promise<CachedAnswer> {
    const cache = this.#cache;
    this.counts.asked++;
    const startMs = performance.now();
    const fetched = await this.#fetchChain(key);
    const endMs = performance.now();
    // A quick failure held no place for long, and is no sign that the domain is well.
    if (!("failed" in fetched) || endMs - startMs >= SLOW_AFTER_MS)
      this.#slowDomains.record(key.name, endMs - startMs, endMs);
    // Local zones may change at any moment: a chain through them is not cached.
    if (!("failed" in fetched)) return fetched.isPartlyLocal ? cache.encode(key, fetched) : cache.store(key, fetched);
    // No upstream is responsible: that costs no query, and is no failure of the name.
    if (fetched.isUnrouted === true) return cache.encode(key, failureContent(fetched));
    this.counts.failed++;
    // A prefetch: the cached answer is still fresh.
    const fresh = cache.fresh(key);
    if (fresh !== undefined) return fresh;
    const stale = this.#stale(key);
    if (stale !== undefined) this.counts.stale++;
    if (stale === undefined && startMs < this.#forgotAtMs) return cache.encode(key, failureContent(fetched));
    return stale ?? cache.storeFailure(key, failureContent(fetched));
  }

  /** The answer, its chain followed through all upstreams and local zones that it leads to. */
  async #fetchChain(key: CacheKey): Promise<Chain | Failure> {
    const answer: CacheContent["answer"][number][] = [];
    let authenticated = true;
    let isPartlyLocal = false;
    const visited = [key.name];
    const endMs = performance.now() + ASK_BUDGET_MS;
    for (let name = key.name; ;) {
      const link: CacheKey = { ...key, name };
      const local = visited.length > 1 ? this.#local(link) : undefined;
      isPartlyLocal ||= local !== undefined;
      const part =
        local === undefined
          ? await this.#fetchLink(link, endMs - performance.now())
          : { ...local, lastName: openEnd(local) };
      if ("failed" in part) return part;
      const { lastName } = part;
      answer.push(...part.answer);
      authenticated &&= part.authenticated;
      const isOpen = part.rcode === RCODE.NOERROR && lastName !== undefined && part.authority.length === 0;
      const isAnswered =
        part.answer.some(({ type }) => type === key.type) || key.type === TYPE.CNAME || key.type === TYPE.ANY;
      const leadsOn = isOpen && !isAnswered && (local !== undefined || this.#isOutOfBailiwick(lastName, name));
      if (!leadsOn) {
        const { rcode, authority } = part;
        return { rcode, ede: 0, ...part.told, authenticated, answer, authority, isPartlyLocal };
      }
      if (visited.length > CHAIN_LENGTH_MAX || visited.some((each) => equalNames(each, lastName)))
        return failureOf({ code: "cname-loop", name: nameText(key.name) });
      visited.push(lastName);
      name = lastName;
    }
  }

  /** Whether the upstreams of `name` are not believed for `other`: it is in a local zone, or has another route. */
  #isOutOfBailiwick(other: Uint8Array, name: Uint8Array): boolean {
    if (equalNames(other, name)) return false;
    const soa = this.#local({ name: other, type: TYPE.SOA, dnssecOk: false, checkingDisabled: false });
    return soa !== undefined || this.#routes.find(other) !== this.#routes.find(name);
  }

  async #fetchLink(key: CacheKey, timeoutMs: number): Promise<Link | Failure> {
    const route = this.#routes.find(key.name);
    if (timeoutMs <= 0) return failureOf({ code: "no-time-left" }, EDE.NO_REACHABLE_AUTHORITY);
    if (route === undefined) {
      const reason: Reason = { code: "not-served", name: nameText(key.name) };
      return { ...failureOf(reason, EDE.NOT_AUTHORITATIVE, RCODE.REFUSED), isUnrouted: true };
    }
    const question = { ...key, class: CLASS_IN };
    const result = await route.group.ask(writeUpstreamQuery(question), timeoutMs);
    if ("fault" in result) return upstreamFailure(result.upstream, result.fault, result.down);
    const { rcode } = rcodeOf(result.reply);
    if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN && rcode !== RCODE.YXDOMAIN)
      return errorReply(result.upstream, result.reply);
    const scrubbed: ScrubbedReply | undefined = scrubReply(result.reply, question, route.zone);
    if (scrubbed === undefined) return { ...upstreamFailure(result.upstream, "garbage"), ede: EDE.OTHER };
    const told = toldErrors(result.reply);
    return { ...this.#cutAtBailiwick(scrubbed, key.name), ...(told && { told }) };
  }

  /** The reply of `name`'s upstreams up to the first name of its chain that they are not believed for. */
  #cutAtBailiwick(part: ScrubbedReply, name: Uint8Array): Link {
    const names = [...part.answer.map(({ owner }) => owner), part.lastName];
    const end = names.findIndex((each, i) => each !== names[i - 1] && this.#isOutOfBailiwick(each, name));
    if (end < 0) return part;
    return { ...part, rcode: RCODE.NOERROR, answer: part.answer.slice(0, end), authority: [], lastName: names[end]! };
  }
}

interface Chain extends CacheContent {
  /** Whether a part of it comes from local zones. */
  readonly isPartlyLocal: boolean;
}

/** The part of a chain that one group of upstreams, or the local zones, gave. */
interface Link extends Omit<CacheContent, "ede"> {
  /** Where this part of the chain ends; undefined: it leads nowhere else. */
  readonly lastName: Uint8Array | undefined;
  /** What the upstream says of it. */
  readonly told?: ToldErrors;
}

/** Where a chain of local zones leads out of them; undefined: it does not. */
export function openEnd({ rcode, answer, authority }: CacheContent): Uint8Array | undefined {
  const last = answer.at(-1);
  return rcode === RCODE.NOERROR && authority.length === 0 && last?.type === TYPE.CNAME ? last.rdata : undefined;
}

/** The name as sentences have it. */
function nameText(name: Uint8Array): string {
  return formatName(name).slice(0, -1) || ".";
}
