// Compiles the registry into the table. Differences name the owner names that they touch; only these are compiled
// again. A full compilation is an update in which everything has changed. What several clusters of one table have in
// common, such as zones of files, is in shared-zones.ts.
import { TYPE } from "../dns/constants.ts";
import { txtRdata } from "../dns/rdata.ts";
import { isOver } from "../objects/kube-object.ts";
import type { KubeObject, Pod, Service } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { MultiMap } from "../std/multi-map.ts";
import type { Difference, Registry } from "../cluster/registry.ts";
import { parseIp } from "../net/ip.ts";
import { runAtOnce } from "../std/sliced.ts";
import type { Sliced } from "../std/sliced.ts";
import { EntryBuffer } from "../table/entry-buffer.ts";
import { ENTRY_FLAG, ZONE_KIND } from "../table/layout.ts";
import type { TableWriter } from "../table/writer.ts";
import { ClusterNames, fits } from "./cluster-names.ts";
import { addressSets, compileService, planEndpoints, readService, servedClusterIps } from "./compile-service.ts";
import type { CompileSettings, EndpointPlan, OwnerPlan, ServiceState } from "./compile-service.ts";
import { writeRecords } from "./encode-entry.ts";
import { compileNotes } from "./compile-notes.ts";
import { compilePointer } from "./compile-pointer.ts";
import { isAtOrBelow, NAME_SIZE_MAX } from "../dns/name.ts";
import { nameKind } from "./name-kind.ts";
import type { NameKind } from "./name-kind.ts";
import type { NameLayers } from "./name-layers.ts";
import { NODE } from "./node-kind.ts";
import type { AddressSet, OwnerRecords, AnswerRRset, ZonePlace } from "./owner-records.ts";
import type { ReadyEndpoint } from "./ready-endpoints.ts";
import { SharedZones } from "./shared-zones.ts";
import type { ClusterExtent, Readiness } from "./shared-zones.ts";
import type { ServedZone, StaticNames } from "./static-zones.ts";
import { isPlain, writeEndpoint, writePointer } from "./write-endpoint.ts";
import { clusterZone } from "./zone-numbers.ts";

/** The version of the DNS schema that the zone follows, as `dns-version.Z` says. */
const SCHEMA_VERSION = "1.1.0";
const SCHEMA_VERSION_TTL_SECONDS = 28_800;
/** From so many new names on, the table makes room for all of them at once. */
const EXPECTED_MIN = 1_000;

export interface ZoneSettings extends ClusterExtent {
  readonly negativeTtlSeconds: number;
  readonly pods: "insecure" | "verified" | "disabled";
  readonly endpointPodNames: boolean;
}

/** `N.pod.Z` by the option `pods`. */
const POD_RULES = {
  insecure: { flags: ENTRY_FLAG.ADDRESS_LABELS, node: NODE.ANY_PODS },
  verified: { flags: ENTRY_FLAG.KNOWN_ADDRESS_LABELS, node: NODE.RUNNING_PODS },
  disabled: { flags: 0, node: NODE.NO_PODS },
} as const;

/** What an update compiles after the services' own names. */
interface Later {
  readonly endpoints: EndpointPlan[];
  readonly added: ServiceState[];
  readonly addresses: Set<string>;
}

export class ZoneCompiler {
  readonly #registry: Registry;
  readonly #writer: TableWriter;
  readonly #settings: ZoneSettings;
  readonly #compile: CompileSettings;
  readonly #place: ZonePlace;
  readonly #shared: SharedZones;
  readonly #layers: NameLayers;
  readonly #rank: number;
  /** Every zone that is not from a file has the SOA of a cluster zone, with its own owner name. */
  readonly #zones: readonly number[];
  /** The state from which each service's names were compiled, so that they can be removed. */
  readonly #compiled = new Map<string, ServiceState>();
  /** The services by cluster IP, and the named endpoints by address. */
  readonly #clusterIps = new MultiMap<Service>();
  readonly #endpoints = new MultiMap<ReadyEndpoint>();
  readonly #runningPods = new MultiMap<Pod>();
  /** The entry that is being written. */
  readonly #entry = new EntryBuffer();
  #serverAddresses: readonly string[] = [];

