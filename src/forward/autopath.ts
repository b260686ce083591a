// Walks a client's search list on its behalf: a pod that asks for NAME in its first search domain gets, behind a CNAME,
// what it would have found at the end of its search. A and AAAA end at the same name, and so do all replicas:
// only local zones and upstreams' answers decide. What is not found is left to the client.
import type { CacheContent } from "../cache/cache-entry.ts";
import type { CacheKey } from "../cache/cache-key.ts";
import { RCODE, TYPE } from "../dns/constants.ts";
import { isWithin } from "../dns/message-records.ts";
import { NAME_SIZE_MAX, parseName } from "../dns/name.ts";

/** The CNAME's TTL at most, seconds: where the search ends may change with the pods. */
const CNAME_TTL_MAX = 30;

export interface AutopathDependencies {
  /** The search list of the pod at that address, 4 or 16 bytes; undefined: no known pod. */
  readonly searchesOf: (address: Uint8Array) => readonly string[] | undefined;
  /** The answer to a question, from local zones or upstreams, the chain followed. */
  readonly resolve: (key: CacheKey) => Promise<CacheContent>;
}

export class Autopath {
  readonly #dependencies: AutopathDependencies;

  constructor(dependencies: AutopathDependencies) {
    this.#dependencies = dependencies;
  }

  /** The answer at the end of the search of the pod at `address`; undefined: the client has to search by itself. */
  async search(key: CacheKey, address: Uint8Array): Promise<CacheContent | undefined> {
    const searches = this.#dependencies.searchesOf(address)?.flatMap((text) => parseName(text) ?? []);
    const first = searches?.[0];
    if (searches === undefined || first === undefined || !isWithin(key.name, first)) return undefined;
    const base = key.name.subarray(0, key.name.length - first.length);
    if (base.length === 0) return undefined;
    for (const search of searches.slice(1)) {
      const name = join(base, search);
      if (name !== undefined && (await this.#hasAddress({ ...key, name }))) return this.#answer(key, name);
    }
    const name = join(base, new Uint8Array(1));
    return name === undefined ? undefined : this.#answer(key, name);
  }

  /** Whether a client's search would end at the name: it has an address of either family. */
  async #hasAddress(key: CacheKey): Promise<boolean> {
    const types = [TYPE.A, TYPE.AAAA];
    const found = await Promise.all(types.map((type) => this.#dependencies.resolve({ ...key, type })));
    return found.some(
      ({ rcode, answer }, i) => rcode === RCODE.NOERROR && answer.some(({ type }) => type === types[i]),
    );
  }

  /** The answer for `name` behind a CNAME from the name in the question. */
  async #answer(key: CacheKey, name: Uint8Array): Promise<CacheContent | undefined> {
    const found = await this.#dependencies.resolve({ ...key, name });
    if (found.rcode !== RCODE.NOERROR) return undefined;
    const ttl = Math.min(...[...found.answer, ...found.authority].map((record) => record.ttl), CNAME_TTL_MAX);
    const cname = { owner: key.name, type: TYPE.CNAME, class: 1, ttl, rdata: name };
    return { ...found, authenticated: false, answer: [cname, ...found.answer] };
  }
}

function join(base: Uint8Array, suffix: Uint8Array): Uint8Array | undefined {
  if (base.length + suffix.length > NAME_SIZE_MAX) return undefined;
  const name = new Uint8Array(base.length + suffix.length);
  name.set(base);
  name.set(suffix, base.length);
  return name;
}
