// Compiles zones of files, names of hosts files, special names and forwarded domains into the layer below the cluster's
// names. Of nested zones the inner one is authoritative for its names; a zone below a cluster zone is served as long as
// the cluster has no names there.
// RFC 1034 4.3.2 step 2 (the nearest zone), RFC 6761 (special names).
import { TYPE } from "../dns/constants.ts";
import { foldedKey, formatName, keyAbove, keysUpward, lowerName, nameKey, parseName } from "../dns/name.ts";
import type { Problem } from "../objects/problem.ts";
import { assert } from "../std/assert.ts";
import type { Sliced } from "../std/sliced.ts";
import { ENTRY_FLAG, ZONE_KIND, ZONES_MAX } from "../table/layout.ts";
import type { TableWriter } from "../table/writer.ts";
import { NO_LINES } from "../zonefile/hosts-lines.ts";
import type { HostsLines } from "../zonefile/hosts-lines.ts";
import type { Zone } from "../zonefile/zone-record.ts";
import { besideZone, HostsNames } from "./compile-hosts.ts";
import { compileZone, readSoa } from "./compile-zone.ts";
import type { HashOf } from "./hosts-index.ts";
import { encodeEntry } from "./encode-entry.ts";
import type { NamedEntry, NameLayers } from "./name-layers.ts";
import { NODE } from "./node-kind.ts";
import type { AnswerRRset } from "./owner-records.ts";
import { specialZones } from "./special-names.ts";
import type { SpecialZone } from "./special-names.ts";
import { STATIC_ZONES_FIRST, STATIC_ZONES_MAX } from "./zone-numbers.ts";

/** The names that are served beside the cluster's. */
export interface StaticNames {
  /** Checked zones with distinct origins. */
  readonly zones: readonly Zone[];
  /** The lines of all hosts files. */
  readonly hosts: HostsLines;
  /** Domains that are forwarded (wire form). For a name below several zones and domains the closest one applies. */
  readonly forwarded: readonly Uint8Array[];
}

export interface StaticZoneSettings {
  /** The zones of clusters by the keys of their apexes. */
  readonly clusterZones: ReadonlyMap<string, number>;
  /** The zone of reverse names that any cluster may have. */
  readonly reverseZone: number;
  /** The zone of hosts names, special names and forwarded domains that no cluster may have. */
  readonly localZone: number;
  readonly ttlSeconds: number;
  /** Names of hosts files have no other types, and no names below them. */
  readonly hostsAuthoritative: boolean;
}

/** From so many new names on, the table makes room for all of them at once. */
const EXPECTED_MIN = 1_000;
const ROOT = "\0";
/** Any reverse name may be an endpoint's. */
const ARPA = foldedKey(parseName("arpa")!);

type Entries = ReadonlyMap<string, NamedEntry>;

interface CompiledZone {
  readonly zone: Zone;
  readonly index: number;
  readonly innerKey: string;
  readonly entries: Entries;
}

/** A zone that the table has: its apex in wire form, and its index there. */
export interface ServedZone {
  readonly apex: Uint8Array;
  readonly index: number;
}

export class StaticZones {
  readonly #layers: NameLayers;
  readonly #writer: TableWriter;
  readonly #settings: StaticZoneSettings;
  /** The apexes of clusters, and those of their reverse zones, the longest first. */
  readonly #domains: readonly string[];
  readonly #reverseApexes: readonly string[];
  readonly #hosts: HostsNames;
  #names: StaticNames = { zones: [], hosts: NO_LINES, forwarded: [] };
  #special: readonly SpecialZone[] = [];
  #nameserverKey = "";
  /** By origin. */
  #zones: ReadonlyMap<string, CompiledZone> = new Map();
  /** The few names that hosts files can't override, and the names of special zones that they can. */
  #pinned: Entries = new Map();
  #overridable: Entries = new Map();
  #problems: readonly Problem[] = [];
  readonly #readyZones = new Set<number>();

