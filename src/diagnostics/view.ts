// A view of the registry for the rules: services, pod sources, and which selector matches which pods. The template of a
// workload represents its pods, because it is the place of their faults. Built once per run of the rules; pure.
import type { FieldPath } from "../objects/field.ts";
import type {
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
import { LabelIndex } from "../cluster/label-index.ts";
import type { Registry } from "../cluster/registry.ts";

/** The settings of the rules. */
export interface DiagnosticSettings {
  /** Lower case, without a trailing dot. */
  readonly clusterDomain: string;
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

const ANYWHERE = "";

export class DiagnosticView {
  readonly settings: DiagnosticSettings;
  readonly registry: Registry;
  readonly services: readonly Service[];
  readonly endpoints: readonly Endpoints[];
  /** Templates, and pods without a template here: each fault of a pod is reported once. */
  readonly podSources: readonly PodSource[];
  readonly #sourcesByNamespace = new Map<string, PodSource[]>();
  readonly #customByNamespace = new Map<string, OtherObject[]>();
  readonly #byLabel = new LabelIndex<PodSource>();
  readonly #selectors = new LabelIndex<Service>();

  constructor(registry: Registry, settings: DiagnosticSettings) {
    this.registry = registry;
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
      if (object.kind === "Other" && isCustom(object)) listOf(this.#customByNamespace, object.namespace).push(object);
    }
    for (const service of objects) {
      if (service.kind !== "Service") continue;
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

  /** Custom resources; an operator may create pods for them. */
  customResourcesIn(namespace: string): readonly OtherObject[] {
    return this.#customByNamespace.get(namespace) ?? [];
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

const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(["", "apps", "autoscaling", "batch", "extensions", "policy"]);

function isCustom({ apiVersion }: OtherObject): boolean {
  const slash = apiVersion.indexOf("/");
  const group = slash === -1 ? "" : apiVersion.slice(0, slash);
  return !BUILT_IN_GROUPS.has(group) && !/^[a-z]+\.(?:[a-z]+\.)?k8s\.io$/.test(group);
}

function byPlace(a: KubeObject, b: KubeObject): number {
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
