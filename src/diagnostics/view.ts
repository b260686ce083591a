// A view of the registry for the rules: services, pod sources, and which selector matches which pods. The template of a
// workload represents its pods, because it is the place of their faults. Built once per run of the rules; pure.
import type { FieldPath } from "../objects/field.ts";
import type {
  EndpointSlice,
  Endpoints,
  KubeObject,
  Labels,
  OtherObject,
  Owner,
  Pod,
  PodSpec,
  Service,
  Workload,
} from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Place } from "../objects/problem.ts";
import type { Reference } from "../objects/references/reference.ts";
import { mayHavePods } from "./custom-resources.ts";
import { LabelIndex } from "../cluster/label-index.ts";
import type { Registry } from "../cluster/registry.ts";

/** The settings of the rules. */
export interface DiagnosticSettings {
  /** Lower case, without a trailing dot. */
  readonly clusterDomain: string;
  /** The namespace of objects that name none. */
  readonly namespace?: string;
}

/** What the rules need beside the registry. */
export interface DiagnosticInput {
  readonly references?: readonly Reference[];
  /** The keys of custom resources that ask for pods. */
  readonly askingForPods?: ReadonlySet<string>;
  /** The keys of objects that are not used, as they have faults of their own. */
  readonly unused?: ReadonlySet<string>;
}

/** A pod of the manifests, or the pod template of a workload. */
export interface PodSource {
  readonly object: Pod | Workload;
  readonly labels: Labels;
  readonly spec: PodSpec;
  /** The path of `spec` in the object. */
  readonly path: FieldPath;
  /** The subdomain of the pods; a StatefulSet sets its `serviceName`. */
  readonly subdomain: string | undefined;
}

/** Endpoints, or a slice by hand, of a service that does not exist. */
export interface OrphanEndpoints {
  readonly object: Endpoints | EndpointSlice;
  /** The name of the service. */
  readonly target: string;
}

const ANYWHERE = "";

export class DiagnosticView {
  readonly settings: DiagnosticSettings;
  readonly registry: Registry;
  readonly services: readonly Service[];
  readonly endpoints: readonly Endpoints[];
  /** Templates, and pods without a template here: each fault of a pod is reported once. */
  readonly podSources: readonly PodSource[];
  readonly #sourcesByNamespace = new Map<string, PodSource[]>();
  /** The references of the objects that are used, not of other versions of them. */
  readonly references: readonly Reference[];
  readonly #servicesByNamespace: ReadonlyMap<string, readonly Service[]>;
  readonly #askingForPods: ReadonlySet<string>;
  readonly #unused: ReadonlySet<string>;
  /** Namespaces with endpoints that are not used, for a fault or because they name no service. */
  readonly #unusedEndpoints: Set<string>;
  /** Namespaces with pods or workloads that are not used, for a fault. */
  readonly #unusedPods: ReadonlySet<string>;
  readonly #orphansByNamespace = new Map<string, OrphanEndpoints[]>();
  readonly #operatorResources = new Map<string, OtherObject[]>();
  readonly #byLabel = new LabelIndex<PodSource>();
  readonly #selectors = new LabelIndex<Service>();

