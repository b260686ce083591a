// Composition root of forwarding: joins upstreams, cache and resolver to an answerer. Upstreams that are this server
// itself are ignored: a query to them would come back for ever.
import { AnswerCache } from "../cache/answer-cache.ts";
import type { CacheLimits } from "../cache/answer-cache.ts";
import { CacheWriter } from "../cache/cache-writer.ts";
import type { ChangeableOptions } from "../config/changed-options.ts";
import type { Options } from "../config/options.ts";
import type { StubDomain } from "../config/upstream-value.ts";
import { formatName, parseName } from "../dns/name.ts";
import { Autopath } from "../forward/autopath.ts";
import type { AutopathDependencies } from "../forward/autopath.ts";
import { ForwardRoutes } from "../forward/forward-routes.ts";
import type { ForwardRoute } from "../forward/forward-routes.ts";
import { ForwardingAnswerer, localZones, resolveAnywhere } from "../forward/forwarding-answerer.ts";
import type { LocalAnswerer } from "../forward/forwarding-answerer.ts";
import { openExchange } from "../forward/open-exchange.ts";
import { Resolver } from "../forward/resolver.ts";
import type { OnUpstreamEvent } from "../forward/upstream-event.ts";
import type { ResolverCounts } from "../forward/resolver.ts";
import { UpstreamGroup } from "../forward/upstream-group.ts";
import { includesHost } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Upstream } from "../net/upstream.ts";
import type { Logger } from "../observe/log.ts";
import type { UpstreamRow } from "../status-page/status-view.ts";
import { TICK_MS } from "../std/clock.ts";
import type { Clock } from "../std/clock.ts";
import type { ReloadCounts } from "../std/reload-counts.ts";
import { NameserverFile, NO_UPSTREAM_ADVICE } from "./nameserver-file.ts";
import { randomSeed } from "./random-seed.ts";
import { trustedFile, UpstreamFiles } from "./upstream-files.ts";
import { upstreamLog } from "./upstream-log.ts";

/** An upstream that works answers within this time. */
const DRAIN_MS = 1_000;
/** The domain of the upstreams for all names in no stub domain. */
const ROOT = ".";

/** What forwarding has come to, for metrics and the status page. */
export interface ForwardStatus {
  readonly cache: CacheWriter["counts"];
  /** The memory of the cache. */
  readonly cacheBytes: number;
  /** Undefined before `forwardingAnswerer`. */
  readonly resolver: Readonly<ResolverCounts> | undefined;
  /** Different questions under way. */
  readonly outstanding: number;
  /** Queries of clients that wait. */
  readonly waiting: number;
  /** Queries answered by a walk of the client's search list. */
  readonly searched: number;
  readonly routes: readonly ForwardRoute[];
}

/** A domain with an upstream, not with `none`. */
type RoutedUpstream = StubDomain & { readonly upstream: Upstream };

export class ForwardPlane {
  /** The cache's memory, for all answerers. */
  readonly cache: SharedArrayBuffer;
  #options: Options;
  readonly #log: Logger;
  readonly #onUpstreamEvent: OnUpstreamEvent;
  readonly #writer: CacheWriter;
  readonly #answerCache: AnswerCache;
  readonly #routes = new ForwardRoutes();
  readonly #nameservers: NameserverFile | undefined;
  readonly #files: UpstreamFiles;
  #ownAddresses: readonly ListenAddress[] = [];
  #prefetching: NodeJS.Timeout | undefined;
  #answerer: ForwardingAnswerer | undefined;
  #resolver: Resolver | undefined;

