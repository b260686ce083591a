// Compiles the records of a zone file into table entries. Names below delegations are left out, except for glue. The
// zone has been checked: one SOA, NS at the apex, no other data at a CNAME or below a DNAME.
// RFC 1034 4.2.1 and 4.3.3, RFC 4592 2.2 (wildcards), RFC 6672 (DNAME), RFC 2308 5 (TTL of negative answers).
import { TYPE } from "../dns/constants.ts";
import { foldedKey, keyAbove, keysUpward, lowerByte, lowerName, nameEnd } from "../dns/name.ts";
import { readTarget } from "../dns/rdata.ts";
import { ENTRY_FLAG, ZONE_KIND } from "../table/layout.ts";
import type { ZoneSoa } from "../table/zone-soa.ts";
import type { Zone, ZoneRecord } from "../zonefile/zone-record.ts";
import { encodeEntry } from "./encode-entry.ts";
import type { NamedEntry } from "./name-layers.ts";
import type { AddressSet, AnswerRRset, ZonePlace } from "./owner-records.ts";

/** Types whose target is looked up next. */
const LOOKED_UP: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.DNAME]);
/** The types for which the parent zone answers at a delegation. */
const AT_CUT: ReadonlySet<number> = new Set([TYPE.NS, TYPE.DS]);
/** A table entry has one byte for the number of sets. */
const SETS_MAX = 255;

/** The records of one owner name, by type. */
interface Owner {
  readonly name: Uint8Array;
  readonly sets: Map<number, ZoneRecord[]>;
}

/** The zone's SOA for the table, and the serial of the file. */
export function readSoa(zone: Zone): { readonly record: ZoneSoa; readonly serial: number } {
  const soa = zone.records.find(({ type }) => type === TYPE.SOA)!;
  const mnameEnd = nameEnd(soa.rdata, 0)!;
  const rnameEnd = nameEnd(soa.rdata, mnameEnd)!;
  const numbers = new DataView(soa.rdata.buffer, soa.rdata.byteOffset + rnameEnd);
  const minimumSeconds = numbers.getUint32(16);
  const record = {
    ttlSeconds: soa.ttl,
    negativeTtlSeconds: Math.min(soa.ttl, minimumSeconds),
    mname: soa.rdata.subarray(0, mnameEnd),
    rname: soa.rdata.subarray(mnameEnd, rnameEnd),
    refreshSeconds: numbers.getUint32(4),
    retrySeconds: numbers.getUint32(8),
    expireSeconds: numbers.getUint32(12),
    minimumSeconds,
  };
  return { record, serial: numbers.getUint32(0) };
}

/** The zone's entries by key. `inner`: the keys of zones below this one, whose names are left out. */
export function compileZone(zone: Zone, zoneIndex: number, inner: ReadonlySet<string>): Map<string, NamedEntry> {
  const origin = foldedKey(zone.origin);
  const owners = readOwners(zone, origin, inner);
  const place = { apexSize: zone.origin.length, zone: zoneIndex, kind: ZONE_KIND.FILE };
  const served = new Map([...owners].filter(([key]) => !isOccluded(key, origin, owners)));
  const { wildcards, aboveWildcards } = findWildcards(served.keys(), origin);
  const entries = new Map<string, NamedEntry>();
  // A wildcard, or the name above it, may be an empty non-terminal, and needs its flags as well.
  for (const key of [...wildcards, ...aboveWildcards]) {
    if (served.has(key)) continue;
    const name = Uint8Array.from(Buffer.from(key, "latin1"));
    const flags = aboveWildcards.has(key) ? ENTRY_FLAG.WILDCARD : 0;
    entries.set(key, named({ name, sets: [], flags }, place));
  }
  for (const [key, owner] of served) {
    const isCut = key !== origin && owner.sets.has(TYPE.NS);
    const flags =
      (isCut ? ENTRY_FLAG.CUT : 0) |
      (owner.sets.has(TYPE.DNAME) ? ENTRY_FLAG.REDIRECTS : 0) |
      (aboveWildcards.has(key) ? ENTRY_FLAG.WILDCARD : 0);
    const types = [...owner.sets.keys()].filter((type) => type !== TYPE.SOA && (!isCut || AT_CUT.has(type)));
    // CNAME last: it answers every type that no set before it has.
    types.sort((a, b) => Number(a === TYPE.CNAME) - Number(b === TYPE.CNAME));
    const sets = types.slice(0, SETS_MAX).map((type) => recordSet(type, owner.sets.get(type)!, owners));
    entries.set(key, named({ name: owner.name, sets, flags }, place));
  }
  return entries;
}

