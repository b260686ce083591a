// The records of a zone by owner and type, and what is above a name: delegations, DNAMEs, wildcards (RFC 4592 2.2,
// RFC 1034 4.2.1). Equal records are kept once. Judges nothing.
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

/** All records of one owner. */
export class ZoneNode {
  /** As written first. */
  readonly owner: Uint8Array;
  readonly #sets = new Map<number, NodeRRset>();

  constructor(owner: Uint8Array) {
    this.owner = owner;
  }

  add(record: ZoneRecord): void {
    const set = this.#sets.get(record.type);
    if (set === undefined) return void this.#sets.set(record.type, { records: [record], rdataKeys: undefined });
    // Most sets have one record, and that needs no comparison.
    set.rdataKeys ??= new Set(set.records.map(rdataKey));
    const key = rdataKey(record);
    if (set.rdataKeys.has(key)) return;
    set.rdataKeys.add(key);
    set.records.push(record);
  }

  /** The types that the owner has records of. */
  types(): Iterable<number> {
    return this.#sets.keys();
  }

  has(type: number): boolean {
    return this.#sets.has(type);
  }

  /** The records of one type, in the order of the file; none when there are none. */
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

/** The owners of a zone, which is at `origin`. */
export class ZoneTree {
  readonly origin: Uint8Array;
  readonly #originKey: string;
  readonly #nodes = new Map<string, ZoneNode>();
  /** All names that exist, among them those that only have names below them. */
  readonly #names = new Set<string>();

  constructor(origin: Uint8Array) {
    this.origin = origin;
    this.#originKey = foldedKey(origin);
    this.#names.add(this.#originKey);
  }

  /** Takes a record in; false when its owner is not in the zone. */
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

  /** The node of a name in the zone, or the wildcard that stands for it. */
  find(name: Uint8Array): ZoneNode | undefined {
    const path = this.#pathTo(name) ?? [];
    const encloser = path.find((key) => this.#names.has(key));
    return encloser === path[0] ? this.#nodes.get(encloser ?? "") : this.#nodes.get(`\u0001*${encloser}`);
  }

  /** Of the nodes above `name`, the one nearest the apex that delegates or, by a DNAME, redirects it. */
  interruptionAbove(name: Uint8Array): ZoneNode | undefined {
    for (const key of (this.#pathTo(name) ?? []).slice(1).reverse()) {
      const node = this.#nodes.get(key);
      if (node !== undefined && (node.has(TYPE.DNAME) || this.isDelegation(node))) return node;
    }
    return undefined;
  }

  /** Whether the zone ends at the node, which has name servers of its own. */
  isDelegation(node: ZoneNode): boolean {
    return node.has(TYPE.NS) && node !== this.apex;
  }

  /** The keys of the name and of all above it, up to the apex; undefined when it is outside. */
  #pathTo(name: Uint8Array): readonly string[] | undefined {
    const path = keysUpward(foldedKey(name), this.#originKey);
    return path.at(-1) === this.#originKey ? path : undefined;
  }
}

function rdataKey({ type, rdata }: ZoneRecord): string {
  return nameKey(canonicalRdata(type, rdata));
}
