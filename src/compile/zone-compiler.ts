// Registry → compiled zone. What changed names the owner names that it touches; those are compiled again and put;
// what is as it was costs the readers nothing. A full compilation is an update in which everything changed. What is
// served beside the cluster lies in a layer below it (static-zones.ts).
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
import type { Standing } from "./compile-pointer.ts";
import { nameKey } from "../dns/name-key.ts";
import { NameLayers } from "./name-layers.ts";
import type { AddressSet, OwnerRecords, RecordSet, ZonePlace } from "./record-set.ts";
import { ReverseZones } from "./reverse-zones.ts";
import type { ReverseZone } from "./reverse-zones.ts";
import { StaticZones } from "./static-zones.ts";
import type { StaticNames } from "./static-zones.ts";

/** The version of the DNS schema that the zone follows, as `dns-version.Z` says. */
const SCHEMA_VERSION = "1.1.0";
const SCHEMA_VERSION_TTL_SECONDS = 28_800;
/** Every zone that is not a file's has the cluster zone's SOA, under its own owner name. */
export const CLUSTER_ZONE = 0;

export interface ZoneSettings {
  readonly clusterDomain: string;
  readonly ttlSeconds: number;
  readonly negativeTtlSeconds: number;
  readonly pods: "insecure" | "verified" | "disabled";
  readonly endpointPodNames: boolean;
  readonly serviceCidrs: readonly Cidr[];
  readonly podCidrs: readonly Cidr[];
}

/** A service as it was compiled, with the addresses that are to point to it. */
interface CompiledService extends ServiceState {
  readonly standings: readonly Standing[];
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
  /** What each service's names were made from: their names go when it does. */
  readonly #compiled = new Map<string, CompiledService>();
  /** Address → the services that it is a cluster IP of, and those that it stands behind. */
  readonly #clusterIps = new MultiMap<Service>();
  readonly #standings = new MultiMap<Standing>();
  /** PTR of addresses whose reverse name is the apex of a zone: it stands beside the zone's NS. */
  readonly #apexPointers = new Map<string, RecordSet>();
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
      ttlSeconds: settings.ttlSeconds,
    });
    // The names below come before the cluster's objects.
    writer.setZoneReady(CLUSTER_ZONE, false);
    writer.setZoneSoa(CLUSTER_ZONE, {
      ttlSeconds: settings.ttlSeconds,
      negativeTtlSeconds: settings.negativeTtlSeconds,
      mname: names.nameserver,
      rname: names.hostmaster,
      refreshSeconds: 7200,
      retrySeconds: 1800,
      expireSeconds: 86_400,
      minimumSeconds: settings.negativeTtlSeconds,
    });
    this.#putFixedNames();
  }

  /** Where the server listens: what `ns.dns.Z` answers while the cluster has no DNS service. */
  setServerAddresses(addresses: readonly string[]): void {
    this.#serverAddresses = addresses;
    this.#putFixedNames();
  }

  /** Serves these, and no others, beside the cluster; at once, so that an update behind it is published with them. */
  setStaticNames(names: StaticNames): void {
    this.#static.set(names);
  }

  /** What is not served beside the cluster, and why. */
  get problems(): readonly Problem[] {
    return this.#static.problems;
  }

  /** Compiles what the differences touch. `serial` is the SOA's from now on. */
  update(differences: readonly Difference[], serial: number): void {
    runAtOnce(this.updateSliced(differences, serial));
  }

  /** As `update`; readers of the table see what the slices have put until then. */
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
    // Services first, endpoints after them: what is asked for most then lies close together in memory.
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
    this.#static.settle();
    this.#writer.setSerial(CLUSTER_ZONE, serial);
  }

  #put(records: OwnerRecords, place: ZonePlace = this.#place): void {
    this.#layers.put(records.name, encodeEntry(records, place));
  }

  /** The names that are there whatever the cluster holds. */
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

  #nameserverSet(): RecordSet {
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
   * Compiles what of the service is not as it was, and takes out the names that it no longer makes. Adds what is still
   * to be compiled to `later`, and the addresses for which something changed to `addresses`.
   */
  #updateService(key: string, later: OwnerPlan[], addresses: Set<string>): void {
    // The name comes from a slice's label, which may be any text: only the first slash ends the namespace.
    const at = key.indexOf("/");
    const service = this.#registry.service(key.slice(0, at), key.slice(at + 1));
    const before = this.#compiled.get(key);
    const after = service && this.#read(service, before?.standings ?? []);
    const known = new Map(this.#plans(before).map((plan) => [plan.labels, plan]));
    for (const plan of this.#plans(after)) {
      const isAsItWas = plan.inputs !== undefined && known.get(plan.labels)?.inputs === plan.inputs;
      known.delete(plan.labels);
      if (isAsItWas) continue;
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

  /** The service's state now; standings that are as they were are the same objects. */
  #read(service: Service, before: readonly Standing[]): CompiledService {
    const state = { service, slices: [...this.#registry.slicesOf(service.namespace, service.name)] };
    const known = new Map(before.map((standing) => [standingKey(standing), standing]));
    const owner = before[0]?.owner ?? this.#compile.names.service(service);
    const standings = namedEndpoints(state, this.#compile).map((endpoint) => {
      const { label, addressText } = endpoint;
      return known.get(standingKey(endpoint)) ?? { owner, label, addressText };
    });
    return { ...state, standings };
  }

  /** Keeps the indexes by address; adds to `touched` the addresses for which something changed. */
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
    const kept = new Set(after?.standings);
    for (const standing of before?.standings ?? []) {
      if (!kept.delete(standing)) track(this.#standings, "delete", standing.addressText, standing);
    }
    for (const standing of kept) track(this.#standings, "add", standing.addressText, standing);
  }

  #updatePointer(addressText: string): void {
    const address = parseIp(addressText);
    if (address === undefined) return;
    const { name, place, isApex } = this.#reverse.locate(address, CLUSTER_ZONE);
    const set = compilePointer(this.#clusterIps.get(addressText), this.#standings.get(addressText), this.#compile);
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

function standingKey({ label, addressText }: { label: string; addressText: string }): string {
  return `${label} ${addressText}`;
}

function collect(object: KubeObject, services: Set<string>, namespaces: Set<string>): void {
  const namespace = object.kind === "Namespace" ? object.name : object.namespace;
  if (namespace !== "") namespaces.add(namespace);
  if (object.kind === "Service") services.add(`${object.namespace}/${object.name}`);
  if (object.kind === "EndpointSlice") services.add(`${object.namespace}/${object.serviceName}`);
}
