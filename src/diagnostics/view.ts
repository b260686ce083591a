// The registry as the rules look at it: services, what makes pods, and who selects whom. The template of a workload
// stands for its pods, as what is wrong with them is wrong with it. Built anew for each look; pure.
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

/** What rules have to know beside the objects. */
export interface DiagnosticSettings {
  /** Lower case, without a trailing dot. */
  readonly clusterDomain: string;
}

/** A pod that is given, or the template that a workload makes its pods from. */
export interface PodSource {
  readonly object: Pod | Workload;
  readonly labels: Labels;
  readonly spec: PodSpec;
  /** Where in the object `spec` stands. */
  readonly path: FieldPath;
  /** What the pods have: a StatefulSet gives its own. */
  readonly subdomain: string | undefined;
}

const ANYWHERE = "";

export class DiagnosticView {
  readonly settings: DiagnosticSettings;
  readonly registry: Registry;
  readonly services: readonly Service[];
  readonly endpoints: readonly Endpoints[];
  /** Templates, and the pods that no workload here makes: each fault of a pod is to be told once. */
  readonly podSources: readonly PodSource[];
  readonly #sourcesByNamespace = new Map<string, PodSource[]>();
  readonly #customByNamespace = new Map<string, OtherObject[]>();
  readonly #byLabel = new LabelIndex<PodSource>();
  readonly #selectors = new LabelIndex<Service>();

  constructor(registry: Registry, settings: DiagnosticSettings) {
    this.registry = registry;
    this.settings = settings;
    const objects = [...registry.objects()].sort(byPlace);
    this.services = objects.filter((object) => object.kind === "Service");
    this.endpoints = objects.filter((object) => object.kind === "Endpoints");
    const { templates, lonePods, madePods } = readPodSources(objects);
    this.podSources = [...templates, ...lonePods];
    for (const source of this.podSources) listOf(this.#sourcesByNamespace, source.object.namespace).push(source);
    // Pods have labels that no template has: those of their ordinals and hashes.
    for (const source of [...this.podSources, ...madePods]) {
      this.#byLabel.add(source.object.namespace, source.labels, source);
      this.#byLabel.add(ANYWHERE, source.labels, source);
    }
    for (const object of objects) {
      if (object.kind === "Other" && isCustom(object)) listOf(this.#customByNamespace, object.namespace).push(object);
    }
    for (const service of this.services) {
      if (service.type !== "ExternalName" && service.selector !== undefined)
        this.#selectors.add(service.namespace, service.selector, service);
    }
  }

  /** The pods of `namespace` that the selector, of at least one pair, matches. */
  selected(namespace: string, selector: Labels): readonly PodSource[] {
    return this.#byLabel.havingAll(namespace, selector);
  }

  /** The pods of any namespace that the selector matches. */
  selectedAnywhere(selector: Labels): readonly PodSource[] {
    return this.#byLabel.havingAll(ANYWHERE, selector);
  }

  /** The services whose selector matches the pod, ExternalName ones apart. */
  servicesOf(source: PodSource): readonly Service[] {
    return this.#selectors.satisfiedBy(source.object.namespace, source.labels);
  }

  podSourcesIn(namespace: string): readonly PodSource[] {
    return this.#sourcesByNamespace.get(namespace) ?? [];
  }

  /** Objects of kinds that Kubernetes itself does not have: what they make is not known. */
  customResourcesIn(namespace: string): readonly OtherObject[] {
    return this.#customByNamespace.get(namespace) ?? [];
  }

  /** Whether the selector alone decides on the service's endpoints: nobody wrote addresses or slices for it. */
  isLedBySelector(service: Service): service is Service & { readonly selector: Labels } {
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
  readonly lonePods: readonly PodSource[];
  /** Pods that belong to one of the templates, given or simulated. */
  readonly madePods: readonly PodSource[];
} {
  const workloads = objects.filter((object) => object.kind === "Workload");
  const byKey = new Map(workloads.map((workload) => [objectKey(workload), templateSource(workload)]));
  const bySelector = new LabelIndex<PodSource>();
  for (const workload of workloads)
    bySelector.add(workload.namespace, workload.selector, byKey.get(objectKey(workload))!);
  const lonePods: PodSource[] = [];
  const madePods: PodSource[] = [];
  for (const pod of objects) {
    if (pod.kind !== "Pod") continue;
    const { namespace, labels } = pod;
    // A Deployment's pods are owned by a ReplicaSet, which manifests seldom hold.
    const template = pod.owner && (byKey.get(ownerKey(pod, pod.owner)) ?? bySelector.satisfiedBy(namespace, labels)[0]);
    if (template !== undefined) madePods.push({ ...template, labels, spec: pod });
    else lonePods.push({ object: pod, labels, spec: pod, path: ["spec"], subdomain: pod.subdomain });
  }
  // What is wrong with a Deployment's ReplicaSet is wrong with the Deployment.
  const heads = workloads.filter(({ owner, ...workload }) => !owner || !byKey.has(ownerKey(workload, owner)));
  return { templates: heads.map((workload) => byKey.get(objectKey(workload))!), lonePods, madePods };
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
