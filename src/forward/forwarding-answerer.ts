// The main thread's answerer where others can be asked: what the plain function hands over is resolved, and written
// when it is known. A chain that begins in our zones and leads out of them is put together here.
// RFC 1034 3.6.2 and 4.3.2 (CNAME chains), RFC 6604 (the rcode is that of the chain's end).
import { HAND_OVER } from "../answer/answerer.ts";
import type { LateAnswerer } from "../answer/answerer.ts";
import type { Client } from "../answer/client.ts";
import type { QueryAnswerer } from "../answer/query-answerer.ts";
import { CLASS_IN, DNSSEC_OK, FLAG, HEADER_SIZE, RCODE, TYPE } from "../dns/constants.ts";
import { lowerName } from "../dns/name.ts";
import type { AnswerCache, CachedAnswer } from "../cache/answer-cache.ts";
import type { Autopath } from "./autopath.ts";
import type { CacheContent, CacheKey } from "../cache/cache-content.ts";
import type { Resolver } from "./resolver.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import { questionEnd, readSections, writeQuestion } from "../dns/message.ts";
import { ASK_BUDGET_MS } from "./upstream-group.ts";
import { within } from "./within.ts";

/** Queries that wait for others, of all clients; more get SERVFAIL at once. */
export const WAITING_MAX = 10_000;
const ROOM = 65_535;

export class ForwardingAnswerer implements LateAnswerer {
  readonly #answerer: QueryAnswerer;
  readonly #resolver: Resolver;
  readonly #cache: AnswerCache;
  readonly #autopath: Autopath | undefined;
  readonly #room = new Uint8Array(ROOM);
  #waiting = 0;

  /** `autopath`: walks the search lists of who asks; undefined: nobody does. */
  constructor(answerer: QueryAnswerer, resolver: Resolver, cache: AnswerCache, autopath?: Autopath) {
    this.#autopath = autopath;
    this.#answerer = answerer;
    this.#resolver = resolver;
    this.#cache = cache;
  }

  answer(query: Uint8Array, start: number, end: number, reply: Uint8Array, replyStart: number, client: Client): number {
    return this.#answerer.answer(query, start, end, reply, replyStart, client);
  }

  async answerLate(query: Uint8Array, client: Client): Promise<Uint8Array> {
    const plain = this.#answerer.toPlain(query);
    if (plain === undefined) return new Uint8Array(0);
    // Since it was handed over the zones may have changed, or its answer may have come.
    const size = this.#answerer.answer(plain, 0, plain.length, this.#room, 0, client);
    if (size !== HAND_OVER) return this.#room.slice(0, size);
    const inside = this.#answerer.answerInside(plain, this.#room);
    const isSearch = inside !== undefined && (inside[3]! & 0x0f) === RCODE.NXDOMAIN;
    const chain = inside === undefined || isSearch ? [] : readSections(inside).answer;
    const mayWait = this.#waiting < WAITING_MAX;
    this.#waiting++;
    try {
      if (isSearch) return await this.#answerSearch(plain, client, mayWait);
      return await this.#answerOthers(plain, chain, client, mayWait);
    } finally {
      this.#waiting--;
    }
  }

  /** Others say what the name has, or the end of the chain that begins in our zones. */
  async #answerOthers(
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

  /** The name is not there: the answer at the end of the asker's search list where that is found in time, or that. */
  async #answerSearch(plain: Uint8Array, client: Client, mayWait: boolean): Promise<Uint8Array> {
    const key = keyOf(plain);
    const address = new Uint8Array(16);
    const size = client.readAddress(address);
    const search = mayWait ? this.#autopath?.search(key, address.subarray(0, size)) : undefined;
    const found = search && (await within(search, ASK_BUDGET_MS));
    if (found !== undefined) return this.#write(plain, this.#cache.encode(key, found), client, true);
    return this.#room.slice(0, Math.max(this.#answerer.answerUnsearched(plain, this.#room, client), 0));
  }

  #write(plain: Uint8Array, { entry }: CachedAnswer, client: Client, aa: boolean): Uint8Array {
    return this.#room.slice(0, this.#answerer.writeEntry(plain, entry, this.#room, client, aa ? FLAG.AA : 0));
  }
}

/** The answer of a chain whose end is resolved. */
function behindChain(chain: readonly ResourceRecord[], resolved: CacheContent): CacheContent {
  // Nobody to ask is no fault of the chain: what is ours of it is the answer.
  const rcode = resolved.rcode === RCODE.REFUSED ? RCODE.NOERROR : resolved.rcode;
  return { ...resolved, rcode, authenticated: false, answer: [...chain, ...resolved.answer] };
}

/** Resolves a name wherever it leads: through our own zones, and by others from where these end. */
export async function resolveAnywhere(
  localContent: LocalContent,
  resolver: Resolver,
  key: CacheKey,
): Promise<CacheContent> {
  const local = localContent(key);
  if (local === undefined) return resolver.resolve(key);
  const end = local.answer.at(-1);
  const isOpen = local.rcode === RCODE.NOERROR && local.authority.length === 0 && end?.type === TYPE.CNAME;
  if (!isOpen || end === undefined || key.type === TYPE.CNAME) return local;
  return behindChain(local.answer, await resolver.resolve({ ...key, name: end.rdata }));
}

const SERVFAIL: CacheContent = { rcode: RCODE.SERVFAIL, ede: 0, authenticated: false, answer: [], authority: [] };

/** Our own zones' answer to a question, as records; undefined: its name is not ours. */
export type LocalContent = (key: CacheKey) => CacheContent | undefined;

/** Asks our own zones alone. */
export function localZones(answerer: QueryAnswerer): LocalContent {
  const room = new Uint8Array(ROOM);
  return (key) => {
    const query = writeQuestion({ name: key.name, type: key.type, class: CLASS_IN });
    const reply = answerer.answerInside(query, room);
    if (reply === undefined) return undefined;
    return { rcode: reply[3]! & 0x0f, ede: 0, authenticated: false, ...readSections(reply) };
  };
}

/** The question of a plain query, and what else the answer depends on. */
function keyOf(plain: Uint8Array): CacheKey {
  const end = questionEnd(plain);
  return {
    name: lowerName(plain.subarray(HEADER_SIZE, end - 4)),
    type: (plain[end - 4]! << 8) | plain[end - 3]!,
    dnssecOk: plain[11] === 1 && (plain[end + 7]! & DNSSEC_OK) !== 0,
    checkingDisabled: (plain[3]! & FLAG.CD) !== 0,
  };
}
