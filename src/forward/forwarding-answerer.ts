// The main thread's answerer when there are upstreams: resolves the queries that the local answerer hands over, and
// joins a CNAME chain that starts in a local zone with its end outside.
// RFC 1034 3.6.2 and 4.3.2 (CNAME chains), RFC 6604 (the rcode is that of the chain's end).
import { HAND_OVER } from "../answer/answerer.ts";
import type { Answerer, LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import type { AnswerCache, CachedAnswer } from "../cache/answer-cache.ts";
import type { CacheContent } from "../cache/cache-entry.ts";
import type { CacheKey } from "../cache/cache-key.ts";
import { FLAG, HEADER_SIZE, MESSAGE_SIZE_MAX, RCODE, TYPE } from "../dns/constants.ts";
import { lowerName } from "../dns/name.ts";
import { readSections } from "../dns/read-sections.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import type { Autopath } from "./autopath.ts";
import { openEnd } from "./resolver.ts";
import type { LocalContent, Resolver } from "./resolver.ts";
import { ASK_BUDGET_MS } from "./upstream-group.ts";
import { withTimeout } from "./with-timeout.ts";

/** Queries of all clients that wait for upstreams; further ones get SERVFAIL at once. */
export const WAITING_MAX = 10_000;
const DNSSEC_OK = 0x80;
const SERVFAIL: CacheContent = { rcode: RCODE.SERVFAIL, ede: 0, authenticated: false, answer: [], authority: [] };

/** The answerer of local zones and cache, as forwarding uses it; `QueryAnswerer` explains the methods. */
export interface LocalAnswerer extends Answerer {
  toBareQuestion(query: Uint8Array): Uint8Array | undefined;
  answerInside(plain: Uint8Array, buffer: Uint8Array): Uint8Array | undefined;
  answerUnsearched(plain: Uint8Array, buffer: Uint8Array, client: Client): number;
  writeEntry(plain: Uint8Array, entry: Int32Array, buffer: Uint8Array, client: Client, aa: number): number;
}

export class ForwardingAnswerer implements LateAnswerer {
  readonly #answerer: LocalAnswerer;
  readonly #resolver: Resolver;
  readonly #cache: AnswerCache;
  readonly #autopath: Autopath | undefined;
  readonly #buffer = new Uint8Array(MESSAGE_SIZE_MAX);
  #waiting = 0;

  /** `autopath`: walks clients' search lists; undefined: clients do that themselves. */
  constructor(answerer: LocalAnswerer, resolver: Resolver, cache: AnswerCache, autopath?: Autopath) {
    this.#answerer = answerer;
    this.#resolver = resolver;
    this.#cache = cache;
    this.#autopath = autopath;
  }

  answer(query: Uint8Array, start: number, end: number, reply: Uint8Array, replyStart: number, client: Client): number {
    return this.#answerer.answer(query, start, end, reply, replyStart, client);
  }

  async answerLate(query: Uint8Array, client: Client): Promise<Uint8Array> {
    const plain = this.#answerer.toBareQuestion(query);
    if (plain === undefined) return new Uint8Array(0);
    // The zones may have changed since the query was handed over, or its answer may be cached by now.
    const size = this.#answerer.answer(plain, 0, plain.length, this.#buffer, 0, client);
    if (size !== HAND_OVER) return this.#buffer.slice(0, size);
    const local = this.#answerer.answerInside(plain, this.#buffer);
    const isSearch = local !== undefined && (local[3]! & 0x0f) === RCODE.NXDOMAIN;
    const chain = local === undefined || isSearch ? [] : readSections(local).answer;
    const mayWait = this.#waiting < WAITING_MAX;
    this.#waiting++;
    try {
      if (isSearch) return await this.#answerSearch(plain, client, mayWait);
      return await this.#answerOutside(plain, chain, client, mayWait);
    } finally {
      this.#waiting--;
    }
  }

  /** Answers from upstreams: the name itself, or the end of `chain`, which starts in a local zone. */
  async #answerOutside(
    plain: Uint8Array,
    chain: readonly ResourceRecord[],
    client: Client,
    mayWait: boolean,
  ): Promise<Uint8Array> {
    const key = keyOf(plain);
    if (!mayWait) return this.#write(plain, this.#cache.encode(key, SERVFAIL), client, false);
    const target = chain.at(-1)?.rdata;
    const resolved = await this.#resolver.resolve(target === undefined ? key : { ...key, name: target });
    if (target === undefined) return this.#write(plain, resolved, client, false);
    return this.#write(plain, this.#cache.encode(key, behindChain(chain, resolved)), client, true);
  }

  /** Answers a local name that does not exist: from the client's search list if that ends in time, else NXDOMAIN. */
  async #answerSearch(plain: Uint8Array, client: Client, mayWait: boolean): Promise<Uint8Array> {
    const key = keyOf(plain);
    const address = new Uint8Array(16);
    const size = client.readAddress(address);
    const search = mayWait ? this.#autopath?.search(key, address.subarray(0, size)) : undefined;
    const found = search && (await withTimeout(search, ASK_BUDGET_MS));
    if (found !== undefined) return this.#write(plain, this.#cache.encode(key, found), client, true);
    return this.#buffer.slice(0, Math.max(this.#answerer.answerUnsearched(plain, this.#buffer, client), 0));
  }

  #write(plain: Uint8Array, { entry }: CachedAnswer, client: Client, aa: boolean): Uint8Array {
    return this.#buffer.slice(0, this.#answerer.writeEntry(plain, entry, this.#buffer, client, aa ? FLAG.AA : 0));
  }
}

