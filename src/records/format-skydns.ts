// Listed records as keys and values of SkyDNS's layout in etcd, for every reader of it: skydns, CoreDNS's etcd plugin
// and `serve --source etcd`. Names are reversed into paths, a record is a value. Pure. docs/skydns.md shows the layout,
// and what it can't say.
import { TYPE } from "../dns/constants.ts";
import { formatName, keyAbove, nameKey } from "../dns/name.ts";
import { canonicalRdata, readTarget } from "../dns/rdata.ts";
import { formatType } from "../dns/type-names.ts";
import { formatIp } from "../net/ip.ts";
import { fnv1a } from "../std/fnv1a.ts";
import { compareTexts } from "./canonical-order.ts";
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

/** The keys below `prefix`, such as `/skydns`, and their values, of the zones of the cluster and of reverse names. */
export function skyDnsEntries({ zones }: Pick<RecordList, "zones">, prefix: string): SkyDnsEntries {
  const values = new Map<string, string>();
  const leftOut: ListedRecord[] = [];
  for (const zone of zones) {
    if (zone.origin !== "cluster" && (zone.origin !== "reverse" || zone.isBare)) continue;
    const records = zone.records.filter(({ type }) => !OF_SERVER.has(type));
    for (const record of records) {
      const path = pathOf(record.owner, prefix);
      const value = VALUES.get(record.type)?.(record.rdata);
      if (path === undefined || value === undefined) leftOut.push(record);
      else {
        const isAtName = AT_NAME.has(record.type) && !values.has(path);
        const key = isAtName ? path : `${path}/${recordLabel(record)}`;
        values.set(key, formatValue(value, record.owner, record.ttl, formatType(record.type)));
      }
    }
    if (zone.origin === "cluster") addEmptyNames(zone, records, values, prefix);
  }
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

/** Names that exist without records. Readers that answer a name with all below it find that these have none. */
function addEmptyNames(
  { apex, empty, records: [soa] }: ListedZone,
  records: readonly ListedRecord[],
  values: Map<string, string>,
  prefix: string,
): void {
  const owners = new Set(records.map(({ owner }) => nameKey(owner)));
  const names = new Map<string, Uint8Array>();
  const top = nameKey(apex);
  for (const name of [apex, ...empty, ...records.map(({ owner }) => owner)]) {
    for (let at = name, key = nameKey(name); !names.has(key); at = at.subarray(1 + at[0]!), key = keyAbove(key)!) {
      names.set(key, at);
      if (key === top) break;
    }
  }
  for (const [key, name] of names) {
    const path = pathOf(name, prefix);
    if (owners.has(key) || path === undefined) continue;
    values.set(`${path}/${RECORD_MARK}`, formatValue(nameValue(name), name, soa!.ttl, NO_RECORD));
  }
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
