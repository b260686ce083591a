// Objects of a loaded cluster as an API server would have them: what controllers assigned is in them, and what only matters
// to simulation is not. For tests that serve the same cluster by manifests and by an API.
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { EndpointSlice, KubeObject, Pod, Service } from "../../src/objects/kube-object.ts";
import type { KubernetesObject } from "./api-server/resources.ts";

/** The namespaces, services, slices and pods of the cluster. */
export function liveObjects({ registry }: Cluster): readonly KubernetesObject[] {
  const objects = [...registry.objects()];
  const namespaces = new Set(objects.map(({ kind, name, namespace }) => (kind === "Namespace" ? name : namespace)));
  return [
    ...[...namespaces]
      .filter((name) => name !== "")
      .map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
    ...objects.flatMap((object) => toManifest(object) ?? []),
  ];
}

function toManifest(object: KubeObject): KubernetesObject | undefined {
  if (object.kind === "Service") return serviceManifest(object);
  if (object.kind === "EndpointSlice") return sliceManifest(object);
  return object.kind === "Pod" ? podManifest(object) : undefined;
}

function serviceManifest(service: Service): KubernetesObject {
  const { name, namespace, type, headless, clusterIPs, selector, externalName, ports } = service;
  const ips = headless ? ["None"] : clusterIPs;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: {
      type,
      ...(ips.length > 0 && { clusterIP: ips[0], clusterIPs: ips }),
      ...(selector && { selector: Object.fromEntries(selector) }),
      ...(externalName !== undefined && { externalName }),
      publishNotReadyAddresses: service.publishNotReadyAddresses,
      ports,
    },
  };
}

function sliceManifest({
  name,
  namespace,
  serviceName,
  addressType,
  endpoints,
  ports,
}: EndpointSlice): KubernetesObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      // Controllers here give names that no manifest could have.
      name: name.toLowerCase().replaceAll("/", "-"),
      namespace,
      labels: { "kubernetes.io/service-name": serviceName },
    },
    addressType,
    endpoints: endpoints.map(({ addresses, ready, hostname, podName }) => ({
      addresses,
      conditions: { ready },
      ...(hostname !== undefined && { hostname }),
      ...(podName !== undefined && { targetRef: { kind: "Pod", name: podName, namespace } }),
    })),
    ports,
  };
}

function podManifest(pod: Pod): KubernetesObject {
  const { name, namespace, labels, ips, phase, ready, hostname, subdomain } = pod;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: Object.fromEntries(labels) },
    spec: {
      ...(hostname !== undefined && { hostname }),
      ...(subdomain !== undefined && { subdomain }),
      containers: [],
    },
    status: {
      phase: phase === "" ? "Running" : phase,
      ...(ips.length > 0 && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    },
  };
}
