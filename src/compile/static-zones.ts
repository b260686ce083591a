// Zones of files, names of hosts files, special names and names that others are asked for → the table, as the layer
// below what the cluster makes. Of zones inside each other the inner one has its names; a zone among the cluster's own
// names is served as long as the cluster has none there.
// RFC 1034 4.3.2 step 2 (the nearest zone), RFC 6761 (special names).
import { formatName, lowerName } from "../dns/name.ts";
import type { Problem } from "../objects/problem.ts";
import { ENTRY_FLAG, ZONES_MAX } from "../table/layout.ts";
import type { TableWriter } from "../table/writer.ts";
import type { HostsEntry } from "../zonefile/parse-hosts-file.ts";
import { ZONE_TYPE } from "../zonefile/type-names.ts";
import type { Zone } from "../zonefile/zone-record.ts";
import { compileHosts } from "./compile-hosts.ts";
import { compileZone, readSoa } from "./compile-zone.ts";
import { encodeEntry } from "./encode-entry.ts";
import { isAtOrBelow, keyAbove, keysUpward, nameKey } from "./name-key.ts";
import type { NamedEntry, NameLayers } from "./name-layers.ts";
import type { RecordSet } from "./record-set.ts";
import { specialZones } from "./special-names.ts";
import type { SpecialZone } from "./special-names.ts";

/** What is served beside the cluster. */
export interface StaticNames {
  /** Checked ones, each with an origin of its own. */
  readonly zones: readonly Zone[];
  /** The lines of all hosts files. */
  readonly hosts: readonly HostsEntry[];
  /** Domains, in wire form, that others are asked for; the nearest of them and of the zones counts. */
  readonly forwarded: readonly Uint8Array[];
}

export interface StaticZoneSettings {
  /** The zones that the cluster makes, in wire form and lower case. */
  readonly clusterApexes: readonly Uint8Array[];
  /** Whose SOA special names and hosts have. */
  readonly clusterZone: number;
  readonly ttlSeconds: number;
}

const ROOT = "\0";
/** The cluster zone has the first record of the table. */
const STATIC_ZONES_MAX = ZONES_MAX - 1;

interface CompiledZone {
  readonly index: number;
  readonly innerKey: string;
  readonly entries: ReadonlyMap<string, NamedEntry>;
}

export class StaticZones {
  readonly #layers: NameLayers;
  readonly #writer: TableWriter;
  readonly #settings: StaticZoneSettings;
  readonly #clusterKeys: ReadonlySet<string>;
  #names: StaticNames = { zones: [], hosts: [], forwarded: [] };
  #hosts: ReadonlyMap<string, NamedEntry> = new Map();
  #special: readonly SpecialZone[] = [];
  #nameserverKey = "";
  #compiled: ReadonlyMap<Zone, CompiledZone> = new Map();
  /** Origin → its zone record in the table. */
  #indexes: ReadonlyMap<string, number> = new Map();
  #problems: readonly Problem[] = [];

  constructor(layers: NameLayers, writer: TableWriter, settings: StaticZoneSettings) {
    this.#layers = layers;
    this.#writer = writer;
    this.#settings = settings;
    this.#clusterKeys = new Set(settings.clusterApexes.map(nameKey));
  }

  /** What of the files is not served, and why. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Serves these in place of those before. */
  set(names: StaticNames): void {
    if (names.hosts !== this.#names.hosts) {
      const { ttlSeconds, clusterZone } = this.#settings;
      this.#hosts = compileHosts(names.hosts, { ttlSeconds, zone: clusterZone });
    }
    this.#names = names;
    this.#layers.watch(names.zones.map(originKey).filter((key) => this.#isAmongClusterNames(key)));
    this.#refresh();
  }

