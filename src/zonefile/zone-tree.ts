// The RRsets of a zone by owner name, and what affects a name: delegations, DNAMEs, wildcards (RFC 1034 4.2.1,
// RFC 4592 2.2). Drops duplicate records. Reports no problems.
import { TYPE } from "../dns/constants.ts";
import { foldedKey, keysUpward, nameKey } from "../dns/name.ts";
import { canonicalRdata } from "../dns/rdata.ts";
import type { ZoneRecord } from "./zone-record.ts";

/** Distinct records of one owner name and type. */
interface NodeRRset {
  readonly records: ZoneRecord[];
  /** Their rdata in canonical form, as keys. */
  rdataKeys: Set<string> | undefined;
}

/** The RRsets of one owner name. */
export class ZoneNode {
  /** In the letter case of its first record. */
  readonly owner: Uint8Array;
  readonly #sets = new Map<number, NodeRRset>();

  constructor(owner: Uint8Array) {
    this.owner = owner;
  }

  add(record: ZoneRecord): void {
    const set = this.#sets.get(record.type);
    if (set === undefined) return void this.#sets.set(record.type, { records: [record], rdataKeys: undefined });
    // Most RRsets have one record, which needs no comparison.
    set.rdataKeys ??= new Set(set.records.map(rdataKey));
    const key = rdataKey(record);
    if (set.rdataKeys.has(key)) return;
    set.rdataKeys.add(key);
    set.records.push(record);
  }

  /** The types of its RRsets. */
  types(): Iterable<number> {
    return this.#sets.keys();
  }

  has(type: number): boolean {
    return this.#sets.has(type);
  }

  /** The records of one type, in file order. */
  of(type: number): readonly ZoneRecord[] {
    return this.#sets.get(type)?.records ?? [];
  }

  hasAddress(): boolean {
    return this.has(TYPE.A) || this.has(TYPE.AAAA);
  }

  isWildcard(): boolean {
    return this.owner[0] === 1 && this.owner[1] === 0x2a;
  }
}

/** The owner names of the zone `origin`. */
export class ZoneTree {
  readonly origin: Uint8Array;
  readonly #originKey: string;
  readonly #nodes = new Map<string, ZoneNode>();
  /** All names that exist, with empty non-terminals. */
  readonly #names = new Set<string>();

  constructor(origin: Uint8Array) {
    this.origin = origin;
    this.#originKey = foldedKey(origin);
    this.#names.add(this.#originKey);
  }

  /** Adds a record; false: its owner name is outside the zone. */
  add(record: ZoneRecord): boolean {
    const path = this.#pathTo(record.owner);
    if (path === undefined) return false;
    const key = path[0]!;
    const node = this.#nodes.get(key) ?? new ZoneNode(record.owner);
    this.#nodes.set(key, node);
    node.add(record);
    for (const name of path) {
      if (this.#names.has(name)) break;
      this.#names.add(name);
    }
    return true;
  }

  nodes(): Iterable<ZoneNode> {
    return this.#nodes.values();
  }

  get apex(): ZoneNode | undefined {
    return this.#nodes.get(this.#originKey);
  }

  contains(name: Uint8Array): boolean {
    return this.#pathTo(name) !== undefined;
  }

  /** The node of a name, or of the wildcard that matches it (RFC 4592 3.3). */
  find(name: Uint8Array): ZoneNode | undefined {
    const path = this.#pathTo(name) ?? [];
    const encloser = path.find((key) => this.#names.has(key));
    return encloser === path[0] ? this.#nodes.get(encloser ?? "") : this.#nodes.get(`\u0001*${encloser}`);
  }

  /** The delegation or DNAME above `name` that is nearest to the apex. */
  interruptionAbove(name: Uint8Array): ZoneNode | undefined {
    for (const key of (this.#pathTo(name) ?? []).slice(1).reverse()) {
      const node = this.#nodes.get(key);
      if (node !== undefined && (node.has(TYPE.DNAME) || this.isDelegation(node))) return node;
    }
    return undefined;
  }

  /** Whether the node is a zone cut: it has NS records and is not the apex. */
  isDelegation(node: ZoneNode): boolean {
    return node.has(TYPE.NS) && node !== this.apex;
  }

  /** The keys of the name and its ancestors up to the apex; undefined: outside the zone. */
  #pathTo(name: Uint8Array): readonly string[] | undefined {
    const path = keysUpward(foldedKey(name), this.#originKey);
    return path.at(-1) === this.#originKey ? path : undefined;
  }
}

function rdataKey({ type, rdata }: ZoneRecord): string {
  return nameKey(canonicalRdata(type, rdata));
}