  /** `shared`, `rank`: of one of several clusters; these are made in the order of their ranks. */
  constructor(
    registry: Registry,
    writer: TableWriter,
    settings: ZoneSettings,
    shared = new SharedZones(writer, [settings]),
    rank = 0,
  ) {
    const names = new ClusterNames(settings.clusterDomain);
    this.#registry = registry;
    this.#writer = writer;
    this.#settings = settings;
    this.#compile = { names, ttlSeconds: settings.ttlSeconds, endpointPodNames: settings.endpointPodNames };
    this.#place = { apexSize: names.apex.length, zone: clusterZone(rank), kind: ZONE_KIND.CLUSTER, node: NODE.CLUSTER };
    this.#shared = shared;
    this.#layers = shared.layers;
    this.#rank = rank;
    this.#zones = [clusterZone(rank), ...(rank === 0 ? shared.zones : [])];
    shared.join({
      putPointer: (addressText) => this.#putPointer(addressText),
      nameserverSet: () => this.#nameserverSet(),
    });
    const soa = {
      ttlSeconds: settings.ttlSeconds,
      negativeTtlSeconds: settings.negativeTtlSeconds,
      mname: names.nameserver,
      rname: names.hostmaster,
      refreshSeconds: 7200,
      retrySeconds: 1800,
      expireSeconds: 86_400,
      minimumSeconds: settings.negativeTtlSeconds,
    };
    for (const zone of this.#zones) writer.setZoneSoa(zone, soa);
    this.#putFixedNames();
  }

  /** Sets the server's addresses: those of `ns.dns.Z` while the cluster has no DNS service. */
  setServerAddresses(addresses: readonly string[]): void {
    this.#serverAddresses = addresses;
    this.#putFixedNames();
  }

  /** Replaces the static names in the table at once, so that a following update is published together with them. */
  setStaticNames(names: StaticNames): void {
    runAtOnce(this.setStaticNamesSliced(names));
  }

  /** Like `setStaticNames`; between slices, readers of the table see a part of the lines of hosts files. */
  *setStaticNamesSliced(names: StaticNames): Sliced<void> {
    yield* this.#shared.static.setSliced(names);
  }

  /** Names of zones that are not ready, and names outside the zones until all zones are known, get SERVFAIL. */
  setReady(readiness: Readiness): void {
    this.#shared.setReady(this.#rank, readiness);
  }

  /** Why zones of files are not served. */
  get problems(): readonly Problem[] {
    return this.#shared.static.problems;
  }

  /** The zone of the cluster, with that of its reverse names, and with the first cluster the zones of files. */
  get zones(): readonly ServedZone[] {
    const own = { apex: this.#compile.names.apex, index: this.#place.zone };
    return [own, ...(this.#rank === 0 ? this.#shared.static.zones : [])];
  }

  /** Whether the name is in the cluster's domain; in wire form and lower case. */
  isInDomain(name: Uint8Array): boolean {
    return isAtOrBelow(name, this.#compile.names.apex);
  }

  /** What a name stands for that is in the cluster's domain, or in that of no cluster; in wire form and lower case. */
  kindOf(name: Uint8Array): NameKind {
    return nameKind(name, { names: this.#compile.names, registry: this.#registry, statics: this.#shared.static });
  }

  /** Compiles the names that the differences touch, and sets the serial of the SOA. */
  update(differences: readonly Difference[], serial: number): void {
    runAtOnce(this.updateSliced(differences, serial));
  }

  /** Like `update`; between slices, readers of the table see a part of the update. */
  *updateSliced(differences: readonly Difference[], serial: number): Sliced<void> {
    const services = new Set<string>();
    const namespaces = new Set<string>();
    const pods = new Set<string>();
    let names = 0;
    let members = 0;
    for (const { before, after } of differences) {
      if (before === undefined && after !== undefined) names += expectedNames(after);
      if (before === undefined && after?.kind === "Service") members++;
      for (const object of [before, after]) if (object !== undefined) collect(object, services, namespaces);
      if (before?.kind === "Pod") this.#trackPod(before, "delete", pods);
      if (after?.kind === "Pod") this.#trackPod(after, "add", pods);
    }
    if (names > EXPECTED_MIN) this.#writer.expect(names, members);
    for (const namespace of namespaces) this.#updateNamespace(namespace);
    yield;
    const addresses = new Set<string>();
    // Services before endpoints: the names with the most queries then lie close together in memory.
    const endpoints: EndpointPlan[] = [];
    const added: ServiceState[] = [];
    for (const key of services) {
      this.#updateService(key, { endpoints, added, addresses });
      yield;
    }
    // Not planned before: the plans of a large load would take much memory meanwhile.
    for (const state of added) {
      for (const plan of planEndpoints(state, this.#compile)) this.#putEndpoint(plan);
      yield;
    }
    for (const plan of endpoints) {
      this.#putEndpoint(plan);
      yield;
    }
    for (const address of addresses) {
      this.#shared.updatePointer(address);
      yield;
    }
    for (const key of pods) {
      this.#updatePod(key);
      yield;
    }
    if (services.has("kube-system/kube-dns")) this.#putFixedNames();
    this.#shared.static.refreshContested();
    for (const zone of [clusterZone(this.#rank), ...this.#shared.zones]) this.#writer.setSerial(zone, serial);
  }

  #put(records: OwnerRecords, place: ZonePlace = this.#place): void {
    writeRecords(this.#entry, records, place);
    this.#layers.put(this.#entry);
  }

  #putEndpoint(plan: EndpointPlan): void {
    const [endpoint, ...others] = plan.endpoints;
    if (others.length > 0 || !isPlain(endpoint!)) return this.#put({ name: plan.name(), sets: plan.sets() });
    writeEndpoint(this.#entry, endpoint!, this.#compile.ttlSeconds, this.#place);
    this.#layers.put(this.#entry);
  }

  /** Puts the names that exist for any set of objects. */
  #putFixedNames(): void {
    const { names } = this.#compile;
    this.#put({ name: names.apex, sets: [this.#nameserverSet()] });
    this.#put({ name: names.nameserver, sets: addressSets(this.#nameserverAddresses(), this.#compile) });
    this.#put({ name: names.services, sets: [], node: NODE.NAMESPACES });
    this.#put({ name: names.pods, sets: [], node: NODE.NAMESPACES });
    const version = { type: TYPE.TXT, ttlSeconds: SCHEMA_VERSION_TTL_SECONDS, rdata: [txtRdata(SCHEMA_VERSION)] };
    this.#put({ name: names.dnsVersion, sets: [version] });
    for (const zone of this.#shared.reverse.zones) if (zone.rank === this.#rank) this.#shared.putApex(zone);
    if (this.#rank === 0) this.#shared.static.setNameserver(this.#nameserverSet());
  }

  #nameserverSet(): AnswerRRset {
    const { names, ttlSeconds } = this.#compile;
    const addresses = addressSets(this.#nameserverAddresses(), this.#compile);
    const additional = addresses.map(({ type, rdata }): AddressSet => ({ rdataIndex: 0, type, rdata }));
    return { type: TYPE.NS, ttlSeconds, rdata: [names.nameserver], additional };
  }

  #nameserverAddresses(): readonly Uint8Array[] {
    const service = this.#registry.service("kube-system", "kube-dns");
    const own = service === undefined ? [] : servedClusterIps(service);
    return (own.length > 0 ? own : this.#serverAddresses).map(parseIp).filter((address) => address !== undefined);
  }

  #updateNamespace(namespace: string): void {
    const { names } = this.#compile;
    const owners = [
      { name: names.servicesOf(namespace), node: NODE.SERVICES },
      { name: names.podsOf(namespace), ...POD_RULES[this.#settings.pods] },
    ].filter(({ name }) => fits(name));
    for (const owner of owners) {
      if (!this.#registry.hasNamespace(namespace)) this.#layers.remove(owner.name);
      else this.#put({ ...owner, sets: [] });
    }
  }

  /**
   * Compiles the service's names that have changed, and removes those that it no longer has. Adds what is to be
   * compiled later: endpoint names that have changed, new services with all their endpoint names, and the addresses
   * whose PTR records may have changed.
   */
  #updateService(key: string, later: Later): void {
    // The name may come from a slice's label, which is any text: only the first slash ends the namespace.
    const at = key.indexOf("/");
    const service = this.#registry.service(key.slice(0, at), key.slice(at + 1));
    const before = this.#compiled.get(key);
    const after = service && this.#read(service, before);
    const known = before && new Map(this.#plans(before).map((plan) => [plan.labels, plan]));
    const isChanged = (plan: OwnerPlan): boolean => {
      const old = known?.get(plan.labels);
      known?.delete(plan.labels);
      return old?.inputs === undefined || old.inputs !== plan.inputs;
    };
    if (after !== undefined) {
      for (const plan of this.#ownPlans(after))
        if (isChanged(plan)) this.#put({ ...plan, name: plan.name(), sets: plan.sets() });
      if (before === undefined) later.added.push(after);
      else for (const plan of planEndpoints(after, this.#compile)) if (isChanged(plan)) later.endpoints.push(plan);
    }
    for (const plan of known?.values() ?? []) this.#layers.remove(plan.name());
    this.#trackAddresses(before, after, later.addresses);
    if (after === undefined) this.#compiled.delete(key);
    else this.#compiled.set(key, after);
  }

  /** All names of the service. */
  #plans(state: ServiceState): readonly OwnerPlan[] {
    return [...this.#ownPlans(state), ...planEndpoints(state, this.#compile)];
  }

  /** The names of the service but those of its endpoints, and the notes on missing ones. */
  #ownPlans(state: ServiceState): readonly OwnerPlan[] {
    return [...compileService(state, this.#compile), ...compileNotes(state, this.#compile)];
  }

  /** The service's current state; unchanged endpoints are the same objects as before. */
  #read(service: Service, before: ServiceState | undefined): ServiceState {
    const slices = [...this.#registry.slicesOf(service.namespace, service.name)];
    const state = readService(service, slices, this.#compile);
    if (before === undefined) return state;
    const known = new Map(before.endpoints.map((endpoint) => [endpoint.key, endpoint]));
    const { owner } = before;
    return { ...state, owner, endpoints: state.endpoints.map((endpoint) => known.get(endpoint.key) ?? endpoint) };
  }

  /** Updates the indexes by address; adds the addresses that have changed to `touched`. */
  #trackAddresses(before: ServiceState | undefined, after: ServiceState | undefined, touched: Set<string>): void {
    const track = <V extends object>(index: MultiMap<V>, method: "add" | "delete", address: string, value: V): void => {
      index[method](address, value);
      touched.add(address);
    };
    if (before?.service !== after?.service) {
      const ips = (state: ServiceState | undefined): readonly string[] =>
        state ? servedClusterIps(state.service) : [];
      for (const address of ips(before)) track(this.#clusterIps, "delete", address, before!.service);
      for (const address of ips(after)) track(this.#clusterIps, "add", address, after!.service);
    }
    const kept = before && new Set(after?.endpoints);
    for (const endpoint of before?.endpoints ?? []) {
      if (!kept!.delete(endpoint)) track(this.#endpoints, "delete", endpoint.addressText, endpoint);
    }
    for (const endpoint of kept ?? after?.endpoints ?? [])
      track(this.#endpoints, "add", endpoint.addressText, endpoint);
  }

  /** Puts the PTR records of an address; false: the cluster does not have it. */
  #putPointer(addressText: string): boolean {
    const address = parseIp(addressText);
    if (address === undefined) return false;
    const { name, place, atApexOf } = this.#shared.reverse.locate(address, this.#place.zone);
    const isOther = this.#clusterIps.count(addressText) > 0 || atApexOf !== undefined;
    const only = isOther ? undefined : this.#endpoints.only(addressText);
    if (only !== undefined && only.label.length < NAME_SIZE_MAX - only.owner.length) {
      writePointer(this.#entry, name, only, this.#compile.ttlSeconds, place);
      this.#layers.put(this.#entry);
      return true;
    }
    const set = compilePointer(this.#clusterIps.get(addressText), this.#endpoints.get(addressText), this.#compile);
    if (set === undefined) return false;
    if (atApexOf === undefined) this.#put({ name, sets: [set] }, place);
    else this.#shared.setApexPointers(atApexOf, set);
    return true;
  }

  #trackPod(pod: Pod, method: "add" | "delete", touched: Set<string>): void {
    if (this.#settings.pods !== "verified" || isOver(pod)) return;
    for (const ip of pod.ips) {
      const key = `${pod.namespace}/${ip}`;
      this.#runningPods[method](key, pod);
      touched.add(key);
    }
  }

  #updatePod(key: string): void {
    const at = key.indexOf("/");
    const address = parseIp(key.slice(at + 1));
    if (address === undefined) return;
    const name = this.#compile.names.knownAddress(key.slice(0, at), address);
    if (!fits(name)) return;
    if (this.#runningPods.count(key) === 0) this.#layers.remove(name);
    else this.#put({ name, sets: [], flags: ENTRY_FLAG.HIDDEN });
  }
}

/** About how many names the object adds: those of endpoints have PTR records. */
function expectedNames(object: KubeObject): number {
  if (object.kind === "EndpointSlice") return object.endpoints.length * 2;
  return object.kind === "Service" ? 2 + object.ports.length * 2 : 0;
}

function collect(object: KubeObject, services: Set<string>, namespaces: Set<string>): void {
  const namespace = object.kind === "Namespace" ? object.name : object.namespace;
  if (namespace !== "") namespaces.add(namespace);
  if (object.kind === "Service") services.add(`${object.namespace}/${object.name}`);
  if (object.kind === "EndpointSlice") services.add(`${object.namespace}/${object.serviceName}`);
}