  /** The NS set of the special zones. */
  setNameserver(set: RecordSet): void {
    // Most changes around the name server change nothing of it, and there may be very many names to look through.
    const addresses = (set.additional ?? []).flatMap(({ rdata }) => rdata.map(nameKey));
    const nameserverKey = JSON.stringify([set.rdata.map(nameKey), addresses]);
    if (nameserverKey === this.#nameserverKey) return;
    this.#nameserverKey = nameserverKey;
    this.#special = specialZones(set);
    this.#refresh();
  }

  /** Takes in what has become of zones among the cluster's names; to be called when those have changed. */
  settle(): void {
    if (this.#layers.takeContestChange()) this.#refresh();
  }

  #isAmongClusterNames(key: string): boolean {
    return keysUpward(key).some((each) => this.#clusterKeys.has(each));
  }

  #refresh(): void {
    const zones = this.#acceptZones();
    const forwarded = new Map(
      this.#names.forwarded.map((domain) => [nameKey(lowerName(domain)), lowerName(domain)] as const),
    );
    for (const key of [ROOT, ...zones.keys()]) forwarded.delete(key);
    const apexes = new Set([...zones.keys(), ...this.#clusterKeys, ...forwarded.keys()]);
    const special = this.#special.filter(({ apex }) => !isOverridden(nameKey(apex), apexes));
    const inner = innerApexes(new Set([...special.map(({ apex }) => nameKey(apex)), ...apexes]));
    const entries = new Map<string, NamedEntry>();
    const put = ([key, entry]: readonly [string, NamedEntry]): void => void entries.set(key, entry);
    for (const zone of special) this.#specialEntries(zone, inner).forEach(put);
    const kept = new Set([...entries].filter(([, { content }]) => content.sets.length > 0).map(([key]) => key));
    for (const compiled of this.#compileZones(zones, inner)) for (const each of compiled) put(each);
    for (const each of this.#hosts) if (!kept.has(each[0]) && !zones.has(each[0])) put(each);
    for (const [key, name] of forwarded) put([key, this.#forwardedEntry(name)]);
    this.#layers.replaceLower(entries);
  }

  /** The zones that are served, by origin; notes why others are not. */
  #acceptZones(): ReadonlyMap<string, Zone> {
    const zones = new Map<string, Zone>();
    const problems: Problem[] = [];
    for (const zone of this.#names.zones) {
      const key = originKey(zone);
      const name = formatName(zone.origin);
      if (this.#layers.isContested(key)) {
        const message = `the zone ${name} is not served: the cluster has that name or names below it`;
        problems.push(notServed(zone, "zone-taken", message, "give the zone another name"));
      } else if (zones.size === STATIC_ZONES_MAX) {
        const message = `the zone ${name} is not served: there are ${STATIC_ZONES_MAX} zones already`;
        problems.push(notServed(zone, "too-many-zones", message, "remove zones that nobody needs, or join some"));
      } else {
        zones.set(key, zone);
      }
    }
    this.#problems = problems;
    return zones;
  }

  #compileZones(
    zones: ReadonlyMap<string, Zone>,
    inner: ReadonlyMap<string, ReadonlySet<string>>,
  ): readonly ReadonlyMap<string, NamedEntry>[] {
    this.#indexes = assignIndexes([...zones.keys()], this.#indexes);
    const compiled = new Map<Zone, CompiledZone>();
    for (const [key, zone] of zones) {
      const index = this.#indexes.get(key)!;
      const within = inner.get(key) ?? new Set();
      const innerKey = [...within].toSorted().join("");
      const known = this.#compiled.get(zone);
      if (known?.index === index && known.innerKey === innerKey) {
        compiled.set(zone, known);
        continue;
      }
      const { record, serial } = readSoa(zone);
      this.#writer.setZone(index, record);
      this.#writer.setSerial(index, serial);
      compiled.set(zone, { index, innerKey, entries: compileZone(zone, index, within) });
    }
    this.#compiled = compiled;
    return [...compiled.values()].map(({ entries }) => entries);
  }

  #specialEntries(
    { apex, owners, isDenied }: SpecialZone,
    inner: ReadonlyMap<string, ReadonlySet<string>>,
  ): readonly (readonly [string, NamedEntry])[] {
    const own = nameKey(apex);
    const within = inner.get(own) ?? new Set<string>();
    const place = { apexSize: apex.length, zone: this.#settings.clusterZone };
    const isHidden = isDenied && within.size === 0 && !this.#hasHostsBelow(own);
    return owners.flatMap((records) => {
      const { name } = records;
      const key = nameKey(name);
      if (keysUpward(key).some((each) => within.has(each))) return [];
      const content = encodeEntry(isHidden ? { ...records, flags: ENTRY_FLAG.HIDDEN } : records, place);
      return [[key, { name, content }] as const];
    });
  }

  #hasHostsBelow(key: string): boolean {
    for (const each of this.#hosts.keys()) if (isAtOrBelow(each, key)) return true;
    return false;
  }

  #forwardedEntry(name: Uint8Array): NamedEntry {
    const place = { apexSize: name.length, zone: this.#settings.clusterZone };
    return { name, content: encodeEntry({ name, sets: [], flags: ENTRY_FLAG.FOREIGN }, place) };
  }
}

function originKey(zone: Zone): string {
  return nameKey(lowerName(zone.origin));
}

function soaOf(zone: Zone): Zone["records"][number] {
  return zone.records.find(({ type }) => type === ZONE_TYPE.SOA)!;
}

function notServed(zone: Zone, code: string, message: string, advice: string): Problem {
  const { file, line } = soaOf(zone);
  return { code, severity: "error", message, advice, place: { file, line, column: 1 } };
}

/** Whether somebody has chosen to answer for the special name, or for all around it. */
function isOverridden(key: string, apexes: ReadonlySet<string>): boolean {
  return keysUpward(key).some((each) => each !== ROOT && apexes.has(each));
}

/** Apex → the apexes right inside it. */
function innerApexes(apexes: ReadonlySet<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const inner = new Map<string, Set<string>>();
  for (const apex of apexes) {
    const above = keyAbove(apex);
    const around = above === undefined ? undefined : keysUpward(above).find((each) => apexes.has(each));
    if (around === undefined) continue;
    const within = inner.get(around) ?? new Set();
    inner.set(around, within.add(apex));
  }
  return inner;
}

/** A zone keeps its record; a new one takes one that nobody had just now, as long as there are any. */
function assignIndexes(origins: readonly string[], before: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const kept = origins.map((key) => before.get(key)).filter((index) => index !== undefined);
  const used = new Set(before.values());
  const all = Array.from({ length: STATIC_ZONES_MAX }, (_, i) => i + 1);
  const taken = new Set(kept);
  const free = all.filter((index) => !taken.has(index)).toSorted((a, b) => Number(used.has(a)) - Number(used.has(b)));
  let next = 0;
  return new Map(origins.map((key) => [key, before.get(key) ?? free[next++]!]));
}
