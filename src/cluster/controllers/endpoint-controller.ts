// What a cluster's endpoint controllers do: keeps EndpointSlices for the services whose pods or Endpoints the
// manifests give. Kubernetes: "Service" and "EndpointSlice" API concepts; endpointslice and endpointslicemirroring
// controllers. Not used for objects of a live cluster, where the cluster has done it.
import type { EndpointPort, EndpointSlice, IpFamily, Pod, Service } from "../../objects/kube-object.ts";
import { familyOf, objectKey } from "../../objects/kube-object.ts";
import type { Sliced } from "../../std/sliced.ts";
import { controllerOrigin } from "../change.ts";
import type { Change } from "../change.ts";
import type { Difference, Registry } from "../registry.ts";
import { serviceFamilies } from "./service-families.ts";
import type { Controller } from "./controller.ts";

const ORIGIN = controllerOrigin("endpoints");
const FAMILIES = ["IPv4", "IPv6"] as const;

export class EndpointController implements Controller {
  readonly #registry: Registry;
  readonly #clusterFamilies: readonly IpFamily[];

  /** `clusterFamilies`: those of the service ranges, in order. */
  constructor(registry: Registry, clusterFamilies: readonly IpFamily[]) {
    this.#registry = registry;
    this.#clusterFamilies = clusterFamilies;
  }

  /** The slices to put and remove after what changed. */
  *reconcile(differences: readonly Difference[]): Sliced<readonly Change[]> {
    const changes: Change[] = [];
    for (const key of this.#touched(differences)) {
      yield;
      const [namespace, name] = key.split("/") as [string, string];
      const wanted = new Map(this.#slicesFor(namespace, name).map((slice) => [objectKey(slice), slice]));
      for (const slice of this.#registry.slicesOf(namespace, name)) {
        if (slice.isDerived === true && !wanted.has(objectKey(slice)))
          changes.push({ type: "remove", origin: ORIGIN, key: objectKey(slice) });
      }
      for (const object of wanted.values()) changes.push({ type: "put", origin: ORIGIN, object });
    }
    return changes;
  }

  /** The services, as `namespace/name`, whose endpoints the differences may concern. */
  #touched(differences: readonly Difference[]): Set<string> {
    const touched = new Set<string>();
    for (const object of differences.flatMap(({ before, after }) => [before, after])) {
      if (object === undefined) continue;
      if (object.kind === "Service" || object.kind === "Endpoints") touched.add(`${object.namespace}/${object.name}`);
      if (object.kind === "EndpointSlice" && object.isDerived !== true)
        touched.add(`${object.namespace}/${object.serviceName}`);
      if (object.kind === "Pod") {
        for (const service of this.#registry.servicesSelecting(object))
          touched.add(`${service.namespace}/${service.name}`);
      }
    }
    return touched;
  }

  #slicesFor(namespace: string, name: string): readonly EndpointSlice[] {
    const service = this.#registry.service(namespace, name);
    if (service === undefined || service.type === "ExternalName") return [];
    if (!this.#registry.isControlled(objectKey(service))) return [];
    if (service.headless && service.addresses !== undefined) return addressedSlices(service, service.addresses);
    if (service.selector === undefined) return this.#mirrorEndpoints(service);
    const families = serviceFamilies(service, this.#clusterFamilies);
    return families.flatMap((family) =>
      selectedSlices(service, family, this.#registry.podsSelectedBy(namespace, service.selector!)),
    );
  }

  /** The Endpoints object counts only where nobody has written slices. */
  #mirrorEndpoints(service: Service): readonly EndpointSlice[] {
    const endpoints = this.#registry.endpoints(service.namespace, service.name);
    for (const slice of this.#registry.slicesOf(service.namespace, service.name))
      if (slice.isDerived !== true) return [];
    return (endpoints?.subsets ?? [])
      .flatMap((subset) =>
        FAMILIES.flatMap((family) => {
          const own = subset.endpoints.filter(({ addresses }) => familyOf(addresses[0]!) === family);
          return own.length === 0 ? [] : [derivedSlice(service, family, own, subset.ports)];
        }),
      )
      .map(numbered);
  }
}

/** One slice for each set of ports that pods of the family have: a named target port may differ from pod to pod. */
function selectedSlices(service: Service, family: IpFamily, pods: readonly Pod[]): readonly EndpointSlice[] {
  const groups = new Map<string, { ports: readonly EndpointPort[]; pods: Pod[] }>();
  for (const pod of pods.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (pod.phase === "Succeeded" || pod.phase === "Failed") continue;
    if (!pod.ips.some((ip) => familyOf(ip) === family)) continue;
    const ports = portsOf(service, pod);
    const key = ports.map((port) => `${port.name} ${port.protocol} ${port.port}`).join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ports, pods: [pod] });
    else group.pods.push(pod);
  }
  return [...groups.values()]
    .map((group) => {
      const endpoints = group.pods.map((pod) => ({
        addresses: pod.ips.filter((ip) => familyOf(ip) === family).slice(0, 1),
        ready: pod.ready || service.publishNotReadyAddresses,
        podName: pod.name,
        ...(pod.hostname !== undefined && pod.subdomain === service.name && { hostname: pod.hostname }),
      }));
      return derivedSlice(service, family, endpoints, group.ports);
    })
    .map(numbered);
}

/** Processes that run elsewhere, in place of pods: a target port that is a name means nothing there. */
function addressedSlices(service: Service, addresses: readonly string[]): readonly EndpointSlice[] {
  const ports = service.ports.map(({ name, protocol, port, targetPort }) => ({
    name,
    protocol,
    port: typeof targetPort === "number" ? targetPort : port,
  }));
  return FAMILIES.flatMap((family) => {
    const own = addresses.filter((address) => familyOf(address) === family);
    const endpoints = own.map((address) => ({ addresses: [address], ready: true }));
    return own.length === 0 ? [] : [numbered(derivedSlice(service, family, endpoints, ports), 0)];
  });
}

/** The service's ports as the pod has them; one whose named target port it lacks is left out. */
function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const { name, protocol, targetPort } of service.ports) {
    const port =
      typeof targetPort === "number"
        ? targetPort
        : pod.namedPorts.find((named) => named.name === targetPort && named.protocol === protocol)?.port;
    if (port !== undefined) ports.push({ name, protocol, port });
  }
  return ports;
}

function derivedSlice(
  service: Service,
  addressType: IpFamily,
  endpoints: EndpointSlice["endpoints"],
  ports: readonly EndpointPort[],
): EndpointSlice {
  // A slash is in no name that people can give, so no written slice has the key of a derived one.
  const name = `${service.name}/${addressType}`;
  return {
    kind: "EndpointSlice",
    namespace: service.namespace,
    name,
    serviceName: service.name,
    addressType,
    endpoints,
    ports,
    isDerived: true,
  };
}

function numbered(slice: EndpointSlice, index: number): EndpointSlice {
  return Object.freeze({ ...slice, name: `${slice.name}/${index}` });
}
