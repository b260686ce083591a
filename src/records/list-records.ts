// Lists what the compiled table answers, as zones that a name server can load. Reads the table and compiles nothing, so
// that the list cannot disagree with the answers. docs/dump.md says what a zone file cannot say. Pure.
// RFC 1034 4.2.1 (zones and glue), RFC 1035 5.
import { TYPE } from "../dns/constants.ts";
import {
  foldedKey,
  formatName,
  isAtOrBelow,
  keyAbove,
  keysUpward,
  nameEnd,
  nameKey,
  prependLabels,
} from "../dns/name.ts";
import { addressLabel } from "../net/address-label.ts";
import { formatIp } from "../net/ip.ts";
import { ENTRY_FLAG, ZONE_KIND } from "../table/layout.ts";
import type { TableReader } from "../table/reader.ts";
import { tableNames } from "../table/table-names.ts";
import type { TableName } from "../table/table-names.ts";
import { readSoaRdata } from "../table/zone-soa.ts";
import { canonicalKey, compareTexts, sortRecords } from "./canonical-order.ts";
import type { ListedRecord, ListedZone, RecordList, ZoneOrigin } from "./listed-record.ts";

const ORIGINS: readonly ZoneOrigin[] = ["cluster", "reverse", "file", "special"];
const ORIGIN_OF_KIND: Readonly<Record<number, ZoneOrigin>> = {
  [ZONE_KIND.CLUSTER]: "cluster",
  [ZONE_KIND.REVERSE]: "reverse",
  [ZONE_KIND.FILE]: "file",
  [ZONE_KIND.SPECIAL]: "special",
};

/** A zone that is being collected. */
interface Zone {
  readonly apex: Uint8Array;
  readonly names: TableName[];
  readonly notes: string[];
}

/** The zones of the table by the keys of their apexes, and what is in none of them. */
interface Sorted {
  readonly zones: Map<string, Zone>;
  /** Reverse names with an SOA of their own. */
  readonly alone: readonly TableName[];
  readonly hosts: readonly TableName[];
  /** Names by which a rule knows the addresses of pods. */
  readonly hidden: readonly TableName[];
  readonly forwarded: readonly TableName[];
}

/** Lists the records of all zones. `serial` replaces that of every zone that no file gives. */
export function listRecords(table: TableReader, serial?: number): RecordList {
  const { zones, alone, hosts, hidden, forwarded } = sortNames(table);
  for (const name of alone) {
    const around = zoneAround(zones, name.name);
    if (around !== undefined) around.names.push(name);
    else zones.set(nameKey(name.name), { apex: name.name, names: [name], notes: [] });
  }
  for (const { name } of forwarded)
    zoneAround(zones, name)?.notes.push(`${formatName(name)} and the names below it are forwarded`);
  const pods = Map.groupBy(hidden, ({ name }) => keyAbove(nameKey(name))!);
  const listed = [...zones.values()].map((zone) => listZone(zone, pods, table, serial));
  const rank = ({ origin, apex }: ListedZone): string => `${ORIGINS.indexOf(origin)}${canonicalKey(apex)}`;
  return {
    zones: listed.filter((zone) => zone !== undefined).toSorted((a, b) => compareTexts(rank(a), rank(b))),
    hosts: sortRecords(hosts.flatMap(({ records }) => records)),
  };
}

function sortNames({ words, bytes }: TableReader): Sorted {
  const zones = new Map<string, Zone>();
  const alone: TableName[] = [];
  const hosts: TableName[] = [];
  const hidden: TableName[] = [];
  const forwarded: TableName[] = [];
  for (const name of tableNames(words, bytes)) {
    const { flags, kind, apexSize, records } = name;
    const isApex = apexSize === name.name.length;
    // The apex of a range has name servers.
    const isAlone = kind === ZONE_KIND.REVERSE && isApex && !records.some(({ type }) => type === TYPE.NS);
    if ((flags & ENTRY_FLAG.OWNER) === 0) continue;
    if (kind === ZONE_KIND.HOSTS) hosts.push(name);
    else if ((flags & ENTRY_FLAG.FOREIGN) !== 0) forwarded.push(name);
    else if ((flags & ENTRY_FLAG.HIDDEN) !== 0) hidden.push(name);
    else if (isAlone) alone.push(name);
    else {
      const apex = name.name.subarray(name.name.length - apexSize);
      const key = nameKey(apex);
      const zone = zones.get(key) ?? { apex, names: [], notes: [] };
      zones.set(key, zone);
      zone.names.push(name);
    }
  }
  return { zones, alone, hosts, hidden, forwarded };
}

function zoneAround(zones: ReadonlyMap<string, Zone>, name: Uint8Array): Zone | undefined {
  const key = keysUpward(nameKey(name)).find((each) => zones.has(each));
  return key === undefined ? undefined : zones.get(key);
}