/** The answer of a local chain whose end has been resolved. */
function behindChain(chain: readonly ResourceRecord[], resolved: CacheContent): CacheContent {
  // Without an upstream for the end, the local part is the answer.
  const rcode = resolved.rcode === RCODE.REFUSED ? RCODE.NOERROR : resolved.rcode;
  return { ...resolved, rcode, authenticated: false, answer: [...chain, ...resolved.answer] };
}

/** Resolves a name wherever it leads: through local zones first, through upstreams where a chain leaves these. */
export async function resolveAnywhere(
  localContent: LocalContent,
  resolver: Resolver,
  key: CacheKey,
): Promise<CacheContent> {
  const local = localContent(key);
  if (local === undefined) return resolver.resolve(key);
  const end = openEnd(local);
  if (end === undefined || key.type === TYPE.CNAME) return local;
  return behindChain(local.answer, await resolver.resolve({ ...key, name: end }));
}

/** The local zones of `answerer`, asked for records. */
export function localZones(answerer: Pick<LocalAnswerer, "answerInside">): LocalContent {
  const buffer = new Uint8Array(MESSAGE_SIZE_MAX);
  return (key) => {
    const query = new Uint8Array(HEADER_SIZE + key.name.length + 4);
    query[5] = 1;
    query.set(key.name, HEADER_SIZE);
    query.set([key.type >> 8, key.type & 0xff, 0, 1], HEADER_SIZE + key.name.length);
    const reply = answerer.answerInside(query, buffer);
    if (reply === undefined) return undefined;
    return { rcode: reply[3]! & 0x0f, ede: 0, authenticated: false, ...readSections(reply) };
  };
}

/** The cache key of a plain query. */
function keyOf(plain: Uint8Array): CacheKey {
  let at = HEADER_SIZE;
  while (plain[at] !== 0) at += 1 + plain[at]!;
  const opt = at + 5;
  return {
    name: lowerName(plain.subarray(HEADER_SIZE, at + 1)),
    type: (plain[at + 1]! << 8) | plain[at + 2]!,
    dnssecOk: plain[11] === 1 && (plain[opt + 7]! & DNSSEC_OK) !== 0,
    checkingDisabled: (plain[3]! & FLAG.CD) !== 0,
  };
}
