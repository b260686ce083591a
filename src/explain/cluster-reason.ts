// Why a name in the domain of a cluster gets no records of a type: walks the grammar of names (cluster-names.ts) from
// the end, up to the first part that the cluster lacks. Pure. Which names exist is asked of compile/ itself.
// Kubernetes DNS-Based Service Discovery 1.1.0.
import { readAddressLabel } from "../answer/address-label.ts";
import { ClusterNames } from "../compile/cluster-names.ts";
import { compileService, planEndpoints, readService } from "../compile/compile-service.ts";
import type { OwnerPlan, ServiceState } from "../compile/compile-service.ts";
import { RCODE, TYPE } from "../dns/constants.ts";
import { formatType } from "../dns/type-names.ts";
import { isIpv4, formatIp } from "../net/ip.ts";
import { isOver } from "../objects/kube-object.ts";
import type { Service } from "../objects/kube-object.ts";
import type { Reason } from "../reasons/reason.ts";
import type { ExplainedCluster } from "./explain-view.ts";
import { labelsBelow, plainName } from "./name-place.ts";
import { nearestNamespace, nearestService, wholeNameOf } from "./nearest-names.ts";

/** A question, and the code of its reply. `name` is in wire form and lower case. */
export interface AskedName {
  readonly name: Uint8Array;
  readonly type: number;
  readonly rcode: number;
}

/** The service that a name stands for or lies below, whether it exists or not. */
export interface NamedService {
  readonly namespace: string;
  readonly service: string;
  /** The labels before the service's. */
  readonly rest: readonly string[];
}

/** Undefined: the name is not of a service. */
export function serviceOf(name: Uint8Array, domain: string): NamedService | undefined {
  const labels = labelsBelow(name, domain);
  const [service, namespace, group] = labels.slice(-3);
  if (group !== "svc" || namespace === undefined || service === undefined) return undefined;
  return { namespace, service, rest: labels.slice(0, -3) };
}

export function clusterReason(asked: AskedName, cluster: ExplainedCluster): Reason {
  const labels = labelsBelow(asked.name, cluster.domain);
  const group = labels.at(-1);
  if (group === undefined) return noRecordsOfType(asked, ["SOA", "NS"]);
  if (group === "svc") return serviceReason(asked, cluster, labels.slice(0, -1));
  if (group === "pod") return podReason(asked, cluster, labels.slice(0, -1));
  if (asked.rcode === RCODE.NXDOMAIN) return noClusterName(asked, cluster);
  if (group === "dns" && labels.length === 1) return noRecords(asked);
  return noRecordsOfType(asked, group === "dns-version" ? ["TXT"] : []);
}

/** `labels`: those before `svc`. */
function serviceReason(asked: AskedName, cluster: ExplainedCluster, labels: readonly string[]): Reason {
  const { registry } = cluster;
  const [name, namespace] = labels.slice(-2).length === 2 ? labels.slice(-2) : [undefined, labels.at(-1)];
  if (namespace === undefined) return noRecords(asked);
  if (!registry.hasNamespace(namespace)) {
    const nearest = nearestNamespace(namespace, name, cluster);
    return { code: "no-namespace", namespace, ...(nearest !== undefined && { nearest }) };
  }
  if (name === undefined) return noRecords(asked);
  const service = registry.service(namespace, name);
  if (service === undefined) {
    const nearest = nearestService(namespace, name, cluster);
    return { code: "no-service", service: name, namespace, ...(nearest !== undefined && { nearest }) };
  }
  return existingServiceReason(asked, cluster, service, labels.slice(0, -2));
}

function existingServiceReason(
  asked: AskedName,
  cluster: ExplainedCluster,
  service: Service,
  rest: readonly string[],
): Reason {
  const of = { service: service.name, namespace: service.namespace };
  const isPort = rest[0]?.startsWith("_") === true;
  if (rest.length > 2 || (rest.length === 2 && !isPort))
    return { code: "no-endpoint-name", label: rest.join("."), ...of };
  if (service.type === "ExternalName") {
    if (rest.length > 0) return { code: "no-endpoint-name", label: rest.join("."), ...of };
    return { code: "no-external-name", ...of, target: service.externalName ?? "" };
  }
  if (!service.headless && service.clusterIPs.length === 0) return { code: "no-cluster-ip", ...of };
  const state = serviceState(service, cluster);
  const plan = findPlan(state, cluster, rest.join("."));
  if (plan !== undefined) return typeReason(asked, service, plan, rest);
  if (rest.length === 1 && isPort && asked.rcode !== RCODE.NXDOMAIN) return noRecords(asked);
  const isEmpty = service.headless && state.endpoints.length === 0;
  const noReady = { code: "no-ready-endpoint", ...of, notReady: state.notReady.count } as const;
  if (isEmpty && (rest.length === 0 || isPort)) return noReady;
  if (isPort) return portReason(service, rest);
  const label = rest.join(".");
  if (state.notReady.labels.includes(label)) return { code: "endpoint-not-ready", label, ...of };
  return isEmpty ? noReady : { code: "no-endpoint-name", label, ...of };
}