  constructor(
    registry: Registry,
    settings: DiagnosticSettings,
    { references = [], askingForPods = new Set(), unused = new Set() }: DiagnosticInput = {},
  ) {
    this.registry = registry;
    this.#askingForPods = askingForPods;
    this.#unused = unused;
    this.#unusedEndpoints = new Set(namespacesOf(unused, /^Endpoint(?:s|Slice) ([^/]+)\//));
    this.#unusedPods = new Set(namespacesOf(unused, /^(?:Pod|\w+Set|Deployment|ReplicationController|Job) ([^/]+)\//));
    this.settings = settings;
    const objects = [...registry.objects()].sort(byPlace);
    // What is in no source has no place for a fault.
    this.services = objects.filter((object) => object.kind === "Service").filter(({ simulated }) => !simulated);
    this.endpoints = objects.filter((object) => object.kind === "Endpoints");
    const { templates, madeTemplates, standalonePods, templatePods } = readPodSources(objects);
    this.podSources = [...templates, ...standalonePods];
    for (const source of this.podSources) listOf(this.#sourcesByNamespace, source.object.namespace).push(source);
    // Pods have labels that their template lacks: ordinals and hashes.
    for (const source of [...this.podSources, ...madeTemplates, ...templatePods]) {
      this.#byLabel.add(source.object.namespace, source.labels, source);
      this.#byLabel.add(ANYWHERE, source.labels, source);
    }
    for (const object of objects) {
      // What the operator of a known kind makes is in the registry.
      if (object.kind === "Other" && object.makes === undefined && mayHavePods(object))
        listOf(this.#operatorResources, object.namespace).push(object);
      if (object.kind === "EndpointSlice" && object.serviceName === "") this.#unusedEndpoints.add(object.namespace);
      const orphan = orphanOf(object, registry);
      if (orphan !== undefined && !this.isUnusedService(object.namespace, orphan.target))
        listOf(this.#orphansByNamespace, object.namespace).push(orphan);
    }
    const allServices = objects.filter((object) => object.kind === "Service");
    this.#servicesByNamespace = Map.groupBy(allServices, ({ namespace }) => namespace);
    this.references = references.filter(({ object, place }) => isPlaceOf(registry.given(object), place));
    for (const service of allServices) {
      if (service.type !== "ExternalName" && service.selector !== undefined)
        this.#selectors.add(service.namespace, service.selector, service);
    }
  }

  /** The pods of `namespace` that the selector matches; it has at least one pair. */
  selected(namespace: string, selector: Labels): readonly PodSource[] {
    return this.#byLabel.havingAll(namespace, selector);
  }

  /** The pods of any namespace that the selector matches. */
  selectedAnywhere(selector: Labels): readonly PodSource[] {
    return this.#byLabel.havingAll(ANYWHERE, selector);
  }

  /** The services whose selector matches the pod, without ExternalName services. */
  servicesOf(source: PodSource): readonly Service[] {
    return this.#selectors.satisfiedBy(source.object.namespace, source.labels);
  }

  podSourcesIn(namespace: string): readonly PodSource[] {
    return this.#sourcesByNamespace.get(namespace) ?? [];
  }

  /** All custom resources for which an operator may create pods and services. */
  get operatorResources(): readonly OtherObject[] {
    return [...this.#operatorResources.values()].flat();
  }

  /** Whether the custom resource has a number of pods or storage in its spec. */
  asksForPods(key: string): boolean {
    return this.#askingForPods.has(key);
  }

  /** Custom resources for which an operator may create pods and services. */
  operatorResourcesIn(namespace: string): readonly OtherObject[] {
    return this.#operatorResources.get(namespace) ?? [];
  }

  /** All services of the namespace, those that an operator makes too. */
  servicesIn(namespace: string): readonly Service[] {
    return this.#servicesByNamespace.get(namespace) ?? [];
  }

  /** Whether the manifests have the service, with a fault for which it is not used. */
  isUnusedService(namespace: string, name: string): boolean {
    return this.#unused.has(`Service ${namespace}/${name}`);
  }

  /** Whether the namespace has Endpoints or slices with a fault for which they are not used. */
  hasUnusedEndpoints(namespace: string): boolean {
    return this.#unusedEndpoints.has(namespace);
  }

  /** Whether the namespace has pods or workloads with a fault for which they are not used. */
  hasUnusedPods(namespace: string): boolean {
    return this.#unusedPods.has(namespace);
  }

  /** Endpoints and slices by hand of services that do not exist. */
  orphanEndpoints(namespace: string): readonly OrphanEndpoints[] {
    return this.#orphansByNamespace.get(namespace) ?? [];
  }

  /** The namespaces with services or with endpoints of no service. */
  get namespaces(): readonly string[] {
    return [...new Set([...this.#servicesByNamespace.keys(), ...this.#orphansByNamespace.keys()])];
  }

  /** Whether all endpoints of the service come from its selector, and none from an annotation or a slice by hand. */
  hasOnlySelectedEndpoints(service: Service): service is Service & { readonly selector: Labels } {
    if (service.type === "ExternalName" || service.selector === undefined || service.addresses !== undefined)
      return false;
    for (const slice of this.registry.slicesOf(service.namespace, service.name)) {
      if (slice.isDerived !== true) return false;
    }
    return true;
  }
}

function namespacesOf(keys: ReadonlySet<string>, pattern: RegExp): readonly string[] {
  return [...keys].flatMap((key) => pattern.exec(key)?.[1] ?? []);
}

function readPodSources(objects: readonly KubeObject[]): {
  readonly templates: readonly PodSource[];
  /** Of workloads that an operator would make, in which nobody can correct a fault. */
  readonly madeTemplates: readonly PodSource[];
  readonly standalonePods: readonly PodSource[];
  /** The pods of the templates, from manifests or simulated. */
  readonly templatePods: readonly PodSource[];
} {
  const workloads = objects.filter((object) => object.kind === "Workload");
  const byKey = new Map(workloads.map((workload) => [objectKey(workload), templateSource(workload)]));
  const bySelector = new LabelIndex<PodSource>();
  for (const workload of workloads)
    bySelector.add(workload.namespace, workload.selector, byKey.get(objectKey(workload))!);
  const standalonePods: PodSource[] = [];
  const templatePods: PodSource[] = [];
  for (const pod of objects) {
    if (pod.kind !== "Pod") continue;
    const { namespace, labels } = pod;
    // The owner of a Deployment's pods is a ReplicaSet, which is seldom in the manifests.
    const template = pod.owner && (byKey.get(ownerKey(pod, pod.owner)) ?? bySelector.satisfiedBy(namespace, labels)[0]);
    if (template !== undefined) templatePods.push({ ...template, labels, spec: pod });
    else standalonePods.push({ object: pod, labels, spec: pod, path: ["spec"], subdomain: pod.subdomain });
  }
  // A fault in the ReplicaSet of a Deployment is a fault in the Deployment.
  const topLevel = workloads.filter(({ owner, ...workload }) => !owner || !byKey.has(ownerKey(workload, owner)));
  const sourcesOf = (some: readonly Workload[]): readonly PodSource[] =>
    some.map((workload) => byKey.get(objectKey(workload))!);
  const [made, given] = [topLevel.filter(({ maker }) => maker), topLevel.filter(({ maker }) => !maker)];
  return { templates: sourcesOf(given), madeTemplates: sourcesOf(made), standalonePods, templatePods };
}

function ownerKey({ namespace }: { readonly namespace: string }, { kind, name }: Owner): string {
  return `${kind} ${namespace}/${name}`;
}

function templateSource(workload: Workload): PodSource {
  const { template, workloadKind, serviceName } = workload;
  const subdomain = workloadKind === "StatefulSet" ? serviceName : template.subdomain;
  const path = ["spec", "template", "spec"];
  return { object: workload, labels: template.labels, spec: template, path, subdomain };
}

function orphanOf(object: KubeObject, registry: Registry): OrphanEndpoints | undefined {
  if (object.kind !== "Endpoints" && (object.kind !== "EndpointSlice" || object.isDerived === true)) return undefined;
  // A leader election writes its leader into Endpoints, for no service.
  if (object.kind === "Endpoints" && object.skipsMirroring === true) return undefined;
  const target = object.kind === "Endpoints" ? object.name : object.serviceName;
  return target === "" || registry.service(object.namespace, target) !== undefined ? undefined : { object, target };
}

/** Whether the object is at the place; both may come from another thread. */
function isPlaceOf(object: KubeObject | undefined, place: Place | undefined): boolean {
  const other = object?.place;
  return other?.file === place?.file && other?.line === place?.line && other?.column === place?.column;
}

/** The order of files and lines; objects without a place come first. */
export function byPlace(a: KubeObject, b: KubeObject): number {
  const [p, q] = [a.place, b.place];
  if (p === undefined || q === undefined) return Number(p === undefined) - Number(q === undefined);
  if (p.file !== q.file) return p.file < q.file ? -1 : 1;
  return p.line - q.line || p.column - q.column;
}

function listOf<V>(lists: Map<string, V[]>, key: string): V[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
