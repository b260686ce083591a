// The resources that the scripted API server has, and the paths that lead to them: Kubernetes API concepts, "Resource
// URIs". What is not in this table gets 404.

/** An object as manifests have it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly resourceVersion?: string;
  readonly uid?: string;
  readonly creationTimestamp?: string;
  readonly [field: string]: unknown;
}

/** A collection of the API, such as services. */
export interface Resource {
  /** Empty: the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly isNamespaced: boolean;
  /** What field selectors know beside the name and the namespace. */
  readonly fields: readonly string[];
}

const core = { group: "", version: "v1", isNamespaced: true };
export const RESOURCES: readonly Resource[] = [
  {
    ...core,
    plural: "namespaces",
    singular: "namespace",
    kind: "Namespace",
    shortNames: ["ns"],
    isNamespaced: false,
    fields: ["status.phase"],
  },
  {
    ...core,
    plural: "pods",
    singular: "pod",
    kind: "Pod",
    shortNames: ["po"],
    fields: ["spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase", "status.podIP"],
  },
  {
    ...core,
    plural: "services",
    singular: "service",
    kind: "Service",
    shortNames: ["svc"],
    fields: ["spec.clusterIP", "spec.type"],
  },
  {
    group: "discovery.k8s.io",
    version: "v1",
    plural: "endpointslices",
    singular: "endpointslice",
    kind: "EndpointSlice",
    shortNames: [],
    isNamespaced: true,
    fields: [],
  },
];

/** What a path names: a collection, or one object of it. */
export interface Target {
  readonly resource: Resource;
  /** Undefined: the collection of all namespaces, or a resource without namespaces. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** The API version of a resource as objects write it: `v1`, `discovery.k8s.io/v1`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The resource of an object; throws for a kind that the server has not. */
export function resourceOf({ apiVersion, kind }: Pick<KubernetesObject, "apiVersion" | "kind">): Resource {
  const found = RESOURCES.find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion);
  if (found === undefined) throw new Error(`the scripted API server has no ${apiVersion} ${kind}`);
  return found;
}

/** Undefined for a path that names no resource. */
export function parsePath(path: string): Target | undefined {
  const [, prefix, rest] = /^\/(api\/v1|apis\/[^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
  if (prefix === undefined || rest === undefined) return undefined;
  const [group, version] = prefix === "api/v1" ? ["", "v1"] : prefix.split("/").slice(1);
  const find = (plural: string | undefined, isNamespaced?: boolean): Resource | undefined =>
    RESOURCES.find(
      (resource) =>
        resource.group === group &&
        resource.version === version &&
        resource.plural === plural &&
        (isNamespaced === undefined || resource.isNamespaced === isNamespaced),
    );
  const parts = rest.split("/");
  const inNamespace = parts[0] === "namespaces" && parts.length > 2 ? find(parts[2], true) : undefined;
  const resource = inNamespace ?? find(parts[0]);
  if (resource === undefined) return undefined;
  const namespace = inNamespace === undefined ? undefined : parts[1];
  const [name, subresource, ...more] = parts.slice(inNamespace === undefined ? 1 : 3);
  // One object of a namespace has the namespace in its path.
  if (more.length > 0 || (name !== undefined && resource.isNamespaced && namespace === undefined)) return undefined;
  return { resource, namespace, name, subresource };
}
