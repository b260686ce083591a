// Answers questions outside our zones: from the cache, from a question under way, or from upstreams. Bounded in what is
// outstanding; never rejects, and never takes longer than a client waits. Knows no clients and no sockets.
// RFC 5452 (equal questions are asked once), RFC 8767 5 (stale answers), RFC 9520 (failures).
import { equalNames } from "../dns/name.ts";
import { CLASS_IN, EDE, RCODE, TYPE } from "../dns/constants.ts";
import type { AnswerCache, CachedAnswer } from "../cache/answer-cache.ts";
import { cacheKeyText } from "../cache/cache-content.ts";
import type { CacheContent, CacheKey } from "../cache/cache-content.ts";
import type { ForwardRoutes } from "./forward-routes.ts";
import { rcodeOf } from "./reply-check.ts";
import { CHAIN_LENGTH_MAX, scrubReply } from "./scrub-reply.ts";
import type { ScrubbedReply } from "./scrub-reply.ts";
import { ASK_BUDGET_MS } from "./upstream-group.ts";
import { writeUpstreamQuery } from "./upstream-query.ts";
import { within } from "./within.ts";

/** Different questions that are under way at once; more fail at once, so that nobody waits behind a dead upstream. */
export const OUTSTANDING_MAX = 2_000;
/** How long who could have a stale answer waits for a better one (RFC 8767 5). */
export const STALE_AFTER_MS = 1_800;

/** What a resolver stands on. */
export interface ResolverParts {
  readonly cache: AnswerCache;
  readonly routes: ForwardRoutes;
  /** The answer of our own zones, where the name lies in one; undefined: it is not ours. */
  readonly local: (key: CacheKey) => CacheContent | undefined;
}

export interface ResolverCounts {
  /** Questions that went to upstreams. */
  asked: number;
  /** That came while the same one was under way. */
  joined: number;
  failed: number;
  stale: number;
  refused: number;
  prefetched: number;
}

export class Resolver {
  readonly counts: ResolverCounts = { asked: 0, joined: 0, failed: 0, stale: 0, refused: 0, prefetched: 0 };
  readonly #parts: ResolverParts;
  readonly #outstanding = new Map<string, Promise<CachedAnswer>>();

  constructor(parts: ResolverParts) {
    this.#parts = parts;
  }

  /** The answer as it is to be sent, an error where there is none. */
  resolve(key: CacheKey): Promise<CachedAnswer> {
    const fresh = this.#parts.cache.fresh(key);
    return fresh === undefined ? this.#resolveMissing(key) : Promise.resolve(fresh);
  }

