// Listed records as keys and values of SkyDNS's layout in etcd, for every reader of it: skydns, CoreDNS's etcd plugin
// and `serve --source etcd`. Names are reversed into paths, a record is a value. Pure. docs/skydns.md shows the layout,
// and what it can't say.
import { TYPE } from "../dns/constants.ts";
import { formatName, keysUpward, nameKey } from "../dns/name.ts";
import { canonicalRdata, readTarget } from "../dns/rdata.ts";
import { formatType } from "../dns/type-names.ts";
import { formatIp } from "../net/ip.ts";
import { fnv1a } from "../std/fnv1a.ts";
import { compareTexts, sortRecords } from "./canonical-order.ts";
import type { ListedRecord, ListedZone, RecordList } from "./listed-record.ts";

/** What keys begin with unless somebody wants otherwise. */
const PREFIX = "/skydns";
/** Begins the last part of a key that is no label of a name: no object has such a name. */
const RECORD_MARK = "~";
/** The `type` of a value that says that its name exists without records. */
const NO_RECORD = "none";
/** Not a port: readers that make SRV records of every value make none of this one. */
const NO_PORT = -1;
/** The characters of a label that is a part of a path as it stands. */
const PATH_PART = /^[\w-]+$/;

/** The JSON fields of a value; `type` is ours, and other readers ignore it. */
export interface SkyDnsValue {
  readonly host?: string;
  readonly port?: number;
  readonly priority?: number;
  readonly weight?: number;
  readonly text?: string;
  readonly ttl: number;
  /** A name is answered with the values of its own group alone, and not with those of names below it. */
  readonly group: string;
  /** The only record that the value stands for. */
  readonly type: string;
}

/** What is to be in etcd. */
export interface SkyDnsEntries {
  readonly values: ReadonlyMap<string, string>;
  /** Records that have no key or no value, such as those of names with other characters than host names. */
  readonly leftOut: readonly ListedRecord[];
}

/** What a value says of its record alone. */
type RecordValue = Omit<SkyDnsValue, "ttl" | "group" | "type">;

/** The value of a record by type; undefined: the layout has none. */
const VALUES: ReadonlyMap<number, (rdata: Uint8Array) => RecordValue | undefined> = new Map<
  number,
  (rdata: Uint8Array) => RecordValue | undefined
>([
  [TYPE.A, addressValue],
  [TYPE.AAAA, addressValue],
  [TYPE.CNAME, nameValue],
  [TYPE.PTR, nameValue],
  [TYPE.SRV, serviceValue],
  [TYPE.TXT, textValue],
]);
/** Types of which CoreDNS reads the name's own key alone. */
const AT_NAME: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.PTR]);
/** What every server of a zone has of its own. */
const OF_SERVER: ReadonlySet<number> = new Set([TYPE.SOA, TYPE.NS]);

/** The keys below `prefix`, such as `/skydns`, and their values, of the names of the cluster. */
export function skyDnsEntries({ zones }: Pick<RecordList, "zones">, prefix: string): SkyDnsEntries {
  const values = new Map<string, string>();
  const leftOut: ListedRecord[] = [];
  for (const zone of zones) {
    const byOwner = Map.groupBy(zone.ofCluster, ({ owner }) => nameKey(owner));
    const names = zone.origin === "cluster" ? existingNames(zone) : byOwner.keys();
    const emptyTtl = zone.origin === "cluster" ? zone.records[0]!.ttl : undefined;
    for (const key of names) {
      const name = Uint8Array.from(Buffer.from(key, "latin1"));
      const entries = nameEntries({ name, records: byOwner.get(key) ?? [], emptyTtl }, prefix);
      for (const [path, value] of entries.values) values.set(path, value);
      leftOut.push(...entries.leftOut);
    }
  }
  return { values, leftOut };
}

/** A name of a zone, and its records. */
export interface SkyDnsName {
  readonly name: Uint8Array;
  readonly records: readonly ListedRecord[];
  /** The TTL of a name without records; undefined: such a name gets no value. */
  readonly emptyTtl: number | undefined;
}

