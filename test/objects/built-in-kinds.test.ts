import { expect, test } from "vitest";
import { CLUSTER_SCOPED, isUnknownKind, meantKind } from "../../src/objects/built-in-kinds.ts";

const READ = ["Service", "Pod", "Deployment", "Job", "EndpointSlice", "Endpoints", "Namespace"];
const meant = (apiVersion: string, kind: string): string | undefined => {
  const found = meantKind(apiVersion, kind, (name) => READ.includes(name));
  return found && `${found.apiVersion} ${found.kind}`;
};

test.each([
  ["v1", "service", "v1 Service"],
  ["v1", "Services", "v1 Service"],
  ["V1", "Service", "v1 Service"],
  ["", "SERVICE", "v1 Service"],
  ["apps/v1", "Service", "v1 Service"],
  ["networking.k8s.io/v1", "Service", "v1 Service"],
  ["v1", "Deployment", "apps/v1 Deployment"],
  ["app/v1", "Deployment", "apps/v1 Deployment"],
  ["apps/v1", "Deploymnet", "apps/v1 Deployment"],
  ["discovery.k8s.io", "EndpointSlices", "discovery.k8s.io/v1 EndpointSlice"],
  ["discovery.k8s.oi/v1", "EndpointSlice", "discovery.k8s.io/v1 EndpointSlice"],
  ["discovery.k8.io/v1", "EndpointSlice", "discovery.k8s.io/v1 EndpointSlice"],
  ["k8s.io/v1", "Service", "v1 Service"],
  ["apps.k8s.io/v1", "Deployment", "apps/v1 Deployment"],
  ["v1", "endpoint", "v1 Endpoints"],
  ["batch/v1beta1", "Job", "batch/v1 Job"],
  ["v1", "configmap", "v1 ConfigMap"],
])("%s %s is %s", (apiVersion, kind, expected) => {
  expect(meant(apiVersion, kind)).toBe(expected);
});

test.each([
  ["serving.knative.dev/v1", "Service"],
  ["kafka.strimzi.io/v1", "Kafka"],
  ["batch.volcano.sh/v1alpha1", "Job"],
  ["gateway.networking.k8s.io/v1", "GatewayClass"],
  ["networking.k8s.io/v1", "Ingress"],
  ["extensions/v1beta1", "Ingress"],
  ["v1", "ConfigMap"],
  ["multicluster.x-k8s.io/v1alpha1", "Service"],
  ["metrics.k8s.io/v1beta1", "PodMetrics"],
  ["v1", "Config"],
  ["v1", "Template"],
  ["v1", "DeploymentConfig"],
  ["v1", "Route"],
  ["v1", "ServiceList"],
  ["rbac.authorization.k8s.io/v1", "Role"],
  ["kustomize.config.k8s.io/v1beta1", "Kustomization"],
  ["apps/v1", "constructor"],
])("%s %s may be what it says", (apiVersion, kind) => {
  expect(meant(apiVersion, kind)).toBeUndefined();
});

test("the scopes of kinds", () => {
  for (const kind of ["Node", "PersistentVolume", "ClusterRole", "GatewayClass"])
    expect(CLUSTER_SCOPED.has(kind)).toBe(true);
  for (const kind of ["Role", "ConfigMap", "Pod"]) expect(CLUSTER_SCOPED.has(kind)).toBe(false);
});

test.each([
  ["v1", "Svc", true],
  ["apps/v1", "Deploy", true],
  ["apps/v1beta2", "Web", true],
  ["apps/v1", "constructor", true],
  ["v1", "Service", false],
  ["v1", "PodList", false],
  ["v1", "List", false],
  ["v1", "Config", false],
  ["v1", "DeploymentConfig", false],
  ["", "Svc", false],
  ["serving.knative.dev/v1", "Svc", false],
  ["networking.k8s.io/v1", "ClusterCIDR", false],
])("%s %s is unknown: %s", (apiVersion, kind, expected) => {
  expect(isUnknownKind(apiVersion, kind)).toBe(expected);
});
