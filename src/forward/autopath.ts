// The rest of a client's search list, walked here: a pod that asks for NAME in its first search domain gets in one
// reply what it would have found at the end, behind a CNAME. A and AAAA come to the same end, and so do all replicas,
// as nothing but our zones and the answers of others decides. Whatever is not found is left to the client.
import { RCODE, TYPE } from "../dns/constants.ts";
import { isAtOrBelow, NAME_SIZE_MAX, parseName } from "../dns/name.ts";
import type { CacheContent, CacheKey } from "../cache/cache-content.ts";

/** What the walk stands on. */
export interface AutopathParts {
  /** The search list of the pod at that address, 4 or 16 bytes; undefined: no pod that is known. */
  readonly searchesOf: (address: Uint8Array) => readonly string[] | undefined;
  /** The answer of whoever the name belongs to, the chain followed. */
  readonly resolve: (key: CacheKey) => Promise<CacheContent>;
}

export class Autopath {
  readonly #parts: AutopathParts;

  constructor(parts: AutopathParts) {
    this.#parts = parts;
  }

  /** The answer at the end of the search of the pod at `address`; undefined where it is to search by itself. */
  async search(key: CacheKey, address: Uint8Array): Promise<CacheContent | undefined> {
    const searches = this.#parts.searchesOf(address)?.flatMap((text) => parseName(text) ?? []);
    const first = searches?.[0];
    if (searches === undefined || first === undefined || !isAtOrBelow(key.name, first)) return undefined;
    const base = key.name.subarray(0, key.name.length - first.length);
    if (base.length === 0) return undefined;
    for (const search of searches.slice(1)) {
      const name = join(base, search);
      if (name !== undefined && (await this.#hasAddress({ ...key, name }))) return this.#answer(key, name);
    }
    const name = join(base, new Uint8Array(1));
    return name === undefined ? undefined : this.#answer(key, name);
  }

  /** Whether a resolver's search would end at the name: it has an address of either family. */
  async #hasAddress(key: CacheKey): Promise<boolean> {
    const types = [TYPE.A, TYPE.AAAA];
    const found = await Promise.all(types.map((type) => this.#parts.resolve({ ...key, type })));
    return found.some(
      ({ rcode, answer }, i) => rcode === RCODE.NOERROR && answer.some(({ type }) => type === types[i]),
    );
  }

  /** What the name has, behind a CNAME from the name that was asked for. */
  async #answer(key: CacheKey, name: Uint8Array): Promise<CacheContent | undefined> {
    const found = await this.#parts.resolve({ ...key, name });
    if (found.rcode !== RCODE.NOERROR) return undefined;
    const ttl = Math.min(...[...found.answer, ...found.authority].map((record) => record.ttl), TTL_MAX);
    const cname = { owner: key.name, type: TYPE.CNAME, class: 1, ttl, rdata: name };
    return { ...found, authenticated: false, answer: [cname, ...found.answer] };
  }
}

/** Of the CNAME: whether it leads there may change with the pods. */
const TTL_MAX = 30;

function join(base: Uint8Array, suffix: Uint8Array): Uint8Array | undefined {
  if (base.length + suffix.length > NAME_SIZE_MAX) return undefined;
  const name = new Uint8Array(base.length + suffix.length);
  name.set(base);
  name.set(suffix, base.length);
  return name;
}
