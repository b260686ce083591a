// Compiles a service and its EndpointSlices into the records of every name at or below `S.N.svc.Z`.
// Kubernetes DNS-Based Service Discovery 1.1.0, sections 2.3 to 2.5.
import { TYPE } from "../dns/constants.ts";
import { LABEL_SIZE_MAX, lowerName, NAME_SIZE_MAX, nameKey, parseName, prependLabels } from "../dns/name.ts";
import { srvRdata } from "../dns/rdata.ts";
import type { EndpointPort, EndpointSlice, Protocol, Service } from "../objects/kube-object.ts";
import { parseIp } from "../net/ip.ts";
import { fits, portLabels } from "./cluster-names.ts";
import type { ClusterNames } from "./cluster-names.ts";
import { NONE_NOT_READY, notReadyEndpoints, portsKey, readyEndpoints } from "./ready-endpoints.ts";
import type { NotReadyEndpoints, ReadyEndpoint } from "./ready-endpoints.ts";
import { NODE } from "./node-kind.ts";
import type { NodeKind } from "./node-kind.ts";
import type { AddressSet, AnswerRRset } from "./owner-records.ts";

/** What the names of a service are compiled from, at one moment. */
export interface ServiceState {
  readonly service: Service;
  readonly owner: Uint8Array;
  /** The ready endpoints with names of their own, whose addresses get PTR records; sorted by label. */
  readonly endpoints: readonly ReadyEndpoint[];
  readonly notReady: NotReadyEndpoints;
}

/** An owner name at or below a service; its name and RRsets are made only on demand. */
export interface OwnerPlan {
  /** The labels before the service's name, separated by dots; unique within the service. */
  readonly labels: string;
  readonly name: () => Uint8Array;
  /** A key of the RRsets: the same text for the same name means the same RRsets. Undefined: unknown. */
  readonly inputs?: string;
  /** Of `ENTRY_FLAG`, and the kind of node; the defaults are those of names in the cluster. */
  readonly flags?: number;
  readonly node?: NodeKind;
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

/** The state of the service, from it and its EndpointSlices. */
export function readService(
  service: Service,
  slices: readonly EndpointSlice[],
  { names, endpointPodNames }: CompileSettings,
): ServiceState {
  const owner = names.service(service);
  const hasNone = service.type === "ExternalName" || (!service.headless && service.clusterIPs.length === 0);
  if (hasNone) return { service, owner, endpoints: [], notReady: NONE_NOT_READY };
  const endpoints = readyEndpoints(slices, endpointPodNames, owner);
  return { service, owner, endpoints, notReady: notReadyEndpoints(slices, endpointPodNames, endpoints) };
}

/** The names of the service but those of its endpoints. */
export function compileService(state: ServiceState, settings: CompileSettings): readonly OwnerPlan[] {
  const { service, owner, endpoints } = state;
  if (!fits(owner)) return [];
  const own = { labels: "", name: () => owner, node: NODE.SERVICE };
  if (service.type === "ExternalName") return compileExternalName(service, own, settings);
  if (!service.headless && service.clusterIPs.length === 0)
    return [{ ...own, node: NODE.SERVICE_WITHOUT_ADDRESS, inputs: "", sets: () => [] }];
  if (service.headless && endpoints.length === 0) return [];
  const targets = once(() =>
    service.headless ? planEndpoints(state, settings).flatMap(endpointTargets) : serviceTargets(service, owner),
  );
  const addresses = (): readonly Uint8Array[] =>
    service.headless ? endpoints.map(({ address }) => address) : serviceAddresses(service);
  const sets = (): readonly AnswerRRset[] => [...addressSets(addresses(), settings), ...srvSets(targets(), settings)];
  // The answers of a service with cluster IPs do not depend on its endpoints.
  const inputs = service.headless ? {} : { inputs: `${service.clusterIPs.join()} ${portsKey(service.ports)}` };
  const ports = service.headless ? endpoints.flatMap((endpoint) => endpoint.ports) : service.ports;
  return [
    { ...own, ...inputs, sets },
    ...planPorts(ports, targets, owner, settings).map((plan) => ({ ...plan, ...inputs })),
  ];
}

/** The addresses of the service's own name, unless it is headless. */
export function servedClusterIps(service: Service): readonly string[] {
  return service.type === "ExternalName" || service.headless ? [] : service.clusterIPs;
}

function compileExternalName(
  service: Service,
  own: Pick<OwnerPlan, "labels" | "name" | "node">,
  settings: CompileSettings,
): readonly OwnerPlan[] {
  const target = servedTarget(service);
  if (target === undefined) return [];
  const set = { type: TYPE.CNAME, ttlSeconds: settings.ttlSeconds, rdata: [lowerName(target)] };
  return [{ ...own, inputs: `CNAME ${service.externalName}`, sets: () => [set] }];
}

/** The name that a service of type ExternalName is an alias of; undefined: it names none. */
export function servedTarget({ externalName = "" }: Service): Uint8Array | undefined {
  const target = parseIp(externalName) === undefined ? parseName(externalName) : undefined;
  return target === undefined || target.length === 1 ? undefined : target;
}

/** The endpoint names of the service that fit. A hostname that several endpoints share has all their addresses. */
export function planEndpoints({ endpoints }: ServiceState, settings: CompileSettings): readonly EndpointPlan[] {
  const plans: EndpointPlan[] = [];
  for (let start = 0, end = 0; start < endpoints.length; start = end) {
    const { owner, label } = endpoints[start]!;
    while (end < endpoints.length && endpoints[end]!.label === label) end++;
    if (fitsBelow(owner, label)) plans.push(new EndpointPlan(endpoints.slice(start, end), settings));
  }
  return plans;
}

/** Whether a name of these labels (separated by dots) below `owner` is within the limit. */
function fitsBelow(owner: Uint8Array, labels: string): boolean {
  return labels.length + 1 + owner.length <= NAME_SIZE_MAX;
}

/** The name of an endpoint. A class, because there are very many, and most are needed once. */
export class EndpointPlan implements OwnerPlan {
  /** Of one label. */
  readonly endpoints: readonly ReadyEndpoint[];
  readonly #settings: CompileSettings;

  constructor(endpoints: readonly ReadyEndpoint[], settings: CompileSettings) {
    this.endpoints = endpoints;
    this.#settings = settings;
  }

  get labels(): string {
    return this.endpoints[0]!.label;
  }

  get inputs(): string {
    return this.endpoints.map(({ key }) => key).join();
  }

  name(): Uint8Array {
    return prependLabels([this.labels], this.endpoints[0]!.owner);
  }

  sets(): readonly AnswerRRset[] {
    const addresses = this.endpoints.map(({ address }) => address);
    return [...addressSets(addresses, this.#settings), ...srvSets(endpointTargets(this), this.#settings)];
  }
}

function endpointTargets(plan: EndpointPlan): readonly Target[] {
  const { labels, endpoints } = plan;
  const name = plan.name();
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
    plans.set(key, { labels: key, name: () => prependLabels(labels, owner), sets });
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
