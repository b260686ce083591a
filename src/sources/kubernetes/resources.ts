// The resources of the API that are read, and the paths by which they are asked for. Pure.
// Kubernetes API concepts: "Resource URIs", "Field selectors", "Label selectors".

export interface Resource {
  /** As in RBAC, e.g. `services`. */
  readonly name: string;
  /** Path of the group and version. */
  readonly group: string;
  readonly apiVersion: string;
  readonly kind: string;
}

export const RESOURCES = {
  namespaces: { name: "namespaces", group: "/api/v1", apiVersion: "v1", kind: "Namespace" },
  services: { name: "services", group: "/api/v1", apiVersion: "v1", kind: "Service" },
  endpointSlices: {
    name: "endpointslices",
    group: "/apis/discovery.k8s.io/v1",
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
  },
  pods: { name: "pods", group: "/api/v1", apiVersion: "v1", kind: "Pod" },
} as const satisfies Readonly<Record<string, Resource>>;

/** A part of a resource: all of it, or what selectors leave. */
export interface Selection {
  readonly resource: Resource;
  /** Undefined: all namespaces. For namespaces themselves: the one of that name. */
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
}

/** The selections of what is to be served. */
export function selectionsOf(wanted: {
  readonly namespaces: readonly string[];
  readonly namespaceSelector: string | undefined;
  readonly serviceSelector: string | undefined;
  readonly hasPods: boolean;
}): readonly Selection[] {
  const { namespaces, namespaceSelector, serviceSelector, hasPods } = wanted;
  const { services, endpointSlices, pods } = RESOURCES;
  const resources: readonly [Resource, string | undefined][] = [
    [RESOURCES.namespaces, namespaceSelector],
    [services, serviceSelector],
    [endpointSlices, undefined],
    ...(hasPods ? [[pods, undefined] as [Resource, undefined]] : []),
  ];
  const places = namespaces.length === 0 ? [undefined] : namespaces;
  return resources.flatMap(([resource, labelSelector]) =>
    places.map((namespace) => ({ resource, namespace, labelSelector })),
  );
}

/** The path of the selection with query parameters. */
export function pathOf(
  { resource, namespace, labelSelector }: Selection,
  query: Readonly<Record<string, string>>,
): string {
  const isNamespaces = resource.name === "namespaces";
  const folder = namespace === undefined || isNamespaces ? "" : `/namespaces/${namespace}`;
  const parameters = new URLSearchParams(query);
  if (labelSelector !== undefined) parameters.set("labelSelector", labelSelector);
  if (namespace !== undefined && isNamespaces) parameters.set("fieldSelector", `metadata.name=${namespace}`);
  return `${resource.group}${folder}/${resource.name}?${parameters.toString()}`;
}