/** Undefined for a zone that denies all its names, such as `invalid`: no file can say that its apex does not exist. */
function listZone(
  { apex, names, notes }: Zone,
  pods: ReadonlyMap<string, readonly TableName[]>,
  table: TableReader,
  serial: number | undefined,
): ListedZone | undefined {
  const first = names.find(({ name }) => name.length === apex.length) ?? names[0]!;
  const origin = ORIGIN_OF_KIND[first.kind]!;
  const soaAt = table.zoneSoa(first.zone);
  const soa = readSoaRdata(
    table.words,
    table.bytes,
    soaAt,
    (origin === "file" ? undefined : serial) ?? table.serial(first.zone),
  );
  const ttl = table.words[soaAt]!;
  const own = names.flatMap(({ records }) => records);
  const ofPods = names.flatMap(({ name, flags }) =>
    (flags & ENTRY_FLAG.KNOWN_ADDRESS_LABELS) === 0
      ? []
      : (pods.get(nameKey(name)) ?? []).map((pod) => podRecord(pod.name, ttl)),
  );
  const known = new Set(own.map(({ owner, type }) => `${type} ${foldedKey(owner)}`));
  const records = [...own, ...(origin === "file" ? glueOf(names, apex, known) : []), ...ofPods];
  const isServed = records.some(({ owner, type }) => type === TYPE.NS && owner.length === apex.length);
  if (!isServed && records.length === 0) return undefined;
  if (!isServed) {
    records.push({ owner: apex, type: TYPE.NS, ttl, rdata: soa.subarray(0, nameEnd(soa, 0)) });
    notes.push("the NS record is added, since a zone needs one");
  }
  const empty = emptyNames(names, records);
  return {
    apex,
    origin,
    records: sortRecords([{ owner: apex, type: TYPE.SOA, ttl, rdata: soa }, ...records]),
    ofCluster: [...names.filter(isOfCluster).flatMap((each) => each.records), ...ofPods],
    empty: empty.map(({ name }) => name),
    notes: [...notes, ...notesOf(names, empty)],
    isBare:
      names.every(({ kind }) => kind === ZONE_KIND.SPECIAL) ||
      (origin === "reverse" && records.every(({ type }) => type === TYPE.NS)),
  };
}

function isOfCluster({ kind }: TableName): boolean {
  return kind === ZONE_KIND.CLUSTER || kind === ZONE_KIND.REVERSE;
}

/** The addresses of names below delegations, which come in additional sections alone. */
function glueOf(names: readonly TableName[], apex: Uint8Array, known: ReadonlySet<string>): readonly ListedRecord[] {
  const glue = new Map<string, ListedRecord>();
  for (const record of names.flatMap(({ additional }) => additional)) {
    const { owner, type, rdata } = record;
    if (known.has(`${type} ${foldedKey(owner)}`) || !isAtOrBelow(owner, apex)) continue;
    glue.set(`${type} ${foldedKey(owner)} ${nameKey(rdata)}`, record);
  }
  return [...glue.values()];
}

/** The record of a running pod, of whose name the table has a hidden one: the bytes of its address are the label. */
export function podRecord(hidden: Uint8Array, ttl: number): ListedRecord {
  const address = hidden.slice(1, 1 + hidden[0]!);
  const type = address.length === 4 ? TYPE.A : TYPE.AAAA;
  const owner = prependLabels([addressLabel(formatIp(address))], hidden.subarray(1 + hidden[0]!));
  return { owner, type, ttl, rdata: address };
}

/** The names that exist although neither they nor names below them have records. */
function emptyNames(names: readonly TableName[], records: readonly ListedRecord[]): readonly TableName[] {
  const existing = new Set(records.flatMap(({ owner }) => keysUpward(nameKey(owner))));
  return names.filter(({ name }) => !existing.has(nameKey(name)));
}

/** The rules of the zone, and its names without records. */
function notesOf(names: readonly TableName[], empty: readonly TableName[]): readonly string[] {
  const isRule = ({ flags }: TableName): boolean => (flags & ENTRY_FLAG.ADDRESS_LABELS) !== 0;
  const note = (what: string, noted: readonly TableName[]): readonly string[] => {
    const sorted = noted
      .map(({ name }) => ({ text: formatName(name), key: canonicalKey(name) }))
      .toSorted((a, b) => compareTexts(a.key, b.key));
    return sorted.length === 0 ? [] : [`${what}: ${sorted.map(({ text }) => text).join(" ")}`];
  };
  return [
    ...note(
      "without records",
      empty.filter((each) => !isRule(each)),
    ),
    ...note("each address has a name, as 192-0-2-1 for 192.0.2.1, in", names.filter(isRule)),
  ];
}
