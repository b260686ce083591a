// Compiles a service and its EndpointSlices into the records of every name at or below `S.N.svc.Z`.
// Kubernetes DNS-Based Service Discovery 1.1.0, sections 2.3 to 2.5.
import { TYPE } from "../dns/constants.ts";
import { LABEL_SIZE_MAX, lowerName, NAME_SIZE_MAX, nameKey, parseName, prependLabels } from "../dns/name.ts";
import { srvRdata } from "../dns/rdata.ts";
import type { EndpointPort, EndpointSlice, Protocol, Service } from "../objects/kube-object.ts";
import { parseIp } from "../net/ip.ts";
import { fits, portLabels } from "./cluster-names.ts";
import type { ClusterNames } from "./cluster-names.ts";
import { readyEndpoints } from "./ready-endpoints.ts";
import type { ReadyEndpoint } from "./ready-endpoints.ts";
import type { AddressSet, AnswerRRset } from "./owner-records.ts";

/** A service with its slices at one moment. */
export interface ServiceState {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
}

/** An owner name at or below a service; its name and RRsets are made only on demand. */
export interface OwnerPlan {
  /** The labels before the service's name, separated by dots; unique within the service. */
  readonly labels: string;
  readonly isEndpoint: boolean;
  readonly name: () => Uint8Array;
  /** A key of the RRsets: the same text for the same name means the same RRsets. Undefined: unknown. */
  readonly inputs?: string;
  readonly sets: () => readonly AnswerRRset[];
}

export interface CompileSettings {
  readonly names: ClusterNames;
  readonly ttlSeconds: number;
  readonly endpointPodNames: boolean;
}