/** The keys and values of one name. */
export function nameEntries({ name, records, emptyTtl }: SkyDnsName, prefix: string): SkyDnsEntries {
  const values = new Map<string, string>();
  const leftOut: ListedRecord[] = [];
  const path = pathOf(name, prefix);
  const own = sortRecords(records.filter(({ type }) => !OF_SERVER.has(type)));
  for (const record of own) {
    const value = VALUES.get(record.type)?.(record.rdata);
    if (path === undefined || value === undefined) leftOut.push(record);
    else {
      const isAtName = AT_NAME.has(record.type) && !values.has(path);
      const key = isAtName ? path : `${path}/${recordLabel(record)}`;
      values.set(key, formatValue(value, name, record.ttl, formatType(record.type)));
    }
  }
  // Readers that answer a name with all below it find that this one has nothing.
  if (own.length === 0 && emptyTtl !== undefined && path !== undefined)
    values.set(`${path}/${RECORD_MARK}`, formatValue(nameValue(name), name, emptyTtl, NO_RECORD));
  return { values, leftOut };
}

/** Each key on a line, and its value on the next, as `etcdctl get --prefix /skydns` prints what a registrar wrote. */
export function formatSkyDns(list: RecordList): string {
  const { values } = skyDnsEntries(list, PREFIX);
  const lines = [...values].toSorted(([a], [b]) => compareTexts(a, b)).flat();
  return lines.map((line) => `${line}\n`).join("");
}

/** Where the records of the name of a key are. */
export function skyDnsDirectory(key: string): string {
  const last = key.lastIndexOf("/");
  return key.startsWith(RECORD_MARK, last + 1) ? key.slice(0, last) : key;
}

/** The keys of all names of the zone, those above others included. */
function existingNames({ apex, empty, ofCluster }: ListedZone): ReadonlySet<string> {
  const keys = [apex, ...empty, ...ofCluster.map(({ owner }) => owner)].map(nameKey);
  return new Set(keys.flatMap((key) => keysUpward(key, nameKey(apex))));
}

function formatValue(value: RecordValue, owner: Uint8Array, ttl: number, type: string): string {
  return JSON.stringify({ ...value, ttl, group: hostOf(owner), type } satisfies SkyDnsValue);
}

function addressValue(rdata: Uint8Array): RecordValue {
  return { host: formatIp(rdata), port: NO_PORT };
}

function nameValue(name: Uint8Array): RecordValue {
  return { host: hostOf(name), port: NO_PORT };
}

function serviceValue(rdata: Uint8Array): RecordValue {
  const [priority, weight, port] = [0, 2, 4].map((at) => (rdata[at]! << 8) | rdata[at + 1]!);
  return { host: hostOf(readTarget(TYPE.SRV, rdata)!), port: port!, priority: priority!, weight: weight! };
}

/** Of one character string of ASCII; others have no JSON that all readers take for the same. */
function textValue(rdata: Uint8Array): RecordValue | undefined {
  const text = Buffer.from(rdata.subarray(1)).toString("latin1");
  return rdata[0] === rdata.length - 1 && /^[ -~]+$/.test(text) ? { text } : undefined;
}

/** `web.shop.svc.cluster.local` */
function hostOf(name: Uint8Array): string {
  return formatName(name).slice(0, -1);
}

/** `/skydns/local/cluster/svc/shop/web`; undefined: a label would not be one part of the path. */
function pathOf(name: Uint8Array, prefix: string): string | undefined {
  const labels: string[] = [];
  for (let at = 0; name[at] !== 0; at += 1 + name[at]!) {
    const label = Buffer.from(name.subarray(at + 1, at + 1 + name[at]!)).toString("latin1");
    if (!PATH_PART.test(label)) return undefined;
    labels.push(label.toLowerCase());
  }
  return [prefix, ...labels.reverse()].join("/");
}

/** The same for the same record: its priority, weight and TTL may change under one key. */
function recordLabel({ type, rdata }: ListedRecord): string {
  const data = nameKey(canonicalRdata(type, rdata).subarray(type === TYPE.SRV ? 4 : 0));
  // Twice, from two states, since 32 bits are few for the endpoints of one service.
  const hashes = ["", RECORD_MARK].map((start) => fnv1a(`${start}${formatType(type)} ${data}`));
  return RECORD_MARK + hashes.map((hash) => hash.toString(16).padStart(8, "0")).join("");
}
