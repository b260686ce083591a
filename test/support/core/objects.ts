// Builds Kubernetes objects in the registry's slim form from `ns/name` and the fields that differ from a plain object.
import type {
  EndpointPort,
  Endpoints,
  EndpointSlice,
  Labels,
  Namespace,
  Node,
  OtherObject,
  Pod,
  PodTemplate,
  Protocol,
  Service,
  ServicePort,
  Workload,
} from "../../../src/objects/kube-object.ts";

function head(path: string): { namespace: string; name: string } {
  const [namespace, name] = path.split("/") as [string, string];
  return { namespace, name };
}

/** `app=web,tier=front` to labels. */
export function labels(text: string): Labels {
  return new Map(text.split(",").map((pair) => pair.split("=") as [string, string]));
}

export function namespace(name: string): Namespace {
  return { kind: "Namespace", namespace: "", name };
}

/** A ClusterIP service without addresses, ports and selector. */
export function service(path: string, fields: Partial<Service> = {}): Service {
  return {
    kind: "Service",
    ...head(path),
    type: "ClusterIP",
    headless: false,
    clusterIPs: [],
    ipFamilies: [],
    ports: [],
    publishNotReadyAddresses: false,
    ...fields,
  };
}

/** A service of type ExternalName. */
export function externalName(path: string, target: string): Service {
  return service(path, { type: "ExternalName", externalName: target });
}

/** A service's port; the target port is the port when left out. */
export function port(
  name: string,
  number: number,
  targetPort: number | string = number,
  protocol: Protocol = "TCP",
): ServicePort {
  return { name, protocol, port: number, targetPort };
}

/** A port of endpoints, or a named one of a container. */
export function endpointPort(name: string, number: number, protocol: Protocol = "TCP"): EndpointPort {
  return { name, protocol, port: number };
}

/** An IPv4 slice of the service of that name; the slice is called `name` or as the service. */
export function slice(path: string, fields: Partial<EndpointSlice> = {}): EndpointSlice {
  return {
    kind: "EndpointSlice",
    ...head(path),
    serviceName: head(path).name,
    addressType: "IPv4",
    endpoints: [],
    ports: [],
    ...fields,
  };
}

export function endpoints(path: string, subsets: Endpoints["subsets"]): Endpoints {
  return { kind: "Endpoints", ...head(path), subsets };
}

/** A running, ready pod with no address and no label. */
export function pod(path: string, fields: Partial<Pod> = {}): Pod {
  return {
    kind: "Pod",
    ...head(path),
    labels: new Map(),
    ips: [],
    phase: "Running",
    ready: true,
    namedPorts: [],
    hostNetwork: false,
    dnsPolicy: "ClusterFirst",
    enableServiceLinks: true,
    ...fields,
  };
}

/** A pod template with nothing in it. */
export function template(fields: Partial<PodTemplate> = {}): PodTemplate {
  return {
    labels: new Map(),
    ready: true,
    namedPorts: [],
    hostNetwork: false,
    dnsPolicy: "ClusterFirst",
    enableServiceLinks: true,
    ...fields,
  };
}

/** A Deployment of one pod; the template has the selector's labels when it is left out. */
export function workload(path: string, fields: Partial<Workload> = {}): Workload {
  const selector = fields.selector ?? new Map();
  return {
    kind: "Workload",
    ...head(path),
    workloadKind: "Deployment",
    replicas: 1,
    selector,
    template: template({ labels: selector }),
    firstOrdinal: 0,
    indexed: false,
    ...fields,
  };
}

export function node(name: string): Node {
  return { kind: "Node", namespace: "", name };
}

/** An object of a kind that is not served. */
export function other(path: string, otherKind: string, apiVersion = "apps/v1"): OtherObject {
  return { kind: "Other", ...head(path), otherKind, apiVersion };
}