  constructor(layers: NameLayers, writer: TableWriter, settings: StaticZoneSettings) {
    assert(STATIC_ZONES_FIRST + STATIC_ZONES_MAX <= ZONES_MAX, "the table has an index for each zone");
    this.#layers = layers;
    this.#writer = writer;
    this.#settings = settings;
    const { ttlSeconds, hostsAuthoritative: isAuthoritative } = settings;
    const hashOf: HashOf = (bytes, start, end) => writer.hashOf(bytes, start, end);
    this.#hosts = new HostsNames({ ttlSeconds, isAuthoritative, zoneOf: (key) => this.#zoneOf(key), hashOf });
    layers.setOther((name) => this.#hosts.write(name));
    const apexes = [...settings.clusterZones.keys()].toSorted((a, b) => b.length - a.length);
    this.#domains = apexes.filter((key) => !key.endsWith(ARPA));
    this.#reverseApexes = apexes.filter((key) => key.endsWith(ARPA));
  }

  /** Why zones of files are not served. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** The zones of files that are served. */
  get zones(): readonly ServedZone[] {
    return [...this.#zones.values()].map(({ zone, index }) => ({ apex: zone.origin, index }));
  }

  /** Where a name, in lower case, comes from that is not of the cluster. */
  originOf(name: Uint8Array): "hosts" | "zone-file" | "special" {
    if (this.#hosts.has(name)) return "hosts";
    return keysUpward(nameKey(name)).some((each) => this.#zones.has(each)) ? "zone-file" : "special";
  }

  /** Replaces all static names. Where zones come or go, readers see it when the table is published. */
  *setSliced(names: StaticNames): Sliced<void> {
    this.#names = names;
    this.#layers.watch(names.zones.map(originKey).filter((key) => this.#clusterZoneOf(key) !== undefined));
    const onName = (name: Uint8Array, pointer?: number): void => this.#updateLine(name, pointer);
    yield* this.#hosts.set(names.hosts, onName, (more) => {
      if (more > EXPECTED_MIN) this.#writer.expect(more);
    });
    this.#refresh();
  }

  /** Sets the NS set of the special zones. */
  setNameserver(set: AnswerRRset): void {
    // Most calls change nothing, and a refresh may have very many names to compare.
    const addresses = (set.additional ?? []).flatMap(({ rdata }) => rdata.map(nameKey));
    const nameserverKey = JSON.stringify([set.rdata.map(nameKey), addresses]);
    if (nameserverKey === this.#nameserverKey) return;
    this.#nameserverKey = nameserverKey;
    this.#special = specialZones(set);
    this.#refresh();
  }

  /** Adds or removes zones below cluster zones after the cluster's names have changed. */
  refreshContested(): void {
    if (this.#layers.takeContestChange()) this.#refresh();
  }

  /** Names of a cluster may come before those of files: zones among them are ready when its own zone is. */
  setClusterReady(zone: number, isReady: boolean): void {
    if (isReady === this.#readyZones.has(zone)) return;
    if (isReady) this.#readyZones.add(zone);
    else this.#readyZones.delete(zone);
    for (const [key, { index }] of this.#zones)
      if (this.#clusterZoneOf(key) === zone) this.#writer.setZoneReady(index, isReady);
  }

  /** The zone of a hosts name or special name: a cluster's where that cluster may have the name too. */
  #zoneOf(key: string): number {
    const { clusterZones, reverseZone, localZone } = this.#settings;
    const isReverse = key.endsWith(ARPA);
    // Cheaper than `keysUpward`, for hundreds of thousands of hosts names; a false match only waits for the cluster.
    const apex = (isReverse ? this.#reverseApexes : this.#domains).find((each) => key.endsWith(each));
    return apex === undefined ? (isReverse ? reverseZone : localZone) : clusterZones.get(apex)!;
  }

  /** The zone of a cluster that the name lies in. */
  #clusterZoneOf(key: string): number | undefined {
    const { clusterZones } = this.#settings;
    const apex = keysUpward(key).find((each) => clusterZones.has(each));
    return apex === undefined ? undefined : clusterZones.get(apex);
  }

  /** Whether no cluster zone around the zone of a file is still to come. */
  #isReady(key: string): boolean {
    const zone = this.#clusterZoneOf(key);
    return zone === undefined || this.#readyZones.has(zone);
  }

  /** Writes what the lines of hosts files have at the name now; without any, what else has it. */
  #updateLine(name: Uint8Array, pointer?: number): void {
    const key = nameKey(name);
    if (this.#pinned.has(key)) return;
    const line = this.#hosts.write(name, pointer);
    const zone = this.#zones.size === 0 ? undefined : this.#zoneEntry(key);
    if (line !== undefined && zone === undefined) return this.#layers.putOther(key, name, line);
    const entry = this.#entryOf(key);
    if (entry === undefined) this.#layers.removeOther(key, name);
    else this.#layers.setLower(key, entry);
  }

  /** Updates the layer, but for the lines of hosts files. */
  #refresh(): void {
    const accepted = this.#acceptZones();
    const forwarded = new Map(this.#names.forwarded.map((domain) => [foldedKey(domain), lowerName(domain)] as const));
    for (const key of [ROOT, ...accepted.keys()]) forwarded.delete(key);
    const apexes = new Set([...accepted.keys(), ...this.#settings.clusterZones.keys(), ...forwarded.keys()]);
    const special = this.#special.filter(({ apex }) => !isOverridden(nameKey(apex), apexes));
    const inner = innerApexes(new Set([...special.map(({ apex }) => nameKey(apex)), ...apexes]));
    const zones = this.#compileZones(accepted, inner);
    const ofSpecial = special.flatMap((zone) => this.#specialEntries(zone, inner));
    const overridable = new Map(ofSpecial);
    const pinned = new Map(ofSpecial.filter(([, { content }]) => content.sets.length > 0));
    for (const [key, { entries }] of zones) pinned.set(key, entries.get(key)!);
    for (const [key, name] of forwarded) pinned.set(key, this.#forwardedEntry(name));
    const added = [...zones].filter(([key]) => !this.#zones.has(key));
    // A part of a zone would deny the names that are still to come, or gone already: readers see all of it at once.
    if (added.length > 0 || [...this.#zones.keys()].some((key) => !zones.has(key))) this.#writer.detach();
    const changed = changedEntries(zones, this.#zones);
    const affected = [pinned, overridable, this.#pinned, this.#overridable, ...changedEntries(this.#zones, zones)];
    [this.#zones, this.#pinned, this.#overridable] = [zones, pinned, overridable];
    // Additions before removals: a name that moves from one zone to another exists all the time.
    for (const entries of [...changed, ...affected])
      for (const key of entries.keys()) this.#layers.setLower(key, this.#entryOf(key));
    for (const [key, { index }] of added) this.#writer.setZoneReady(index, this.#isReady(key));
  }

  /** The entry of the name with the highest precedence. */
  #entryOf(key: string): NamedEntry | undefined {
    const pinned = this.#pinned.get(key);
    if (pinned !== undefined) return pinned;
    const line = this.#hosts.get(Uint8Array.from(Buffer.from(key, "latin1")));
    return line === undefined ? (this.#zoneEntry(key) ?? this.#overridable.get(key)) : this.#withZone(key, line);
  }

  /** The entry of a name with lines of hosts files. */
  #withZone(key: string, line: NamedEntry): NamedEntry {
    const isAlone = this.#zones.size === 0 || this.#settings.hostsAuthoritative;
    return isAlone ? line : besideZone(line, this.#zoneEntry(key));
  }

  /** What the zone of a file has at the name. */
  #zoneEntry(key: string): NamedEntry | undefined {
    const apex = keysUpward(key).find((each) => this.#zones.has(each));
    return apex === undefined ? undefined : this.#zones.get(apex)!.entries.get(key);
  }

  /** The zones to serve, by origin; records a problem for each other zone. */
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
        problems.push(notServed(zone, "too-many-zones", message, "remove unused zones, or merge some"));
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
      const innerZones = inner.get(key) ?? new Set();
      const innerKey = [...innerZones].toSorted().join("");
      const known = this.#zones.get(key);
      if (known?.zone === zone && known.innerKey === innerKey) {
        compiled.set(key, known);
        continue;
      }
      const { record, serial } = readSoa(zone);
      this.#writer.setZoneSoa(index, record);
      this.#writer.setSerial(index, serial);
      compiled.set(key, { zone, index, innerKey, entries: compileZone(zone, index, innerZones) });
    }
    return compiled;
  }

  #specialEntries(
    { apex, owners, isDenied }: SpecialZone,
    inner: ReadonlyMap<string, ReadonlySet<string>>,
  ): readonly (readonly [string, NamedEntry])[] {
    const own = nameKey(apex);
    const innerZones = inner.get(own) ?? new Set<string>();
    // A zone around a cluster's own is the cluster's too: they have one SOA, also for DS at the apex inside.
    const inside = this.#domains.filter((key) => keysUpward(key).includes(own));
    const zone = inside.length === 1 ? this.#settings.clusterZones.get(inside[0]!)! : this.#zoneOf(own);
    const node = isDenied ? NODE.DENIED_DOMAIN : own.endsWith(ARPA) ? NODE.REVERSE : NODE.OTHER;
    const place = { apexSize: apex.length, zone, kind: ZONE_KIND.SPECIAL, node };
    const isHidden = isDenied && innerZones.size === 0 && !this.#hosts.hasAtOrBelow(own);
    return owners.flatMap((records) => {
      const { name } = records;
      const key = nameKey(name);
      if (keysUpward(key).some((each) => innerZones.has(each))) return [];
      const content = encodeEntry(isHidden ? { ...records, flags: ENTRY_FLAG.HIDDEN } : records, place);
      return [[key, { name, content }] as const];
    });
  }

  #forwardedEntry(name: Uint8Array): NamedEntry {
    const place = { apexSize: name.length, zone: this.#settings.localZone, kind: ZONE_KIND.SPECIAL };
    return { name, content: encodeEntry({ name, sets: [], flags: ENTRY_FLAG.FOREIGN }, place) };
  }
}

function originKey(zone: Zone): string {
  return foldedKey(zone.origin);
}

function soaOf(zone: Zone): Zone["records"][number] {
  return zone.records.find(({ type }) => type === TYPE.SOA)!;
}

function notServed(zone: Zone, code: string, message: string, advice: string): Problem {
  const { file, line } = soaOf(zone);
  return { code, severity: "error", message, advice, place: { file, line, column: 1 } };
}

/** Whether the configuration has a zone or forwarded domain at or above the special name. */
function isOverridden(key: string, apexes: ReadonlySet<string>): boolean {
  return keysUpward(key).some((each) => each !== ROOT && apexes.has(each));
}

/** The apexes directly below each apex. */
function innerApexes(apexes: ReadonlySet<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const inner = new Map<string, Set<string>>();
  for (const apex of apexes) {
    const above = keyAbove(apex);
    const outer = above === undefined ? undefined : keysUpward(above).find((each) => apexes.has(each));
    if (outer === undefined) continue;
    const apexesBelow = inner.get(outer) ?? new Set();
    inner.set(outer, apexesBelow.add(apex));
  }
  return inner;
}

/** The entries of each zone that is absent or different in `other`. */
function changedEntries(
  zones: ReadonlyMap<string, CompiledZone>,
  other: ReadonlyMap<string, CompiledZone>,
): readonly Entries[] {
  return [...zones].filter(([key, zone]) => other.get(key) !== zone).map(([, { entries }]) => entries);
}

/** A zone keeps its index; a new zone gets one that was not in use before, if possible. */
function assignIndexes(
  origins: readonly string[],
  before: ReadonlyMap<string, CompiledZone>,
): ReadonlyMap<string, number> {
  const known = new Map([...before].map(([key, { index }]) => [key, index]));
  const kept = origins.map((key) => known.get(key)).filter((index) => index !== undefined);
  const used = new Set(known.values());
  const all = Array.from({ length: STATIC_ZONES_MAX }, (_, i) => STATIC_ZONES_FIRST + i);
  const taken = new Set(kept);
  const free = all.filter((index) => !taken.has(index)).toSorted((a, b) => Number(used.has(a)) - Number(used.has(b)));
  let next = 0;
  return new Map(origins.map((key) => [key, known.get(key) ?? free[next++]!]));
}
