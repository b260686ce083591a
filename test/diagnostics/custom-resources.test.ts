import { expect, test } from "vitest";
import { mayHavePods, selectsPodsOf } from "../../src/diagnostics/custom-resources.ts";
import type { OtherObject } from "../../src/objects/kube-object.ts";
import { labels } from "../support/core/objects.ts";

const resource = (apiVersion: string, otherKind: string): OtherObject => ({
  kind: "Other",
  namespace: "shop",
  name: "main",
  apiVersion,
  otherKind,
});

test.each([
  ["v1", "ConfigMap", false],
  ["networking.k8s.io/v1", "Ingress", false],
  ["cert-manager.io/v1", "Certificate", false],
  ["acme.cert-manager.io/v1", "Order", false],
  ["monitoring.coreos.com/v1", "ServiceMonitor", false],
  ["monitoring.coreos.com/v1", "Prometheus", true],
  ["networking.istio.io/v1", "VirtualService", false],
  ["argoproj.io/v1alpha1", "Application", false],
  ["argoproj.io/v1alpha1", "Rollout", true],
  ["elasticsearch.k8s.elastic.co/v1", "Elasticsearch", true],
  ["postgresql.cnpg.io/v1", "Cluster", true],
])("%s %s may have pods: %j", (apiVersion, kind, expected) => {
  expect(mayHavePods(resource(apiVersion, kind))).toBe(expected);
});

test.each([
  ["postgresql.cnpg.io/v1", "cnpg.io/cluster=main", true],
  ["kafka.strimzi.io/v1", "strimzi.io/name=main-kafka", true],
  ["elasticsearch.k8s.elastic.co/v1", "elasticsearch.k8s.elastic.co/cluster-name=main", true],
  ["monitoring.coreos.com/v1", "prometheus=main", true],
  ["postgresql.cnpg.io/v1", "cnpg.io/cluster=other", false],
  ["postgresql.cnpg.io/v1", "app=main", false],
  ["postgresql.cnpg.io/v1", "app.kubernetes.io/name=main", false],
  ["things.kubernetes.io/v1", "app.kubernetes.io/name=main", false],
])("%s: %s selects its pods: %j", (apiVersion, selector, expected) => {
  expect(selectsPodsOf(resource(apiVersion, "Thing"), labels(selector))).toBe(expected);
});