  constructor(options: Options, clock: Clock, log: Logger) {
    this.#options = options;
    this.#log = log;
    const tellLog = upstreamLog(log, () => performance.now());
    this.#onUpstreamEvent = (event) => {
      tellLog(event);
      if (event.kind === "up") this.#resolver?.forgetFailures();
    };
    const writer = new CacheWriter(options.cacheBytes, [randomSeed(), randomSeed()]);
    this.#writer = writer;
    this.cache = writer.memory;
    this.#answerCache = new AnswerCache(writer, clock, cacheLimitsOf(options));
    const onChange = (): void => this.#route();
    const upstreams = [...options.upstreams, ...options.stubDomains.map(({ upstream }) => upstream)];
    const named = upstreams.filter((upstream) => upstream !== "none");
    this.#files = new UpstreamFiles({ upstreams: named, caFile: trustedFile(options), log, onChange });
    const path = options.upstreamFile;
    if (path === undefined) return;
    const isOwn = (upstream: Upstream): boolean => this.#isOwn(upstream);
    this.#nameservers = new NameserverFile({ path, log, isOwn, onChange });
  }

  /** Whether the options name any upstream. */
  static isWanted({ upstreams, upstreamFile, stubDomains }: Options): boolean {
    return upstreams.length > 0 || upstreamFile !== undefined || stubDomains.length > 0;
  }

  /**
   * The answerer that resolves what `answerer` hands over. `searchesOf`: the search list of the pod at an address;
   * undefined: search lists are not walked.
   */
  forwardingAnswerer(answerer: LocalAnswerer, searchesOf?: AutopathDependencies["searchesOf"]): ForwardingAnswerer {
    const local = localZones(answerer);
    const resolver = new Resolver({ cache: this.#answerCache, routes: this.#routes, local });
    this.#resolver = resolver;
    this.#prefetching = setInterval(() => resolver.prefetch(), TICK_MS).unref();
    const resolve = resolveAnywhere.bind(undefined, local, resolver);
    const autopath = searchesOf && new Autopath({ searchesOf, resolve });
    this.#answerer = new ForwardingAnswerer(answerer, resolver, this.#answerCache, autopath);
    return this.#answerer;
  }

  /** Sets up the upstreams; rejects with a `SourceError` when a file of nameservers that was named can't be read. */
  async open(): Promise<void> {
    await this.#nameservers?.open();
    await this.#files.open();
    this.#route();
  }

  /** What forwarding has come to. */
  status(): ForwardStatus {
    return {
      cache: this.#writer.counts,
      cacheBytes: this.cache.byteLength,
      resolver: this.#resolver?.counts,
      outstanding: this.#resolver?.outstanding ?? 0,
      waiting: this.#answerer?.waiting ?? 0,
      searched: this.#answerer?.searched ?? 0,
      routes: this.#routes.all,
    };
  }

  /** Of changes of the file of nameservers; undefined: there is none. */
  get reloads(): ReloadCounts | undefined {
    return this.#nameservers?.reloads;
  }

  /** Has these options from now on; queries under way end with those before. */
  changeOptions(changed: ChangeableOptions): void {
    const { upstreamPolicy, upstreamMixedCase } = this.#options;
    this.#options = { ...this.#options, ...changed };
    this.#answerCache.setLimits(cacheLimitsOf(changed));
    if (changed.upstreamPolicy !== upstreamPolicy || changed.upstreamMixedCase !== upstreamMixedCase) this.#route();
  }

  /** Reads the file of nameservers again. */
  async reload(): Promise<void> {
    await this.#nameservers?.reload();
    await this.#files.reload();
  }

  /** The upstreams that are used now, of stub domains first. */
  upstreams(): readonly UpstreamRow[] {
    return this.#routes.all.flatMap(({ zone, group }) =>
      group.status().map(({ upstream, state, rttMs, counts }) => ({
        domain: formatName(zone),
        upstream: upstream.text,
        state,
        rttMs,
        queries: counts.queries,
        failed: [...counts.failures.values()].reduce((sum, count) => sum + count, 0),
      })),
    );
  }

  /** Drops all cached answers: the local zones have changed, and a cached chain may lead into them. */
  forget(): void {
    this.#answerCache.clear();
  }

  /** Where this server listens: such upstreams are ignored. */
  setOwnAddresses(addresses: readonly ListenAddress[]): void {
    this.#ownAddresses = addresses;
    if (this.#upstreams().some(({ upstream }) => upstream !== "none" && this.#isOwn(upstream))) this.#route();
  }

  /** Waits for the answers in hand a while; what is late then, and what comes later, is SERVFAIL. */
  async drain(): Promise<void> {
    await this.#answerer?.untilIdle(DRAIN_MS);
    // Ends what is under way: an answer without an upstream is SERVFAIL.
    this.#routes.close();
    await this.#answerer?.untilIdle(DRAIN_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#prefetching);
    await this.#nameservers?.close();
    await this.#files.close();
    this.#routes.close();
  }

  #isOwn({ host, port }: Upstream): boolean {
    return this.#ownAddresses.some((own) => own.port === port && includesHost(own.host, host));
  }

  /** Every upstream, with the domain that it is asked for. */
  #upstreams(): readonly StubDomain[] {
    const { stubDomains, upstreams } = this.#options;
    const defaults = [...upstreams, ...(this.#nameservers?.upstreams ?? [])];
    return [...stubDomains, ...defaults.map((upstream) => ({ domain: ROOT, upstream }))];
  }

  /** Builds all groups anew. */
  #route(): void {
    const all = this.#upstreams();
    const named = all.filter((each): each is RoutedUpstream => each.upstream !== "none");
    const usable = named.filter(({ upstream }) => !this.#isOwn(upstream));
    const ignored = named.length - usable.length;
    const upstreamsOf = (domain: string): readonly Upstream[] =>
      usable.filter((each) => each.domain === domain).map(({ upstream }) => upstream);
    const advice = upstreamsOf(ROOT).length === 0 ? { advice: NO_UPSTREAM_ADVICE } : {};
    if (ignored > 0) this.#log.warn({ ignored, ...advice }, "upstreams that are this server itself are ignored");
    // A stub domain without a usable upstream fails; names without a route are refused.
    const domains = [...new Set(all.map(({ domain }) => domain))].filter(
      (domain) => domain !== ROOT || upstreamsOf(ROOT).length > 0,
    );
    const isForwarded = (domain: string): boolean => named.some((each) => each.domain === domain);
    this.#routes.replace(
      domains.map((domain) => {
        const zone = parseName(domain)!;
        return isForwarded(domain) ? { zone, group: this.#group(upstreamsOf(domain), domain) } : { zone };
      }),
    );
    const upstreams = upstreamsOf(ROOT).map(({ text }) => text);
    this.#log.info({ upstreams, stubDomains: domains.filter((domain) => domain !== ROOT).length }, "forwarding");
  }

  #group(upstreams: readonly Upstream[], domain: string): UpstreamGroup {
    const now = (): number => performance.now();
    const mixedCase = this.#options.upstreamMixedCase;
    const { upstreamPolicy } = this.#options;
    const isInOrder = upstreamPolicy === "sequential";
    const isRotating = domain === ROOT && isInOrder && this.#nameservers?.isRotating === true;
    return new UpstreamGroup(upstreams, isRotating ? "round-robin" : upstreamPolicy, {
      open: (upstream, onMismatch) => {
        const onPlain = (): void => this.#onUpstreamEvent({ upstream, kind: "plain" });
        return openExchange(upstream, { mixedCase, onMismatch, now, onPlain, ...this.#files.tlsOf(upstream) });
      },
      now,
      onEvent: this.#onUpstreamEvent,
    });
  }
}

function cacheLimitsOf(options: ChangeableOptions): CacheLimits {
  const { staleSeconds, cacheTtlSeconds: positive, cacheNegativeTtlSeconds: negative } = options;
  return { staleSeconds, positive, negative };
}
