// One service and its slices → the records of every name at and below `S.N.svc.Z`.
// Kubernetes DNS-Based Service Discovery 1.1.0, sections 2.3 to 2.5.
import { TYPE } from "../dns/constants.ts";
import { LABEL_SIZE_MAX, lowerName, parseName, prependLabels } from "../dns/name.ts";
import { srvRdata } from "../dns/rdata.ts";
import type { EndpointPort, EndpointSlice, Protocol, Service } from "../objects/kube-object.ts";
import { parseIp } from "../std/ip.ts";
import { fits, portLabels } from "./cluster-names.ts";
import type { ClusterNames } from "./cluster-names.ts";
import { readyEndpoints } from "./ready-endpoints.ts";
import type { ReadyEndpoint } from "./ready-endpoints.ts";
import type { AddressSet, RecordSet } from "./record-set.ts";

/** A service with its slices, as they were at one moment. */
export interface ServiceState {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
}

/** One owner name below a service, and how to make its records: names alone cost little. */
export interface OwnerPlan {
  readonly name: Uint8Array;
  /** What the records are made from: the same text at the same name means the same records. Undefined: not told. */
  readonly inputs?: string;
  readonly sets: () => readonly RecordSet[];
}

export interface CompileSettings {
  readonly names: ClusterNames;
  readonly ttlSeconds: number;
  readonly endpointPodNames: boolean;
}