/** The name exists, without records of the type. */
function typeReason(asked: AskedName, service: Service, plan: OwnerPlan, rest: readonly string[]): Reason {
  const family = asked.type === TYPE.A ? 4 : asked.type === TYPE.AAAA ? 6 : undefined;
  const isOfAddresses = rest.length === 0 && family !== undefined;
  if (isOfAddresses)
    return { code: "no-address-of-family", service: service.name, namespace: service.namespace, family };
  return noRecordsOfType(
    asked,
    plan.sets().map(({ type }) => formatType(type)),
  );
}

function portReason({ name: service, namespace, ports }: Service, [label, second]: readonly string[]): Reason {
  const port = label!.slice(1);
  // A protocol without its underscore is told as it is written.
  const protocol = second?.startsWith("_") === true ? second.slice(1).toUpperCase() : (second ?? "");
  const isNamed = ports.some((each) => each.name === port && each.protocol === protocol);
  if (isNamed) return { code: "no-endpoint-port", port, protocol, service, namespace };
  return {
    code: "port-not-named",
    port,
    protocol,
    service,
    namespace,
    ports: ports.filter(({ name }) => name !== "").map(({ name, protocol: own }) => ({ name, protocol: own })),
  };
}

/** `labels`: those before `pod`. */
function podReason(asked: AskedName, cluster: ExplainedCluster, labels: readonly string[]): Reason {
  const { registry } = cluster;
  const [label, namespace] = labels.length > 1 ? labels.slice(-2) : [undefined, labels[0]];
  if (namespace === undefined) return noRecords(asked);
  if (!registry.hasNamespace(namespace)) {
    const nearest = nearestNamespace(namespace, undefined, cluster);
    return { code: "no-namespace", namespace, ...(nearest !== undefined && { nearest }) };
  }
  if (label === undefined) return noRecords(asked);
  if (cluster.pods === "disabled") return { code: "pod-names-off" };
  if (labels.length > 2) return noClusterName(asked, cluster);
  const address = addressOfLabel(label);
  if (address === undefined) return { code: "not-an-address", label, namespace };
  if (cluster.pods === "verified" && podsAt(address, namespace, cluster).length === 0)
    return { code: "no-pod-address", label, namespace };
  return noRecordsOfType(asked, [isIpv4(address) ? "A" : "AAAA"]);
}

/** The address that a label spells. */
function addressOfLabel(label: string): string | undefined {
  const address = new Uint8Array(16);
  const bytes = Buffer.from(label, "latin1");
  const size = readAddressLabel(bytes, 0, bytes.length, address);
  return size === 0 ? undefined : formatIp(address.subarray(0, size));
}

/** The running pods of the namespace at the address, as names. */
function podsAt(address: string, namespace: string, { registry }: ExplainedCluster): readonly string[] {
  const names: string[] = [];
  for (const object of registry.objects())
    if (object.kind === "Pod" && object.namespace === namespace && !isOver(object) && object.ips.includes(address))
      names.push(object.name);
  return names;
}

export function serviceState(service: Service, cluster: ExplainedCluster): ServiceState {
  const slices = [...cluster.registry.slicesOf(service.namespace, service.name)];
  return readService(service, slices, compileSettings(cluster));
}

/** The name of these labels below the service. */
function findPlan(state: ServiceState, cluster: ExplainedCluster, labels: string): OwnerPlan | undefined {
  const settings = compileSettings(cluster);
  const isWanted = (plan: OwnerPlan): boolean => plan.labels === labels;
  return compileService(state, settings).find(isWanted) ?? planEndpoints(state, settings).find(isWanted);
}

export function compileSettings({ domain, endpointPodNames }: ExplainedCluster): Parameters<typeof readService>[2] {
  return { names: new ClusterNames(domain), ttlSeconds: 0, endpointPodNames };
}

function noClusterName({ name }: AskedName, cluster: ExplainedCluster): Reason {
  const nearest = wholeNameOf(labelsBelow(name, cluster.domain), cluster);
  const { domain } = cluster;
  return { code: "no-cluster-name", name: plainName(name), domain, ...(nearest !== undefined && { nearest }) };
}

function noRecords({ name }: AskedName): Reason {
  return { code: "no-records", name: plainName(name) };
}

function noRecordsOfType({ name, type }: AskedName, types: readonly string[]): Reason {
  return { code: "no-records-of-type", name: plainName(name), type: formatType(type), types };
}