/** All wildcard names of the zone, empty non-terminals included, and the names directly above them. */
function findWildcards(
  served: Iterable<string>,
  origin: string,
): { readonly wildcards: ReadonlySet<string>; readonly aboveWildcards: ReadonlySet<string> } {
  const wildcards = new Set<string>();
  const aboveWildcards = new Set<string>();
  for (const key of served) {
    if (!key.includes("\u0001*")) continue;
    for (const each of keysUpward(key)) {
      if (each === origin) break;
      if (!each.startsWith("\u0001*")) continue;
      wildcards.add(each);
      aboveWildcards.add(keyAbove(each)!);
    }
  }
  return { wildcards, aboveWildcards };
}

function named(records: Parameters<typeof encodeEntry>[0], place: ZonePlace): NamedEntry {
  return { name: records.name, content: encodeEntry(records, place) };
}

function readOwners(zone: Zone, origin: string, inner: ReadonlySet<string>): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  const foreign = new Set<string>();
  for (const record of zone.records) {
    const key = foldedKey(record.owner);
    const known = owners.get(key);
    if (foreign.has(key)) continue;
    if (known === undefined && isInInnerZone(key, origin, inner)) {
      foreign.add(key);
      continue;
    }
    const owner = known ?? { name: inLowerCase(record.owner), sets: new Map<number, ZoneRecord[]>() };
    const set = owner.sets.get(record.type);
    if (known === undefined) owners.set(key, owner);
    if (set === undefined) owner.sets.set(record.type, [record]);
    else set.push(record);
  }
  return owners;
}

/** The name itself where it can be: of very many names, a copy of each takes much memory. */
function inLowerCase(name: Uint8Array): Uint8Array {
  return name.every((byte) => lowerByte(byte) === byte) ? name : lowerName(name);
}

function isInInnerZone(key: string, origin: string, inner: ReadonlySet<string>): boolean {
  if (inner.size === 0) return false;
  for (const each of keysUpward(key)) {
    if (each === origin) return false;
    if (inner.has(each)) return true;
  }
  return false;
}

/** Whether a delegation or a DNAME above occludes the name. */
function isOccluded(key: string, origin: string, owners: ReadonlyMap<string, Owner>): boolean {
  for (const above of keysUpward(key)) {
    if (above === key) continue;
    const sets = owners.get(above)?.sets;
    if (sets?.has(TYPE.DNAME) === true) return true;
    if (above === origin || key === origin) return false;
    if (sets?.has(TYPE.NS) === true) return true;
  }
  return false;
}

function recordSet(type: number, records: readonly ZoneRecord[], owners: ReadonlyMap<string, Owner>): AnswerRRset {
  const rdata = records.map((record) => (LOOKED_UP.has(type) ? lowerName(record.rdata) : record.rdata));
  return { type, ttlSeconds: records[0]!.ttl, rdata, additional: addressesOf(type, rdata, owners) };
}

/** The addresses in this zone of the set's distinct targets. */
function addressesOf(
  type: number,
  rdata: readonly Uint8Array[],
  owners: ReadonlyMap<string, Owner>,
): readonly AddressSet[] {
  const targets = new Map<string, number>();
  rdata.forEach((data, i) => {
    const target = readTarget(type, data);
    const key = target && foldedKey(target);
    if (key !== undefined && !targets.has(key)) targets.set(key, i);
  });
  return [...targets].flatMap(([key, rdataIndex]) =>
    [TYPE.A, TYPE.AAAA].flatMap((family): AddressSet[] => {
      const records = owners.get(key)?.sets.get(family);
      if (records === undefined) return [];
      return [{ rdataIndex, type: family, rdata: records.map((each) => each.rdata), ttlSeconds: records[0]!.ttl }];
    }),
  );
}