/** A port of something that has addresses. */
interface Target {
  readonly name: Uint8Array;
  readonly addresses: readonly Uint8Array[];
  readonly portName: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** Every name that the service makes. */
export function compileService(state: ServiceState, settings: CompileSettings): readonly OwnerPlan[] {
  const { service } = state;
  const owner = settings.names.service(service);
  if (!fits(owner)) return [];
  if (service.type === "ExternalName") return compileExternalName(service, owner, settings);
  if (!service.headless && service.clusterIPs.length === 0) return [{ name: owner, sets: () => [] }];
  const endpoints = readyEndpoints(state.slices, settings.endpointPodNames);
  const byName = endpointsByName(endpoints, owner);
  const own = [...byName.values()].map((group) => planEndpoint(group, settings));
  if (service.headless && endpoints.length === 0) return [];
  const targets = service.headless
    ? [...byName.values()].flatMap(({ name, endpoints: all }) => endpointTargets(name, all))
    : serviceTargets(service, owner);
  const addresses = service.headless ? endpoints.map(({ address }) => address) : serviceAddresses(service);
  const sets = (): readonly RecordSet[] => [...addressSets(addresses, settings), ...srvSets(targets, settings)];
  return [{ name: owner, sets }, ...planPorts(targets, owner, settings), ...own].filter(({ name }) => fits(name));
}

/** Every ready endpoint that has a name of its own: its addresses get PTR records. */
export function namedEndpoints(state: ServiceState, settings: CompileSettings): readonly ReadyEndpoint[] {
  const { service } = state;
  if (service.type === "ExternalName" || (!service.headless && service.clusterIPs.length === 0)) return [];
  return readyEndpoints(state.slices, settings.endpointPodNames);
}

/** The cluster IPs that the service's name answers with. */
export function servedClusterIps(service: Service): readonly string[] {
  return service.type === "ExternalName" || service.headless ? [] : service.clusterIPs;
}

function compileExternalName(service: Service, owner: Uint8Array, settings: CompileSettings): readonly OwnerPlan[] {
  const text = service.externalName ?? "";
  const target = parseIp(text) === undefined ? parseName(text) : undefined;
  if (target === undefined || target.length === 1) return [];
  const set = { type: TYPE.CNAME, ttlSeconds: settings.ttlSeconds, rdata: [lowerName(target)] };
  return [{ name: owner, sets: () => [set] }];
}

interface NamedEndpoints {
  readonly name: Uint8Array;
  readonly endpoints: readonly ReadyEndpoint[];
}

/** Several endpoints may share a hostname: the name then has all their addresses. */
function endpointsByName(endpoints: readonly ReadyEndpoint[], owner: Uint8Array): ReadonlyMap<string, NamedEndpoints> {
  const groups = new Map<string, { name: Uint8Array; endpoints: ReadyEndpoint[] }>();
  for (const endpoint of endpoints) {
    const group = groups.get(endpoint.label);
    if (group !== undefined) {
      group.endpoints.push(endpoint);
      continue;
    }
    const name = prependLabels([endpoint.label], owner);
    if (fits(name)) groups.set(endpoint.label, { name, endpoints: [endpoint] });
  }
  return groups;
}

function planEndpoint(group: NamedEndpoints, settings: CompileSettings): OwnerPlan {
  const sets = (): readonly RecordSet[] => {
    const addresses = group.endpoints.map(({ address }) => address);
    const targets = endpointTargets(group.name, group.endpoints);
    return [...addressSets(addresses, settings), ...srvSets(targets, settings)];
  };
  const inputs = group.endpoints.map(({ addressText, ports }) => `${addressText} ${portsKey(ports)}`).join();
  return { name: group.name, inputs, sets };
}

function portsKey(ports: readonly EndpointPort[]): string {
  return ports.map(({ name, protocol, port }) => `${name}/${protocol}/${port}`).join(" ");
}

function endpointTargets(name: Uint8Array, endpoints: readonly ReadyEndpoint[]): readonly Target[] {
  const addresses = endpoints.map(({ address }) => address);
  return endpoints.flatMap(({ ports }) =>
    ports.map(({ name: portName, protocol, port }) => ({ name, addresses, portName, protocol, port })),
  );
}

function serviceTargets(service: Service, owner: Uint8Array): readonly Target[] {
  const addresses = serviceAddresses(service);
  return service.ports.map(({ name: portName, protocol, port }) => ({
    name: owner,
    addresses,
    portName,
    protocol,
    port,
  }));
}

function serviceAddresses(service: Service): readonly Uint8Array[] {
  return service.clusterIPs.map(parseIp).filter((address) => address !== undefined);
}

/** The names `_P._proto.S.N.svc.Z`; the names between come to be with them. */
function planPorts(targets: readonly Target[], owner: Uint8Array, settings: CompileSettings): readonly OwnerPlan[] {
  const groups = new Map<string, Target[]>();
  for (const target of targets) {
    // With its underscore a name of 63 bytes is no label any more.
    if (target.portName === "" || target.portName.length >= LABEL_SIZE_MAX) continue;
    const key = `${target.portName} ${target.protocol}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [target]);
    else group.push(target);
  }
  return [...groups.values()].map((group) => ({
    name: prependLabels(portLabels(group[0]!.portName, group[0]!.protocol), owner),
    sets: () => srvSets(group, settings),
  }));
}

/** A and AAAA, each where there is an address of it. */
export function addressSets(addresses: readonly Uint8Array[], settings: { ttlSeconds: number }): readonly RecordSet[] {
  const sets: RecordSet[] = [];
  for (const [type, size] of [
    [TYPE.A, 4],
    [TYPE.AAAA, 16],
  ] as const) {
    const rdata = withoutDuplicates(addresses.filter((address) => address.length === size));
    if (rdata.length > 0) sets.push({ type, ttlSeconds: settings.ttlSeconds, rdata });
  }
  return sets;
}

/** One SRV for each distinct target and port, all of one weight (RFC 2782), with the targets' addresses beside them. */
function srvSets(targets: readonly Target[], settings: CompileSettings): readonly RecordSet[] {
  const distinct = new Map<string, Target>();
  for (const target of targets) distinct.set(`${target.port} ${nameKey(target.name)}`, target);
  if (distinct.size === 0) return [];
  const weight = Math.max(1, Math.floor(100 / distinct.size));
  const rdata: Uint8Array[] = [];
  const additional: AddressSet[] = [];
  const seen = new Set<string>();
  for (const target of distinct.values()) {
    if (!seen.has(nameKey(target.name))) {
      seen.add(nameKey(target.name));
      for (const set of addressSets(target.addresses, settings))
        additional.push({ rdataIndex: rdata.length, type: set.type, rdata: set.rdata });
    }
    rdata.push(srvRdata(0, weight, target.port, target.name));
  }
  return [{ type: TYPE.SRV, ttlSeconds: settings.ttlSeconds, rdata, additional }];
}

export function withoutDuplicates(rdata: readonly Uint8Array[]): readonly Uint8Array[] {
  if (rdata.length < 2) return rdata;
  const distinct = new Map(rdata.map((data) => [nameKey(data), data]));
  return distinct.size === rdata.length ? rdata : [...distinct.values()];
}

/** Bytes as a text that equal bytes share. */
export function nameKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