  /** Asks again for what is in use and about to end. */
  prefetch(): void {
    this.#parts.cache.forEachEnding((key) => {
      if (this.#outstanding.size >= OUTSTANDING_MAX / 2 || this.#outstanding.has(cacheKeyText(key))) return;
      this.counts.prefetched++;
      void this.#ask(key);
    });
  }

  #resolveMissing(key: CacheKey): Promise<CachedAnswer> {
    const under = this.#outstanding.get(cacheKeyText(key));
    if (under !== undefined) this.counts.joined++;
    else if (this.#outstanding.size >= OUTSTANDING_MAX) {
      this.counts.refused++;
      const stale = this.#parts.cache.stale(key);
      return Promise.resolve(stale ?? this.#parts.cache.encode(key, errorContent(failed(RCODE.SERVFAIL))));
    }
    const asked = under ?? this.#ask(key);
    return this.#parts.cache.hasStale(key) ? this.#staleIfSlow(key, asked) : asked;
  }

  async #staleIfSlow(key: CacheKey, asked: Promise<CachedAnswer>): Promise<CachedAnswer> {
    const first = await within(asked, STALE_AFTER_MS);
    if (first !== undefined) return first;
    this.counts.stale++;
    return this.#parts.cache.stale(key) ?? asked;
  }

  #ask(key: CacheKey): Promise<CachedAnswer> {
    const text = cacheKeyText(key);
    const asked = this.#fetch(key).finally(() => this.#outstanding.delete(text));
    this.#outstanding.set(text, asked);
    return asked;
  }

  async #fetch(key: CacheKey): Promise<CachedAnswer> {
    const { cache } = this.#parts;
    this.counts.asked++;
    const fetched = await this.#fetchChain(key);
    // Our own zones may say something else at any moment.
    if (!("failed" in fetched)) return fetched.hasOurs ? cache.encode(key, fetched) : cache.store(key, fetched);
    // That there is nobody to ask is known without asking, and no fault of the name.
    if (fetched.ede === EDE.NOT_AUTHORITATIVE) return cache.encode(key, errorContent(fetched));
    this.counts.failed++;
    // It was asked for before its time was over.
    const fresh = cache.fresh(key);
    if (fresh !== undefined) return fresh;
    const stale = cache.stale(key);
    if (stale !== undefined) this.counts.stale++;
    return stale ?? cache.storeFailure(key, fetched.rcode, fetched.ede);
  }

  /** The answer, the chain followed over all upstreams and zones that it leads to. */
  async #fetchChain(key: CacheKey): Promise<Chain | Failure> {
    const answer: CacheContent["answer"][number][] = [];
    let authenticated = true;
    let hasOurs = false;
    const visited = [key.name];
    const endMs = performance.now() + ASK_BUDGET_MS;
    for (let name = key.name; ;) {
      const link: CacheKey = { ...key, name };
      const ours = visited.length > 1 ? this.#parts.local(link) : undefined;
      hasOurs ||= ours !== undefined;
      const part =
        ours === undefined
          ? await this.#fetchLink(link, endMs - performance.now())
          : { ...ours, lastName: openEnd(ours) };
      if ("failed" in part) return part;
      const { lastName } = part;
      answer.push(...part.answer);
      authenticated &&= part.authenticated;
      const isOpen = part.rcode === RCODE.NOERROR && lastName !== undefined && part.authority.length === 0;
      const isAnswered =
        part.answer.some(({ type }) => type === key.type) || key.type === TYPE.CNAME || key.type === TYPE.ANY;
      const leadsOn = isOpen && !isAnswered && (ours !== undefined || this.#isForOthers(lastName, name));
      if (!leadsOn) return { rcode: part.rcode, ede: 0, authenticated, answer, authority: part.authority, hasOurs };
      if (visited.length > CHAIN_LENGTH_MAX || visited.some((each) => equalNames(each, lastName)))
        return failed(RCODE.SERVFAIL);
      visited.push(lastName);
      name = lastName;
    }
  }

  /** Whether `other` is not for those to speak of who are asked for `name`: it is ours, or has a route of its own. */
  #isForOthers(other: Uint8Array, name: Uint8Array): boolean {
    if (equalNames(other, name)) return false;
    const { routes, local } = this.#parts;
    const ours = local({ name: other, type: TYPE.SOA, dnssecOk: false, checkingDisabled: false }) !== undefined;
    return ours || routes.find(other) !== routes.find(name);
  }

  async #fetchLink(key: CacheKey, withinMs: number): Promise<Link | Failure> {
    const route = this.#parts.routes.find(key.name);
    if (withinMs <= 0) return failed(RCODE.SERVFAIL, EDE.NO_REACHABLE_AUTHORITY);
    if (route === undefined) return failed(RCODE.REFUSED, EDE.NOT_AUTHORITATIVE);
    const question = { ...key, class: CLASS_IN };
    const result = await route.group.ask(writeUpstreamQuery(question), withinMs);
    if ("fault" in result) {
      const isSilent = result.fault === "timeout" || result.fault === "unreachable";
      return failed(RCODE.SERVFAIL, isSilent ? EDE.NO_REACHABLE_AUTHORITY : EDE.NETWORK_ERROR);
    }
    const { rcode } = rcodeOf(result.reply);
    if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN && rcode !== RCODE.YXDOMAIN)
      return failed(rcode === RCODE.REFUSED ? RCODE.REFUSED : RCODE.SERVFAIL);
    const scrubbed: ScrubbedReply | undefined = scrubReply(result.reply, question, route.zone);
    return scrubbed === undefined ? failed(RCODE.SERVFAIL) : this.#withoutOthers(scrubbed, key.name);
  }

  /** What those who are asked for `name` may say: their chain as far as the first name that is for others. */
  #withoutOthers(part: ScrubbedReply, name: Uint8Array): Link {
    const names = [...part.answer.map(({ owner }) => owner), part.lastName];
    const end = names.findIndex((each, i) => each !== names[i - 1] && this.#isForOthers(each, name));
    if (end < 0) return part;
    return { ...part, rcode: RCODE.NOERROR, answer: part.answer.slice(0, end), authority: [], lastName: names[end]! };
  }
}

interface Chain extends CacheContent {
  /** Whether some of it is out of our own zones. */
  readonly hasOurs: boolean;
}

interface Failure {
  readonly failed: true;
  readonly rcode: number;
  readonly ede: number;
}

interface Link extends Omit<CacheContent, "ede"> {
  /** Where the chain of this part ends; undefined where nothing is to be followed. */
  readonly lastName: Uint8Array | undefined;
}

/** Where a chain in our zones leads out of them; undefined: it does not. */
function openEnd({ rcode, answer, authority }: CacheContent): Uint8Array | undefined {
  const last = answer.at(-1);
  return rcode === RCODE.NOERROR && authority.length === 0 && last?.type === TYPE.CNAME ? last.rdata : undefined;
}

function errorContent({ rcode, ede }: Failure): CacheContent {
  return { rcode, ede, authenticated: false, answer: [], authority: [] };
}

function failed(rcode: number, ede: number = EDE.OTHER): Failure {
  return { failed: true, rcode, ede };
}
