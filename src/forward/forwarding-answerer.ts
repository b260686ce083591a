// The main thread's answerer when there are upstreams: resolves the queries that the local answerer hands over, and
// joins a CNAME chain that starts in a local zone with its end outside.
// RFC 1034 3.6.2 and 4.3.2 (CNAME chains), RFC 6604 (the rcode is that of the chain's end).
import { CAUSE, newAnswerNote } from "../answer/answer-note.ts";
import type { AnswerNote, Cause } from "../answer/answer-note.ts";
import { HAND_OVER } from "../answer/answerer.ts";
import type { Answerer, LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import type { AnswerCache, CachedAnswer } from "../cache/answer-cache.ts";
import type { CacheContent } from "../cache/cache-entry.ts";
import type { CacheKey } from "../cache/cache-key.ts";
import { CLASS_IN, DNSSEC_OK, EDE, FLAG, HEADER_SIZE, MESSAGE_SIZE_MAX, RCODE, TYPE } from "../dns/constants.ts";
import { lowerName } from "../dns/name.ts";
import { questionEnd, readSections, writeQuestion } from "../dns/message.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import type { Autopath } from "./autopath.ts";
import { ClientShares } from "./client-shares.ts";
import { openEnd } from "./resolver.ts";
import type { LocalContent, Resolver } from "./resolver.ts";
import { ASK_BUDGET_MS } from "./upstream-group.ts";
import { withTimeout } from "./with-timeout.ts";

/** Queries of all clients that wait for upstreams; further ones get SERVFAIL at once. */
export const WAITING_MAX = 10_000;

/** The answerer of local zones and cache, as forwarding uses it; `QueryAnswerer` explains the methods. */
export interface LocalAnswerer extends Answerer {
  toBareQuestion(query: Uint8Array): Uint8Array | undefined;
  answerInside(bare: Uint8Array, buffer: Uint8Array): Uint8Array | undefined;
  answerUnsearched(bare: Uint8Array, buffer: Uint8Array, client: Client, note?: AnswerNote): number;
  writeEntry(
    bare: Uint8Array,
    entry: Int32Array,
    buffer: Uint8Array,
    client: Client,
    aa: number,
    note?: AnswerNote,
  ): number;
}

/** A query that waits for its answer. */
interface Asked {
  readonly bare: Uint8Array;
  readonly key: CacheKey;
  readonly client: Client;
  readonly note: AnswerNote;
}

export class ForwardingAnswerer implements LateAnswerer {
  readonly #answerer: LocalAnswerer;
  readonly #resolver: Resolver;
  readonly #cache: AnswerCache;
  readonly #autopath: Autopath | undefined;
  readonly #buffer = new Uint8Array(MESSAGE_SIZE_MAX);
  readonly #shares = new ClientShares();
  /** Queries that were answered by a walk of the client's search list. */
  searched = 0;
  #waiting = 0;
  #onIdle: (() => void) | undefined;

  /** `autopath`: walks clients' search lists; undefined: clients do that themselves. */
  constructor(answerer: LocalAnswerer, resolver: Resolver, cache: AnswerCache, autopath?: Autopath) {
    this.#answerer = answerer;
    this.#resolver = resolver;
    this.#cache = cache;
    this.#autopath = autopath;
  }

  answer(
    query: Uint8Array,
    start: number,
    end: number,
    reply: Uint8Array,
    replyStart: number,
    client: Client,
    note?: AnswerNote,
  ): number {
    return this.#answerer.answer(query, start, end, reply, replyStart, client, note);
  }

  async answerLate(query: Uint8Array, client: Client, note = newAnswerNote()): Promise<Uint8Array> {
    const bare = this.#answerer.toBareQuestion(query);
    if (bare === undefined) return new Uint8Array(0);
    // The zones may have changed since the query was handed over, or its answer may be cached by now.
    const size = this.#answerer.answer(bare, 0, bare.length, this.#buffer, 0, client, note);
    if (size !== HAND_OVER) return this.#buffer.slice(0, size);
    const local = this.#answerer.answerInside(bare, this.#buffer);
    const isSearch = local !== undefined && (local[3]! & 0x0f) === RCODE.NXDOMAIN;
    const chain = local === undefined || isSearch ? [] : readSections(local).answer;
    const key = keyOf(bare);
    const share = this.#shares.keyOf(client);
    const mayWait = this.#waiting < WAITING_MAX && this.#shares.mayWait(share, this.#resolver.roomFor(key.name));
    this.#waiting++;
    this.#shares.add(share);
    try {
      const asked: Asked = { bare, key, client, note };
      return await (isSearch ? this.#answerSearch(asked, mayWait) : this.#answerOutside(asked, chain, mayWait));
    } finally {
      this.#waiting--;
      this.#shares.remove(share);
      if (this.#waiting === 0) this.#onIdle?.();
    }
  }

  /** Queries that wait for upstreams. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when no query waits for an upstream, or after `limitMs`. */
  async untilIdle(limitMs: number): Promise<void> {
    if (this.#waiting > 0) await withTimeout(new Promise<void>((resolve) => (this.#onIdle = resolve)), limitMs);
  }

  /** Answers from upstreams: the name itself, or the end of `chain`, which starts in a local zone. */
  async #answerOutside(asked: Asked, chain: readonly ResourceRecord[], mayWait: boolean): Promise<Uint8Array> {
    const { key } = asked;
    if (!mayWait) {
      const refused = this.#resolver.refuse(key);
      return this.#write(asked, refused, isStale(refused) ? CAUSE.STALE : CAUSE.OVERLOADED);
    }
    const target = chain.at(-1)?.rdata;
    const resolved = await this.#resolver.resolve(target === undefined ? key : { ...key, name: target });
    const cause = causeOf(resolved);
    if (target === undefined) return this.#write(asked, resolved, cause);
    return this.#write(asked, this.#cache.encode(key, behindChain(chain, resolved)), cause, FLAG.AA);
  }

  /** Answers a local name that does not exist: from the client's search list if that ends in time, else NXDOMAIN. */
  async #answerSearch(asked: Asked, mayWait: boolean): Promise<Uint8Array> {
    const { bare, key, client, note } = asked;
    const address = new Uint8Array(16);
    const size = client.readAddress(address);
    const search = mayWait ? this.#autopath?.search(key, address.subarray(0, size)) : undefined;
    const found = search && (await withTimeout(search, ASK_BUDGET_MS));
    if (found !== undefined) {
      this.searched++;
      return this.#write(asked, this.#cache.encode(key, found), CAUSE.SEARCHED, FLAG.AA);
    }
    return this.#buffer.slice(0, Math.max(this.#answerer.answerUnsearched(bare, this.#buffer, client, note), 0));
  }

  #write({ bare, client, note }: Asked, { entry }: CachedAnswer, cause: Cause, aa = 0): Uint8Array {
    const size = this.#answerer.writeEntry(bare, entry, this.#buffer, client, aa, note);
    // The rate limit comes after all other causes.
    if (note.cause !== CAUSE.RATE_LIMITED) note.cause = cause;
    return this.#buffer.slice(0, size);
  }
}

function causeOf(resolved: CacheContent): Cause {
  const { rcode, ede } = resolved;
  if (isStale(resolved)) return CAUSE.STALE;
  if (rcode !== RCODE.SERVFAIL && rcode !== RCODE.REFUSED) return CAUSE.FORWARDED;
  return ede === EDE.NOT_AUTHORITATIVE ? CAUSE.NOT_SERVED : CAUSE.FAILED;
}

function isStale({ ede }: CacheContent): boolean {
  return ede === EDE.STALE || ede === EDE.STALE_NXDOMAIN;
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
    const query = writeQuestion({ name: key.name, type: key.type, class: CLASS_IN });
    const reply = answerer.answerInside(query, buffer);
    if (reply === undefined) return undefined;
    return { rcode: reply[3]! & 0x0f, ede: 0, authenticated: false, ...readSections(reply) };
  };
}

/** The cache key of a bare question. */
function keyOf(bare: Uint8Array): CacheKey {
  const end = questionEnd(bare);
  return {
    name: lowerName(bare.subarray(HEADER_SIZE, end - 4)),
    type: (bare[end - 4]! << 8) | bare[end - 3]!,
    dnssecOk: bare[11] === 1 && (bare[end + 7]! & DNSSEC_OK) !== 0,
    checkingDisabled: (bare[3]! & FLAG.CD) !== 0,
  };
}
