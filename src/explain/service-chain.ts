// A service and what its records are made from: selector, pods, ports, EndpointSlices, each with why it makes none.
// Pure. Bounded: of very many pods and endpoints the first are told, those that are not ready before others.
import { isOfController } from "../cluster/change.ts";
import { endpointLabel, portLabels } from "../compile/cluster-names.ts";
import { compileService } from "../compile/compile-service.ts";
import { LABEL_SIZE_MAX } from "../dns/name.ts";
import { isOver, objectKey } from "../objects/kube-object.ts";
import type { Endpoint, EndpointSlice, KubeObject, Pod, Service, ServicePort } from "../objects/kube-object.ts";
import { hasReadyEndpoint } from "../overview/service-endpoints.ts";
import { compileSettings, serviceState } from "./cluster-reason.ts";
import type { ExplainedCluster } from "./explain-view.ts";
import type { ObjectPlace, PodState, PortState, ServiceChain, SliceState } from "./explanation.ts";

/** Of the pods and slices of a service, and of the endpoints of a slice. */
const SHOWN_MAX = 20;

export function serviceChain(service: Service, cluster: ExplainedCluster): ServiceChain {
  const { registry, domain } = cluster;
  const { namespace, selector, externalName } = service;
  const pods = selector === undefined ? [] : registry.podsSelectedBy(namespace, selector);
  const slices = [...registry.slicesOf(namespace, service.name)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const endpoints = Map.groupBy(
    slices.flatMap((slice) => slice.endpoints),
    ({ podName }) => podName,
  );
  return {
    ...placeOf(service, cluster),
    domain,
    namespace,
    type: service.headless ? "Headless" : service.type,
    addresses: service.clusterIPs,
    ...(service.type === "ExternalName" && { externalName: externalName ?? "" }),
    ...(selector && { selector: Object.fromEntries(selector) }),
    ports: portStates(service, cluster),
    pods: pods
      .map((pod) => podState(pod, endpoints.get(pod.name) ?? [], cluster))
      .toSorted(byReadiness)
      .slice(0, SHOWN_MAX),
    podCount: pods.length,
    slices: slices.slice(0, SHOWN_MAX).map((slice) => sliceState(slice, cluster)),
    sliceCount: slices.length,
  };
}

function portStates(service: Service, cluster: ExplainedCluster): readonly PortState[] {
  const { registry, domain } = cluster;
  const names = new Set(
    compileService(serviceState(service, cluster), compileSettings(cluster)).map(({ labels }) => labels),
  );
  const hasReady = hasReadyEndpoint(registry, service);
  return service.ports.map((port) => {
    const { name, protocol, port: number, targetPort } = port;
    const labels = portLabels(name, protocol).join(".");
    const srv = `${labels}.${service.name}.${service.namespace}.svc.${domain}.`;
    const is = name !== "" && names.has(labels) ? { srv } : { noSrv: whyNoSrv(service, port, hasReady) };
    return { name, protocol, port: number, targetPort, ...is };
  });
}

function whyNoSrv(service: Service, { name, targetPort }: ServicePort, hasReady: boolean): string {
  if (service.type === "ExternalName") return "an ExternalName service has no SRV records";
  if (name === "") return "the port has no name";
  if (!service.headless && service.clusterIPs.length === 0) return "the service has no cluster IP";
  if (name.length >= LABEL_SIZE_MAX) return "the name of the port is too long";
  if (!hasReady) return "no endpoint is ready";
  return `no ready endpoint has the port: targetPort ${targetPort}`;
}

function podState(pod: Pod, endpoints: readonly Endpoint[], cluster: ExplainedCluster): PodState {
  const why = whyNotReady(pod, endpoints);
  return {
    ...placeOf(pod, cluster),
    addresses: pod.ips,
    isReady: why === undefined,
    ...(why !== undefined && { why }),
  };
}

/** Why the pod is no endpoint that answers have. `endpoints`: those that are the pod. */
function whyNotReady(pod: Pod, endpoints: readonly Endpoint[]): string | undefined {
  if (isOver(pod)) return `it has ended: its phase is ${pod.phase}`;
  if (pod.ips.length === 0) return `it has no address${pod.phase === "" ? "" : `: its phase is ${pod.phase}`}`;
  if (endpoints.some(({ ready }) => ready)) return undefined;
  if (!pod.ready)
    return pod.simulated === undefined
      ? "its condition Ready is not True, or it is being deleted"
      : "the annotation cluster-dns/ready, or the status of its workload, says that it is not ready";
  return endpoints.length === 0 ? "no EndpointSlice has it" : "its EndpointSlice says that it is not ready";
}

function byReadiness(a: PodState, b: PodState): number {
  return Number(a.isReady) - Number(b.isReady) || (a.name < b.name ? -1 : 1);
}

function sliceState(slice: EndpointSlice, cluster: ExplainedCluster): SliceState {
  const endpoints = slice.endpoints
    .toSorted((a, b) => Number(a.ready) - Number(b.ready))
    .slice(0, SHOWN_MAX)
    .map((endpoint) => ({
      addresses: endpoint.addresses,
      isReady: endpoint.ready,
      label: endpointLabel(endpoint, endpoint.addresses[0] ?? "", cluster.endpointPodNames),
      ...(endpoint.podName !== undefined && { pod: endpoint.podName }),
    }));
  const isDerived = slice.isDerived === true;
  return {
    ...(isDerived ? { name: slice.name } : placeOf(slice, cluster)),
    isDerived,
    endpoints,
    endpointCount: slice.endpoints.length,
  };
}

/** The object's name, and its file, else the source that has it, and in which version. */
function placeOf(object: KubeObject, { registry, versionOf }: ExplainedCluster): ObjectPlace {
  const { name, place } = object;
  if (place !== undefined) return { name, file: place.file, line: place.line };
  const key = objectKey(object);
  const origin = registry.originOf(key);
  if (origin === undefined || isOfController(origin)) return { name };
  const version = versionOf?.(key);
  return { name, source: origin.source, ...(version !== undefined && { version }) };
}
