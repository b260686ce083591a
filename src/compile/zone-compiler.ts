// Compiles the registry into the table. Differences name the owner names that they touch; only these are compiled
// again. A full compilation is an update in which everything has changed. Zones of files and special names lie in a
// layer below the cluster's names (static-zones.ts).
import { TYPE } from "../dns/constants.ts";
import { txtRdata } from "../dns/rdata.ts";
import type { KubeObject, Pod, Service } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { MultiMap } from "../std/multi-map.ts";
import type { Difference, Registry } from "../cluster/registry.ts";
import { parseIp } from "../net/ip.ts";
import type { Cidr } from "../net/ip.ts";
import { runAtOnce } from "../std/sliced.ts";
import type { Sliced } from "../std/sliced.ts";
import { ENTRY_FLAG } from "../table/layout.ts";
import type { TableWriter } from "../table/writer.ts";
import { ClusterNames, fits } from "./cluster-names.ts";
import { addressSets, compileService, namedEndpoints, servedClusterIps } from "./compile-service.ts";
import type { CompileSettings, OwnerPlan, ServiceState } from "./compile-service.ts";
import { encodeEntry } from "./encode-entry.ts";
import { compilePointer } from "./compile-pointer.ts";
import type { EndpointName } from "./compile-pointer.ts";
import { nameKey } from "../dns/name.ts";
import { NameLayers } from "./name-layers.ts";
import type { AddressSet, OwnerRecords, AnswerRRset, ZonePlace } from "./owner-records.ts";
import { ReverseZones } from "./reverse-zones.ts";
import type { ReverseZone } from "./reverse-zones.ts";
import { StaticZones } from "./static-zones.ts";
import type { StaticNames } from "./static-zones.ts";

/** The version of the DNS schema that the zone follows, as `dns-version.Z` says. */
const SCHEMA_VERSION = "1.1.0";
const SCHEMA_VERSION_TTL_SECONDS = 28_800;
/** Every zone that is not from a file has the SOA of the cluster zone, with its own owner name. */
const CLUSTER_ZONE = 0;
/** Hosts names and special names that no cluster has are a zone of their own, which need not wait for the cluster. */
const LOCAL_ZONE = 1;

export interface ZoneSettings {
  readonly clusterDomain: string;
  readonly ttlSeconds: number;
  readonly negativeTtlSeconds: number;
  readonly pods: "insecure" | "verified" | "disabled";
  readonly endpointPodNames: boolean;
  readonly serviceCidrs: readonly Cidr[];
  readonly podCidrs: readonly Cidr[];
}

/** What the table has all of. */
export interface Readiness {
  /** Zone files and hosts files. */
  readonly areZonesKnown: boolean;
  /** `in part`: what the table has of the cluster is right, and more is to come. */
  readonly isClusterReady: boolean | "in part";
}

/** A service as it was compiled, with the endpoint names to which PTR records point. */
interface CompiledService extends ServiceState {
  readonly endpointNames: readonly EndpointName[];
}

export class ZoneCompiler {
  readonly #registry: Registry;
  readonly #writer: TableWriter;
  readonly #settings: ZoneSettings;
  readonly #compile: CompileSettings;
  readonly #place: ZonePlace;
  readonly #reverse: ReverseZones;
  readonly #layers: NameLayers;
  readonly #static: StaticZones;
  /** The state from which each service's names were compiled, so that they can be removed. */
  readonly #compiled = new Map<string, CompiledService>();
  /** The services by cluster IP, and the endpoint names by address. */
  readonly #clusterIps = new MultiMap<Service>();
  readonly #endpointNames = new MultiMap<EndpointName>();
  /** PTR sets of addresses whose reverse name is the apex of a reverse zone, by name: the apex has NS as well. */
  readonly #apexPointers = new Map<string, AnswerRRset>();
  readonly #runningPods = new MultiMap<Pod>();
  #serverAddresses: readonly string[] = [];

