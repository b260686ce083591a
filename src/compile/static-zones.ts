// Zones of files, names of hosts files, special names and names that others are asked for → the table, as the layer
// below what the cluster makes. Of zones inside each other the inner one has its names; a zone among the cluster's own
// names is served as long as the cluster has none there.
// RFC 1034 4.3.2 step 2 (the nearest zone), RFC 6761 (special names).
import { formatName, lowerName } from "../dns/name.ts";
import type { Problem } from "../objects/problem.ts";
import { ENTRY_FLAG, ZONES_MAX } from "../table/layout.ts";
import type { TableWriter } from "../table/writer.ts";
import type { HostsEntry } from "../zonefile/parse-hosts-file.ts";
import { ZONE_TYPE } from "../dns/type-names.ts";
import type { Zone } from "../zonefile/zone-record.ts";
import { HostsNames } from "./compile-hosts.ts";
import { compileZone, readSoa } from "./compile-zone.ts";
import { encodeEntry } from "./encode-entry.ts";
import { keyAbove, keysUpward, nameKey } from "../dns/name-key.ts";
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

type Entries = ReadonlyMap<string, NamedEntry>;

interface CompiledZone {
  readonly zone: Zone;
  readonly index: number;
  readonly innerKey: string;
  readonly entries: Entries;
}

export class StaticZones {
  readonly #layers: NameLayers;
  readonly #writer: TableWriter;
  readonly #settings: StaticZoneSettings;
  readonly #clusterKeys: ReadonlySet<string>;
  readonly #hosts: HostsNames;
  #names: StaticNames = { zones: [], hosts: [], forwarded: [] };
  #special: readonly SpecialZone[] = [];
  #nameserverKey = "";
  /** By origin. */
  #zones: ReadonlyMap<string, CompiledZone> = new Map();
  /** The few names that no line of a hosts file takes over, and those of special zones that it may. */
  #firm: Entries = new Map();
  #yielding: Entries = new Map();
  #problems: readonly Problem[] = [];

  constructor(layers: NameLayers, writer: TableWriter, settings: StaticZoneSettings) {
    this.#layers = layers;
    this.#writer = writer;
    this.#settings = settings;
    this.#hosts = new HostsNames({ ttlSeconds: settings.ttlSeconds, zone: settings.clusterZone });
    this.#clusterKeys = new Set(settings.clusterApexes.map(nameKey));
  }

