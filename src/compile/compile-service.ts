// One service and its slices → the records of every name at and below `S.N.svc.Z`.
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

/** A service with its slices, as they were at one moment. */
export interface ServiceState {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
}

/** One owner name at or below a service, and how to make its records: what is not asked for costs nothing. */
export interface OwnerPlan {
  /** The labels left of the service's own name, with dots between: each once in a service. */
  readonly labels: string;
  readonly isEndpoint: boolean;
  readonly name: () => Uint8Array;
  /** What the records are made from: the same text at the same name means the same records. Undefined: not told. */
  readonly inputs?: string;
  readonly sets: () => readonly AnswerRRset[];
}

export interface CompileSettings {
  readonly names: ClusterNames;
  readonly ttlSeconds: number;
  readonly endpointPodNames: boolean;
}

/** A port of something that has addresses. */
interface Target {
  /** The name's labels left of the service's: tells targets of one service apart. */
  readonly labels: string;
  readonly name: Uint8Array;
  readonly addresses: readonly Uint8Array[];
  readonly portName: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** Every name that the service makes; endpoints' own names come last. */
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
  // What a cluster IP answers does not depend on what stands behind it.
  const inputs = service.headless ? {} : { inputs: `${service.clusterIPs.join()} ${portsKey(service.ports)}` };
  const ports = service.headless ? endpoints.flatMap((endpoint) => endpoint.ports) : service.ports;
  return [
    { ...own, ...inputs, sets },
    ...planPorts(ports, targets, owner, settings).map((plan) => ({ ...plan, ...inputs })),
    ...[...groups].map(([label, group]) => planEndpoint(label, group, owner, settings)),
  ];
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

/** Several endpoints may share a hostname: the name then has all their addresses. */
function endpointsByLabel(endpoints: readonly ReadyEndpoint[], owner: Uint8Array): EndpointGroups {
  const groups = new Map<string, ReadyEndpoint[]>();
  for (const endpoint of endpoints) {
    const group = groups.get(endpoint.label);
    if (group !== undefined) group.push(endpoint);
    else if (fitsBelow(owner, endpoint.label)) groups.set(endpoint.label, [endpoint]);
  }
  return groups;
}

/** Whether a name with these labels, dots between, left of `owner` is not too long. */
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

/** The names `_P._proto.S.N.svc.Z`; the names between come to be with them. */
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
    // With its underscore a name of 63 bytes is no label any more.
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

/** A and AAAA, each where there is an address of it. */
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

/** One SRV for each distinct target and port, all of one weight (RFC 2782), with the targets' addresses beside them. */
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