  constructor(registry: Registry, writer: TableWriter, settings: ZoneSettings) {
    const names = new ClusterNames(settings.clusterDomain);
    this.#registry = registry;
    this.#writer = writer;
    this.#settings = settings;
    this.#compile = { names, ttlSeconds: settings.ttlSeconds, endpointPodNames: settings.endpointPodNames };
    this.#place = { apexSize: names.apex.length, zone: CLUSTER_ZONE };
    this.#reverse = new ReverseZones([...settings.serviceCidrs, ...settings.podCidrs], CLUSTER_ZONE);
    this.#layers = new NameLayers(writer);
    this.#static = new StaticZones(this.#layers, writer, {
      clusterApexes: [names.apex, ...this.#reverse.zones.map(({ apex }) => apex)],
      clusterZone: CLUSTER_ZONE,
      localZone: LOCAL_ZONE,
      ttlSeconds: settings.ttlSeconds,
    });
    // The names below come before the cluster's objects.
    for (const zone of [CLUSTER_ZONE, LOCAL_ZONE]) writer.setZoneReady(zone, false);
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
    for (const zone of [CLUSTER_ZONE, LOCAL_ZONE]) writer.setZoneSoa(zone, soa);
    this.#putFixedNames();
  }

  /** Sets the server's addresses: those of `ns.dns.Z` while the cluster has no DNS service. */
  setServerAddresses(addresses: readonly string[]): void {
    this.#serverAddresses = addresses;
    this.#putFixedNames();
  }

  /** Replaces the static names in the table at once, so that a following update is published together with them. */
  setStaticNames(names: StaticNames): void {
    this.#static.set(names);
  }

  /** Names of zones that are not ready, and names outside the zones until all zones are known, get SERVFAIL. */
  setReady({ areZonesKnown, isClusterReady }: Readiness): void {
    this.#writer.setZonesKnown(areZonesKnown);
    this.#writer.setZoneReady(LOCAL_ZONE, areZonesKnown);
    this.#writer.setZoneReady(CLUSTER_ZONE, isClusterReady);
    this.#static.setClusterReady(isClusterReady === true);
  }

  /** Why zones of files are not served. */
  get problems(): readonly Problem[] {
    return this.#static.problems;
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
    for (const { before, after } of differences) {
      for (const object of [before, after]) if (object !== undefined) collect(object, services, namespaces);
      if (before?.kind === "Pod") this.#trackPod(before, "delete", pods);
      if (after?.kind === "Pod") this.#trackPod(after, "add", pods);
    }
    for (const namespace of namespaces) this.#updateNamespace(namespace);
    yield;
    const addresses = new Set<string>();
    // Services before endpoints: the names with the most queries then lie close together in memory.
    const endpoints: OwnerPlan[] = [];
    for (const key of services) {
      this.#updateService(key, endpoints, addresses);
      yield;
    }
    for (const plan of endpoints) {
      this.#put({ name: plan.name(), sets: plan.sets() });
      yield;
    }
    for (const address of addresses) {
      this.#updatePointer(address);
      yield;
    }
    for (const key of pods) {
      this.#updatePod(key);
      yield;
    }
    if (services.has("kube-system/kube-dns")) this.#putFixedNames();
    this.#static.refreshContested();
    for (const zone of [CLUSTER_ZONE, LOCAL_ZONE]) this.#writer.setSerial(zone, serial);
  }

  #put(records: OwnerRecords, place: ZonePlace = this.#place): void {
    this.#layers.put(records.name, encodeEntry(records, place));
  }

  /** Puts the names that exist for any set of objects. */
  #putFixedNames(): void {
    const { names } = this.#compile;
    this.#put({ name: names.apex, sets: [this.#nameserverSet()] });
    this.#put({ name: names.nameserver, sets: addressSets(this.#nameserverAddresses(), this.#compile) });
    this.#put({ name: names.services, sets: [] });
    this.#put({ name: names.pods, sets: [] });
    const version = { type: TYPE.TXT, ttlSeconds: SCHEMA_VERSION_TTL_SECONDS, rdata: [txtRdata(SCHEMA_VERSION)] };
    this.#put({ name: names.dnsVersion, sets: [version] });
    for (const zone of this.#reverse.zones) this.#putReverseApex(zone);
    this.#static.setNameserver(this.#nameserverSet());
  }

  #putReverseApex({ apex, place }: ReverseZone): void {
    const pointers = this.#apexPointers.get(nameKey(apex));
    this.#put({ name: apex, sets: [this.#nameserverSet(), ...(pointers === undefined ? [] : [pointers])] }, place);
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
    const owners = [names.servicesOf(namespace), names.podsOf(namespace)].filter(fits);
    const rules = { insecure: ENTRY_FLAG.ADDRESS_LABELS, verified: ENTRY_FLAG.KNOWN_ADDRESS_LABELS, disabled: 0 };
    owners.forEach((name, i) => {
      if (!this.#registry.hasNamespace(namespace)) this.#layers.remove(name);
      else this.#put({ name, sets: [], flags: i === 1 ? rules[this.#settings.pods] : 0 });
    });
  }

  /**
   * Compiles the service's names that have changed, and removes those that it no longer has. Adds the endpoint names to
   * compile to `later`, and the addresses whose PTR records may have changed to `addresses`.
   */
  #updateService(key: string, later: OwnerPlan[], addresses: Set<string>): void {
    // The name may come from a slice's label, which is any text: only the first slash ends the namespace.
    const at = key.indexOf("/");
    const service = this.#registry.service(key.slice(0, at), key.slice(at + 1));
    const before = this.#compiled.get(key);
    const after = service && this.#read(service, before?.endpointNames ?? []);
    const known = new Map(this.#plans(before).map((plan) => [plan.labels, plan]));
    for (const plan of this.#plans(after)) {
      const isUnchanged = plan.inputs !== undefined && known.get(plan.labels)?.inputs === plan.inputs;
      known.delete(plan.labels);
      if (isUnchanged) continue;
      if (plan.isEndpoint) later.push(plan);
      else this.#put({ name: plan.name(), sets: plan.sets() });
    }
    for (const plan of known.values()) this.#layers.remove(plan.name());
    this.#trackAddresses(before, after, addresses);
    if (after === undefined) this.#compiled.delete(key);
    else this.#compiled.set(key, after);
  }

  #plans(state: ServiceState | undefined): readonly OwnerPlan[] {
    return state === undefined ? [] : compileService(state, this.#compile);
  }

  /** The service's current state; unchanged endpoint names are the same objects as before. */
  #read(service: Service, before: readonly EndpointName[]): CompiledService {
    const state = { service, slices: [...this.#registry.slicesOf(service.namespace, service.name)] };
    const known = new Map(before.map((endpointName) => [endpointNameKey(endpointName), endpointName]));
    const owner = before[0]?.owner ?? this.#compile.names.service(service);
    const endpointNames = namedEndpoints(state, this.#compile).map((endpoint) => {
      const { label, addressText } = endpoint;
      return known.get(endpointNameKey(endpoint)) ?? { owner, label, addressText };
    });
    return { ...state, endpointNames };
  }

  /** Updates the indexes by address; adds the addresses that have changed to `touched`. */
  #trackAddresses(before: CompiledService | undefined, after: CompiledService | undefined, touched: Set<string>): void {
    const track = <V extends object>(index: MultiMap<V>, method: "add" | "delete", address: string, value: V): void => {
      index[method](address, value);
      touched.add(address);
    };
    if (before?.service !== after?.service) {
      const ips = (state: CompiledService | undefined): readonly string[] =>
        state ? servedClusterIps(state.service) : [];
      for (const address of ips(before)) track(this.#clusterIps, "delete", address, before!.service);
      for (const address of ips(after)) track(this.#clusterIps, "add", address, after!.service);
    }
    const kept = new Set(after?.endpointNames);
    for (const endpointName of before?.endpointNames ?? []) {
      if (!kept.delete(endpointName)) track(this.#endpointNames, "delete", endpointName.addressText, endpointName);
    }
    for (const endpointName of kept) track(this.#endpointNames, "add", endpointName.addressText, endpointName);
  }

  #updatePointer(addressText: string): void {
    const address = parseIp(addressText);
    if (address === undefined) return;
    const { name, place, isApex } = this.#reverse.locate(address, CLUSTER_ZONE);
    const set = compilePointer(this.#clusterIps.get(addressText), this.#endpointNames.get(addressText), this.#compile);
    if (isApex) {
      if (set === undefined) this.#apexPointers.delete(nameKey(name));
      else this.#apexPointers.set(nameKey(name), set);
      this.#putReverseApex({ apex: name, place });
    } else if (set === undefined) this.#layers.remove(name);
    else this.#put({ name, sets: [set] }, place);
  }

  #trackPod(pod: Pod, method: "add" | "delete", touched: Set<string>): void {
    if (this.#settings.pods !== "verified" || pod.phase === "Succeeded" || pod.phase === "Failed") return;
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

function endpointNameKey({ label, addressText }: { label: string; addressText: string }): string {
  return `${label} ${addressText}`;
}

function collect(object: KubeObject, services: Set<string>, namespaces: Set<string>): void {
  const namespace = object.kind === "Namespace" ? object.name : object.namespace;
  if (namespace !== "") namespaces.add(namespace);
  if (object.kind === "Service") services.add(`${object.namespace}/${object.name}`);
  if (object.kind === "EndpointSlice") services.add(`${object.namespace}/${object.serviceName}`);
}