  /** What of the files is not served, and why. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Serves these in place of those before. */
  set(names: StaticNames): void {
    this.#names = names;
    this.#layers.watch(names.zones.map(originKey).filter((key) => this.#isAmongClusterNames(key)));
    this.#refresh(this.#hosts.set(names.hosts));
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

  /** Brings the layer to what is known now. `hosts`: what has changed of the names of hosts files. */
  #refresh(hosts: ReturnType<HostsNames["set"]> = { come: new Map(), gone: [] }): void {
    const accepted = this.#acceptZones();
    const forwarded = new Map(
      this.#names.forwarded.map((domain) => [nameKey(lowerName(domain)), lowerName(domain)] as const),
    );
    for (const key of [ROOT, ...accepted.keys()]) forwarded.delete(key);
    const apexes = new Set([...accepted.keys(), ...this.#clusterKeys, ...forwarded.keys()]);
    const special = this.#special.filter(({ apex }) => !isOverridden(nameKey(apex), apexes));
    const inner = innerApexes(new Set([...special.map(({ apex }) => nameKey(apex)), ...apexes]));
    const zones = this.#compileZones(accepted, inner);
    const ofSpecial = special.flatMap((zone) => this.#specialEntries(zone, inner));
    const yielding = new Map(ofSpecial);
    const firm = new Map(ofSpecial.filter(([, { content }]) => content.sets.length > 0));
    for (const [key, { entries }] of zones) firm.set(key, entries.get(key)!);
    for (const [key, name] of forwarded) firm.set(key, this.#forwardedEntry(name));
    const added = [...zones].filter(([key]) => !this.#zones.has(key)).map(([, { index }]) => index);
    for (const index of added) this.#writer.setZoneReady(index, false);
    const come = changedEntries(zones, this.#zones);
    const others = [firm, yielding, this.#firm, this.#yielding, ...changedEntries(this.#zones, zones)];
    [this.#zones, this.#firm, this.#yielding] = [zones, firm, yielding];
    // What comes before what goes: a name that moves from one to the other is there all the time. There may be very
    // many of them, so for those that come only who goes before them is asked.
    for (const [key, entry] of hosts.come) this.#layers.setLower(key, firm.get(key) ?? entry);
    for (const entries of come)
      for (const [key, entry] of entries) this.#layers.setLower(key, firm.get(key) ?? this.#hosts.get(key) ?? entry);
    for (const keys of [...others.map((entries) => entries.keys()), hosts.gone])
      for (const key of keys) this.#layers.setLower(key, this.#entryOf(key));
    for (const index of added) this.#writer.setZoneReady(index, true);
  }

  /** What is said of the name, by whoever goes before the others. */
  #entryOf(key: string): NamedEntry | undefined {
    const first = this.#firm.get(key) ?? this.#hosts.get(key);
    if (first !== undefined) return first;
    const apex = keysUpward(key).find((each) => this.#zones.has(each));
    return (apex === undefined ? undefined : this.#zones.get(apex)!.entries.get(key)) ?? this.#yielding.get(key);
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
  ): ReadonlyMap<string, CompiledZone> {
    const indexes = assignIndexes([...zones.keys()], this.#zones);
    const compiled = new Map<string, CompiledZone>();
    for (const [key, zone] of zones) {
      const index = indexes.get(key)!;
      const within = inner.get(key) ?? new Set();
      const innerKey = [...within].toSorted().join("");
      const known = this.#zones.get(key);
      if (known?.zone === zone && known.innerKey === innerKey) {
        compiled.set(key, known);
        continue;
      }
      const { record, serial } = readSoa(zone);
      this.#writer.setZoneSoa(index, record);
      this.#writer.setSerial(index, serial);
      compiled.set(key, { zone, index, innerKey, entries: compileZone(zone, index, within) });
    }
    return compiled;
  }

  #specialEntries(
    { apex, owners, isDenied }: SpecialZone,
    inner: ReadonlyMap<string, ReadonlySet<string>>,
  ): readonly (readonly [string, NamedEntry])[] {
    const own = nameKey(apex);
    const within = inner.get(own) ?? new Set<string>();
    const place = { apexSize: apex.length, zone: this.#settings.clusterZone };
    const isHidden = isDenied && within.size === 0 && !this.#hosts.hasAtOrBelow(own);
    return owners.flatMap((records) => {
      const { name } = records;
      const key = nameKey(name);
      if (keysUpward(key).some((each) => within.has(each))) return [];
      const content = encodeEntry(isHidden ? { ...records, flags: ENTRY_FLAG.HIDDEN } : records, place);
      return [[key, { name, content }] as const];
    });
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

/** The entries of the zones that are not the same in `others`. */
function changedEntries(
  zones: ReadonlyMap<string, CompiledZone>,
  others: ReadonlyMap<string, CompiledZone>,
): readonly Entries[] {
  return [...zones].filter(([key, zone]) => others.get(key) !== zone).map(([, { entries }]) => entries);
}

/** A zone keeps its record; a new one takes one that nobody had just now, as long as there are any. */
function assignIndexes(
  origins: readonly string[],
  before: ReadonlyMap<string, CompiledZone>,
): ReadonlyMap<string, number> {
  const known = new Map([...before].map(([key, { index }]) => [key, index]));
  const kept = origins.map((key) => known.get(key)).filter((index) => index !== undefined);
  const used = new Set(known.values());
  const all = Array.from({ length: STATIC_ZONES_MAX }, (_, i) => i + 1);
  const taken = new Set(kept);
  const free = all.filter((index) => !taken.has(index)).toSorted((a, b) => Number(used.has(a)) - Number(used.has(b)));
  let next = 0;
  return new Map(origins.map((key) => [key, known.get(key) ?? free[next++]!]));
}