/** A port of a name with addresses: the target of an SRV record. */
interface Target {
  /** The labels before the service's name; unique within the service. */
  readonly labels: string;
  readonly name: Uint8Array;
  readonly addresses: readonly Uint8Array[];
  readonly portName: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** All names of the service; endpoint names come last. */
export function compileService(state: ServiceState, settings: CompileSettings): readonly OwnerPlan[] {
  const { service } = state;
  const owner = settings.names.service(service);
  if (!fits(owner)) return [];
  const own = { labels: "", isEndpoint: false, name: () => owner };
  if (service.type === "ExternalName") return compileExternalName(service, own, settings);
  if (!service.headless && service.clusterIPs.length === 0) return [{ ...own, inputs: "", sets: () => [] }];
  const endpoints = readyEndpoints(state.slices, settings.endpointPodNames);
  if (service.headless && endpoints.length === 0) return [];
  const groups = endpointsByLabel(endpoints, owner);
  const targets = once(() => (service.headless ? headlessTargets(groups, owner) : serviceTargets(service, owner)));
  const addresses = (): readonly Uint8Array[] =>
    service.headless ? endpoints.map(({ address }) => address) : serviceAddresses(service);
  const sets = (): readonly AnswerRRset[] => [...addressSets(addresses(), settings), ...srvSets(targets(), settings)];
  // The answers of a service with cluster IPs do not depend on its endpoints.
  const inputs = service.headless ? {} : { inputs: `${service.clusterIPs.join()} ${portsKey(service.ports)}` };
  const ports = service.headless ? endpoints.flatMap((endpoint) => endpoint.ports) : service.ports;
  return [
    { ...own, ...inputs, sets },
    ...planPorts(ports, targets, owner, settings).map((plan) => ({ ...plan, ...inputs })),
    ...[...groups].map(([label, group]) => planEndpoint(label, group, owner, settings)),
  ];
}

/** The ready endpoints with names of their own, whose addresses get PTR records. */
export function namedEndpoints(state: ServiceState, settings: CompileSettings): readonly ReadyEndpoint[] {
  const { service } = state;
  if (service.type === "ExternalName" || (!service.headless && service.clusterIPs.length === 0)) return [];
  return readyEndpoints(state.slices, settings.endpointPodNames);
}

/** The addresses of the service's own name, unless it is headless. */
export function servedClusterIps(service: Service): readonly string[] {
  return service.type === "ExternalName" || service.headless ? [] : service.clusterIPs;
}

function compileExternalName(
  service: Service,
  own: Pick<OwnerPlan, "labels" | "isEndpoint" | "name">,
  settings: CompileSettings,
): readonly OwnerPlan[] {
  const text = service.externalName ?? "";
  const target = parseIp(text) === undefined ? parseName(text) : undefined;
  if (target === undefined || target.length === 1) return [];
  const set = { type: TYPE.CNAME, ttlSeconds: settings.ttlSeconds, rdata: [lowerName(target)] };
  return [{ ...own, inputs: `CNAME ${text}`, sets: () => [set] }];
}

type EndpointGroups = ReadonlyMap<string, readonly ReadyEndpoint[]>;

/** Groups endpoints by label: a hostname that several endpoints share has all their addresses. */
function endpointsByLabel(endpoints: readonly ReadyEndpoint[], owner: Uint8Array): EndpointGroups {
  const groups = new Map<string, ReadyEndpoint[]>();
  for (const endpoint of endpoints) {
    const group = groups.get(endpoint.label);
    if (group !== undefined) group.push(endpoint);
    else if (fitsBelow(owner, endpoint.label)) groups.set(endpoint.label, [endpoint]);
  }
  return groups;
}

/** Whether a name of these labels (separated by dots) below `owner` is within the limit. */
function fitsBelow(owner: Uint8Array, labels: string): boolean {
  return labels.length + 1 + owner.length <= NAME_SIZE_MAX;
}

function planEndpoint(
  label: string,
  endpoints: readonly ReadyEndpoint[],
  owner: Uint8Array,
  settings: CompileSettings,
): OwnerPlan {
  const name = (): Uint8Array => prependLabels([label], owner);
  const sets = (): readonly AnswerRRset[] => {
    const addresses = endpoints.map(({ address }) => address);
    return [...addressSets(addresses, settings), ...srvSets(endpointTargets(label, endpoints, owner), settings)];
  };
  const inputs = endpoints.map(({ addressText, ports }) => `${addressText} ${portsKey(ports)}`).join();
  return { labels: label, isEndpoint: true, name, inputs, sets };
}

function portsKey(ports: readonly EndpointPort[]): string {
  let key = "";
  for (const { name, protocol, port } of ports) key += `${name}/${protocol}/${port} `;
  return key;
}

function headlessTargets(groups: EndpointGroups, owner: Uint8Array): readonly Target[] {
  return [...groups].flatMap(([label, endpoints]) => endpointTargets(label, endpoints, owner));
}

function endpointTargets(labels: string, endpoints: readonly ReadyEndpoint[], owner: Uint8Array): readonly Target[] {
  const name = prependLabels([labels], owner);
  const addresses = endpoints.map(({ address }) => address);
  return endpoints.flatMap(({ ports }) =>
    ports.map(({ name: portName, protocol, port }) => ({ labels, name, addresses, portName, protocol, port })),
  );
}

function serviceTargets(service: Service, owner: Uint8Array): readonly Target[] {
  const own = { labels: "", name: owner, addresses: serviceAddresses(service) };
  return service.ports.map(({ name: portName, protocol, port }) => ({ ...own, portName, protocol, port }));
}

function serviceAddresses(service: Service): readonly Uint8Array[] {
  return service.clusterIPs.map(parseIp).filter((address) => address !== undefined);
}

/** The names `_P._proto.S.N.svc.Z`; `_proto.S.N.svc.Z` becomes an empty non-terminal. */
function planPorts(
  ports: readonly Pick<EndpointPort, "name" | "protocol">[],
  targets: () => readonly Target[],
  owner: Uint8Array,
  settings: CompileSettings,
): readonly OwnerPlan[] {
  const plans = new Map<string, OwnerPlan>();
  for (const { name: portName, protocol } of ports) {
    const labels = portLabels(portName, protocol);
    const key = labels.join(".");
    // A port name of 63 bytes would be too long a label with its underscore.
    if (portName === "" || portName.length >= LABEL_SIZE_MAX || plans.has(key) || !fitsBelow(owner, key)) continue;
    const sets = (): readonly AnswerRRset[] => {
      const own = targets().filter((target) => target.portName === portName && target.protocol === protocol);
      return srvSets(own, settings);
    };
    plans.set(key, { labels: key, isEndpoint: false, name: () => prependLabels(labels, owner), sets });
  }
  return [...plans.values()];
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The A and AAAA sets of the addresses, without empty ones. */
export function addressSets(
  addresses: readonly Uint8Array[],
  settings: { ttlSeconds: number },
): readonly AnswerRRset[] {
  const sets: AnswerRRset[] = [];
  for (const [type, size] of [
    [TYPE.A, 4],
    [TYPE.AAAA, 16],
  ] as const) {
    const rdata = withoutDuplicates(addresses.filter((address) => address.length === size));
    if (rdata.length > 0) sets.push({ type, ttlSeconds: settings.ttlSeconds, rdata });
  }
  return sets;
}

/** One SRV record for each distinct target and port, with equal weights (RFC 2782) and the targets' addresses. */
function srvSets(targets: readonly Target[], settings: CompileSettings): readonly AnswerRRset[] {
  const distinct = new Map<string, Target>();
  for (const target of targets) distinct.set(`${target.port} ${target.labels}`, target);
  if (distinct.size === 0) return [];
  const weight = Math.max(1, Math.floor(100 / distinct.size));
  const rdata: Uint8Array[] = [];
  const additional: AddressSet[] = [];
  const seen = new Set<string>();
  for (const target of distinct.values()) {
    if (!seen.has(target.labels)) {
      seen.add(target.labels);
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
