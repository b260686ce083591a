// The way to other servers, joined: which upstreams there are, what they have answered, and who resolves with both.
// A resolv.conf is followed; upstreams that are this server itself are left out, as a question would go round for ever.
import { randomInt } from "node:crypto";
import type { Clock } from "../std/clock.ts";
import { TICK_MS } from "../std/clock.ts";
import type { QueryAnswerer } from "../answer/query-answerer.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Options } from "../config/options.ts";
import type { Upstream } from "../net/upstream.ts";
import { parseUpstream } from "../config/upstream-value.ts";
import { parseName } from "../dns/name.ts";
import { Autopath } from "../forward/autopath.ts";
import type { AutopathParts } from "../forward/autopath.ts";
import { AnswerCache } from "../cache/answer-cache.ts";
import { ForwardRoutes } from "../forward/forward-routes.ts";
import type { ForwardRoute } from "../forward/forward-routes.ts";
import { ForwardingAnswerer, localZones, resolveAnywhere } from "../forward/forwarding-answerer.ts";
import { openExchange } from "../forward/open-exchange.ts";
import { Resolver } from "../forward/resolver.ts";
import { ASK_BUDGET_MS, UpstreamGroup } from "../forward/upstream-group.ts";
import type { Logger } from "../observe/log.ts";
import { parseResolvConf } from "../resolv-conf/resolv-conf.ts";
import { expandWildcard } from "../net/listen-address.ts";
import { followFiles } from "../files/followed-files.ts";
import type { FollowedFiles } from "../files/followed-files.ts";
import { SourceError } from "../files/source-error.ts";
import { CacheWriter } from "../cache/cache-writer.ts";

const ROOT = new Uint8Array(1);
/** Of a resolv.conf that are asked, the first ones; the C library takes three. */
const FILE_NAMESERVERS_MAX = 15;
/** The one that is followed where no upstream is named. */
const SYSTEM_FILE = "/etc/resolv.conf";
/** How many faults of a file one warning tells. */
const FAULTS_TOLD_MAX = 3;

export class ForwardPlane {
  /** The cache's memory, for all answerers. */
  readonly cache: SharedArrayBuffer;
  readonly #options: Options;
  readonly #log: Logger;
  readonly #answerCache: AnswerCache;
  readonly #routes = new ForwardRoutes([]);
  #own: readonly ListenAddress[] = [];
  #file: FollowedFiles | undefined;
  /** Of the file, as it was read last. */
  #listed: readonly Upstream[] = [];
  /** Groups that were replaced, until nothing can be under way by them; with what closes them then. */
  readonly #retired = new Map<UpstreamGroup, NodeJS.Timeout>();
  #prefetching: NodeJS.Timeout | undefined;

  constructor(options: Options, clock: Clock, log: Logger) {
    this.#options = options;
    this.#log = log;
    const writer = new CacheWriter(options.cacheBytes, [randomInt(2 ** 32) | 0, randomInt(2 ** 32) | 0]);
    this.cache = writer.memory;
    this.#answerCache = new AnswerCache(writer, clock, options.staleSeconds);
  }

  /** Whether there can be anybody to ask: without, there is no use for a plane. */
  static isWanted({ upstreams, upstreamFile, stubDomains }: Options): boolean {
    return upstreams.length > 0 || upstreamFile !== undefined || stubDomains.length > 0;
  }

