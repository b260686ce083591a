// Stands in for a cluster's endpointslice and endpointslicemirroring controllers: keeps EndpointSlices for services
// from pods or Endpoints objects. Leaves services of a live cluster alone, and those with slices of a cluster.
// Kubernetes: "Service" and "EndpointSlice" API concepts.
import type {
  EndpointPort,
  Endpoints,
  EndpointSlice,
  IpFamily,
  KubeObject,
  Labels,
  Pod,
  Service,
  Workload,
} from "../../objects/kube-object.ts";
import { familyOf, isOver, objectKey } from "../../objects/kube-object.ts";
import type { Sliced } from "../../std/sliced.ts";
import { controllerOrigin } from "../change.ts";
import type { Change } from "../change.ts";
import type { Difference, Registry } from "../registry.ts";
import { ClusterEvidence } from "./cluster-evidence.ts";
import { serviceFamilies } from "./service-families.ts";
import type { Controller } from "./controller.ts";

const ORIGIN = controllerOrigin("endpoints");
const FAMILIES = ["IPv4", "IPv6"] as const;
/** Of one subset of an Endpoints object; the mirroring controller drops the rest. */
const MIRRORED_ADDRESSES_MAX = 1_000;

export class EndpointController implements Controller {
  readonly #registry: Registry;
  readonly #evidence: ClusterEvidence;
  readonly #clusterFamilies: readonly IpFamily[];
  /** Whether there ever was a simulated pod that runs to its end. */
  #hasTransientPods = false;

  /** `clusterFamilies`: the families of the service ranges, in order. */
  constructor(registry: Registry, clusterFamilies: readonly IpFamily[]) {
    this.#registry = registry;
    this.#evidence = new ClusterEvidence(registry);
    this.#clusterFamilies = clusterFamilies;
  }

  /** Puts and removes the slices of the services that the differences affect. */
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

  /** The services, as `namespace/name`, whose endpoints the differences may affect. */
  #touched(differences: readonly Difference[]): Set<string> {
    const touched = new Set<string>();
    for (const object of differences.flatMap(({ before, after }) => [before, after])) {
      if (object === undefined) continue;
      if (object.kind === "Service" || object.kind === "Endpoints") touched.add(`${object.namespace}/${object.name}`);
      if (object.kind === "EndpointSlice" && object.isDerived !== true)
        touched.add(`${object.namespace}/${object.serviceName}`);
      const labels = this.#labelsOf(object);
      if (labels === undefined) continue;
      for (const { namespace, name } of this.#registry.servicesSelecting(object.namespace, labels))
        touched.add(`${namespace}/${name}`);
    }
    return touched;
  }

  /** The labels by which services select what the object stands for. */
  #labelsOf(object: KubeObject): Labels | undefined {
    if (object.kind === "Pod") {
      this.#hasTransientPods ||= isTransient(object);
      return object.labels;
    }
    // A template without pods matters only beside the pods of Jobs: see `#lastingPods`.
    return object.kind === "Workload" && this.#hasTransientPods ? object.template.labels : undefined;
  }

  #slicesFor(namespace: string, name: string): readonly EndpointSlice[] {
    const service = this.#registry.service(namespace, name);
    if (service === undefined || service.type === "ExternalName") return [];
    if (!this.#registry.isControlled(objectKey(service))) return [];
    if (service.headless && service.addresses !== undefined) return addressedSlices(service, service.addresses);
    if (this.#evidence.hasObservedSlices(service)) return [];
    const endpoints = this.#registry.endpoints(namespace, name);
    if (service.selector === undefined) {
      return endpoints === undefined || endpoints.skipsMirroring === true ? [] : endpointsSlices(service, endpoints);
    }
    // Endpoints have one family alone, and say nothing of the names of ports: pods of the cluster tell more.
    if (endpoints?.observed === true && !this.#evidence.hasObservedPods(namespace, service.selector))
      return endpointsSlices(service, endpoints);
    const pods = this.#lastingPods(namespace, service.selector);
    return serviceFamilies(service, this.#clusterFamilies).flatMap((family) => selectedSlices(service, family, pods));
  }

  /**
   * The pods that the selector matches. Those of a Job are there for a while only: they count where the selector means
   * them, and not where it matches what keeps running as well, with pods or without.
   */
  #lastingPods(namespace: string, selector: Labels): readonly Pod[] {
    const pods = this.#registry.podsSelectedBy(namespace, selector).filter((pod) => !isOver(pod));
    if (!this.#hasTransientPods) return pods;
    const lasting = pods.filter((pod) => !isTransient(pod));
    if (lasting.length > 0) return lasting;
    return this.#registry.workloadsSelectedBy(namespace, selector).some(isLasting) ? lasting : pods;
  }
}

function isTransient({ simulated, transient }: Pod): boolean {
  return simulated !== undefined && transient === true;
}

function isLasting({ workloadKind, inactive }: Workload): boolean {
  return workloadKind !== "Job" && inactive === undefined;
}

function endpointsSlices(service: Service, { subsets }: Endpoints): readonly EndpointSlice[] {
  return subsets
    .flatMap((subset) => {
      // Ready addresses come first.
      const mirrored = subset.endpoints.slice(0, MIRRORED_ADDRESSES_MAX);
      return FAMILIES.flatMap((family) => {
        const own = mirrored.filter(({ addresses }) => familyOf(addresses[0]!) === family);
        return own.length === 0 ? [] : [derivedSlice(service, family, own, subset.ports)];
      });
    })
    .map(numbered);
}

/** One slice for each distinct set of ports, as a named target port may differ between pods. */
function selectedSlices(service: Service, family: IpFamily, pods: readonly Pod[]): readonly EndpointSlice[] {
  const groups = new Map<string, { ports: readonly EndpointPort[]; pods: Pod[] }>();
  for (const pod of pods.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
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

/** The addresses of the annotation in place of pods; a named target port has no meaning there. */
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

/** The service's ports resolved for the pod, without those whose named target port the pod lacks. */
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
  // Object names can't contain a slash, so a written slice never has the key of a derived one.
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
