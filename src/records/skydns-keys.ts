// The keys of SkyDNS's layout for the names of a table that is being written: which keys change with which names, so
// that a change of one service costs no list of all. Pure.
import { keysUpward } from "../dns/name.ts";
import { readEntry } from "../table/entry.ts";
import { ENTRY_FLAG, ZONE_KIND } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { readTableName } from "../table/table-names.ts";
import { nameEntries } from "./format-skydns.ts";
import type { SkyDnsEntries, SkyDnsName } from "./format-skydns.ts";
import { podRecord } from "./list-records.ts";

const NOTHING: SkyDnsEntries = { values: new Map(), leftOut: [] };

export class SkyDnsKeys {
  readonly #prefix: string;
  /** The keys of each name, and how many of its records have none. */
  readonly #names = new Map<string, { readonly keys: readonly string[]; readonly leftOut: number }>();
  #leftOut = 0;

  /** `prefix`: what all keys begin with, such as `/skydns`. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** How many records have no key or no value in the layout. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /**
   * What is to change in etcd: keys with their new values; undefined: the key goes. Reads the names again that have
   * changed, by their keys, and those above them, which may exist because of them.
   */
  update(table: TableReader, changed: Iterable<string>): ReadonlyMap<string, string | undefined> {
    const names = new Set<string>();
    for (const key of changed) for (const each of keysUpward(key)) names.add(each);
    const changes = new Map<string, string | undefined>();
    for (const key of names) {
      const found = readName(table, key);
      const before = this.#names.get(key);
      if (found === undefined && before === undefined) continue;
      const { values, leftOut } = found === undefined ? NOTHING : nameEntries(found, this.#prefix);
      for (const [each, value] of values) changes.set(each, value);
      for (const each of before?.keys ?? []) if (!values.has(each)) changes.set(each, undefined);
      this.#leftOut += leftOut.length - (before?.leftOut ?? 0);
      if (found === undefined) this.#names.delete(key);
      else this.#names.set(key, { keys: [...values.keys()], leftOut: leftOut.length });
    }
    return changes;
  }
}

/** A name of the cluster, or a reverse name, that the table has; undefined: there is none of that key. */
function readName(table: TableReader, key: string): SkyDnsName | undefined {
  const wire = Uint8Array.from(Buffer.from(key, "latin1"));
  const at = table.find(wire, 0, wire.length);
  const owner = at === 0 ? 0 : table.nearestOwner(at, wire, wire.length);
  if (owner === 0) return undefined;
  const kind = table.kindOf(owner);
  if (kind !== ZONE_KIND.CLUSTER && kind !== ZONE_KIND.REVERSE) return undefined;
  const { name, flags, records } = readTableName(readEntry(table.words, table.bytes, at));
  const ttl = table.words[table.zoneSoa(table.zoneOf(owner))]!;
  if ((flags & ENTRY_FLAG.HIDDEN) !== 0) {
    if (!hasPods(table, wire)) return undefined;
    const record = podRecord(name, ttl);
    return { name: record.owner, records: [record], emptyTtl: undefined };
  }
  return { name, records, emptyTtl: kind === ZONE_KIND.CLUSTER ? ttl : undefined };
}

/** Whether hidden names beside `name` are addresses of running pods, and no notes of what is missing. */
function hasPods(table: TableReader, name: Uint8Array): boolean {
  const parent = table.find(name, 1 + name[0]!, name.length);
  if (parent === 0) return false;
  const { flags } = readEntry(table.words, table.bytes, parent).content;
  return (flags & ENTRY_FLAG.KNOWN_ADDRESS_LABELS) !== 0;
}