  /**
   * The answerer that asks others for what `answerer` hands over. `searchesOf`: the search list of the pod at an
   * address; undefined: nobody's search is walked.
   */
  extend(answerer: QueryAnswerer, searchesOf?: AutopathParts["searchesOf"]): ForwardingAnswerer {
    const local = localZones(answerer);
    const resolver = new Resolver({ cache: this.#answerCache, routes: this.#routes, local });
    this.#prefetching = setInterval(() => resolver.prefetch(), TICK_MS).unref();
    const resolve = resolveAnywhere.bind(undefined, local, resolver);
    const autopath = searchesOf && new Autopath({ searchesOf, resolve });
    return new ForwardingAnswerer(answerer, resolver, this.#answerCache, autopath);
  }

  /** Finds the upstreams; rejects with a `SourceError` where a file that was named can't be read. */
  async open(): Promise<void> {
    const { upstreamFile } = this.#options;
    if (upstreamFile !== undefined) await this.#follow(upstreamFile);
    this.#route();
  }

  async #follow(file: string): Promise<void> {
    try {
      this.#file = await followFiles([file], ([text]) => {
        if (this.#takeFile(text!)) this.#route();
      });
    } catch (error) {
      // Nobody named it: a system without this file has no upstreams, and no fault.
      if (!(error instanceof SourceError) || file !== SYSTEM_FILE) throw error;
      this.#log.warn({ file }, "can't be read: names that are not served here are refused");
      return;
    }
    this.#takeFile(this.#file.texts[0]!);
  }

  /** Forgets what others have said: what is ours has changed, and their chains may lead there. */
  forget(): void {
    this.#answerCache.clear();
  }

  /** Where this server listens: such upstreams are left out. */
  setOwnAddresses(addresses: readonly ListenAddress[]): void {
    this.#own = addresses;
    if (this.#countOurselves() > 0) this.#route();
  }

  async close(): Promise<void> {
    clearInterval(this.#prefetching);
    await this.#file?.close();
    for (const { group } of this.#routes.all) group.close();
    for (const [group, timer] of this.#retired) {
      clearTimeout(timer);
      group.close();
    }
    this.#retired.clear();
    this.#routes.replace([]);
  }

  /** Whether it lists others than before. */
  #takeFile(text: string): boolean {
    const file = this.#options.upstreamFile ?? "";
    const { conf, problems } = parseResolvConf(text, file);
    const listed: Upstream[] = [];
    const faults = problems.map(({ message }) => message);
    for (const nameserver of conf.nameservers.slice(0, FILE_NAMESERVERS_MAX)) {
      const parsed = parseUpstream(nameserver);
      if ("value" in parsed) listed.push(parsed.value);
      else faults.push(`${nameserver} ${parsed.fault}`);
    }
    if (faults.length > 0) {
      const told = faults.slice(0, FAULTS_TOLD_MAX);
      this.#log.warn({ file, faults: told }, "lists nameservers that can't be asked: they are left out");
    }
    if (this.#leaveOut(listed).length === 0) {
      const what =
        listed.length === 0 ? "lists no nameserver that can be asked" : "names no nameserver but this server itself";
      this.#log.warn({ file }, this.#listed.length === 0 ? what : `${what}; those before stay in force`);
      return false;
    }
    const isSame = listed.map(({ text: each }) => each).join() === this.#listed.map(({ text: each }) => each).join();
    this.#listed = listed;
    return !isSame;
  }

  #all(): readonly Upstream[] {
    return [...this.#options.upstreams, ...this.#listed];
  }

  #leaveOut(upstreams: readonly Upstream[]): readonly Upstream[] {
    const own = new Set(this.#own.flatMap(({ host, port }) => expandWildcard(host).map((each) => `${each} ${port}`)));
    return upstreams.filter(({ host, port }) => !own.has(`${host} ${port}`));
  }

  /** How many upstreams are this server itself. */
  #countOurselves(): number {
    const all = [...this.#all(), ...this.#options.stubDomains.map(({ upstream }) => upstream)];
    return all.length - this.#leaveOut(all).length;
  }

  /** Makes the groups anew; what is under way ends by the old ones. */
  #route(): void {
    const { stubDomains } = this.#options;
    const upstreams = this.#leaveOut(this.#all());
    const left = this.#countOurselves();
    if (left > 0) this.#log.warn({ left }, "upstreams that are this server itself are not asked");
    const ofDomain = (domain: string): readonly Upstream[] =>
      this.#leaveOut(stubDomains.filter((each) => each.domain === domain).map(({ upstream }) => upstream));
    const routes: ForwardRoute[] = [...new Set(stubDomains.map(({ domain }) => domain))].map((domain) => ({
      zone: parseName(domain)!,
      group: this.#group(ofDomain(domain)),
    }));
    if (upstreams.length > 0) routes.push({ zone: ROOT, group: this.#group(upstreams) });
    const before = this.#routes.all;
    this.#routes.replace(routes);
    for (const { group } of before) this.#retire(group);
    this.#log.info(
      { upstreams: upstreams.map(({ text }) => text), stubDomains: routes.length - (upstreams.length > 0 ? 1 : 0) },
      "forwarding",
    );
  }

  #retire(group: UpstreamGroup): void {
    const close = (): void => {
      this.#retired.delete(group);
      group.close();
    };
    // Nothing is under way for longer.
    this.#retired.set(group, setTimeout(close, ASK_BUDGET_MS).unref());
  }

  #group(upstreams: readonly Upstream[]): UpstreamGroup {
    const now = (): number => performance.now();
    const mixedCase = this.#options.upstreamMixedCase;
    return new UpstreamGroup(upstreams, this.#options.upstreamPolicy, {
      open: (upstream, onMismatch) => openExchange(upstream, { mixedCase, onMismatch, now }),
      now,
    });
  }
}
