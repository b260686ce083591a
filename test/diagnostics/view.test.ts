import { expect, test } from "vitest";
import { DiagnosticView } from "../../src/diagnostics/view.ts";
import { objectKey } from "../../src/objects/kube-object.ts";
import type { KubeObject, Labels } from "../../src/objects/kube-object.ts";
import { Registry } from "../../src/cluster/registry.ts";
import { parseManifest } from "../../src/sources/manifests/parse-manifest.ts";
import { replace } from "../support/core/origins.ts";
import { labels, other, pod, service, slice } from "../support/core/objects.ts";
import { diagnoseYaml, serviceYaml, statefulSetYaml, workloadYaml } from "../support/diagnose-yaml.ts";

function viewOf(...objects: readonly KubeObject[]): DiagnosticView {
  const registry = new Registry();
  registry.apply([replace(objects)]);
  return new DiagnosticView(registry, { clusterDomain: "cluster.local" });
}

function workload(kind: string, path: string, app: string): KubeObject {
  return parseManifest(workloadYaml(kind, path, app), { file: "a.yaml", namespace: "shop" }).objects[0]!;
}

const WEB: Labels = labels("app=web");
const keys = (sources: readonly { readonly object: KubeObject }[]): string[] =>
  sources.map(({ object }) => objectKey(object)).sort();

test("pod sources are templates and pods without one; the pods of a template are selected under its name", () => {
  const owned = { kind: "Deployment", name: "web" };
  const ofReplicaSet = { kind: "ReplicaSet", name: "web-5d4f" };
  const view = viewOf(
    workload("Deployment", "shop/web", "web"),
    pod("shop/web-1", { labels: WEB, owner: owned, simulated: "template" }),
    pod("shop/web-2", { labels: labels("app=web,pod-template-hash=5d4f"), owner: ofReplicaSet }),
    pod("shop/other-3", { labels: WEB, owner: { kind: "Rollout", name: "other" } }),
    pod("shop/lone", { labels: labels("app=lone") }),
  );
  expect(keys(view.podSources)).toEqual(["Deployment shop/web", "Pod shop/lone"]);
  expect(keys(view.selected("shop", labels("pod-template-hash=5d4f")))).toEqual(["Deployment shop/web"]);
  expect(keys(view.selected("test", WEB))).toEqual([]);
  expect(new Set(keys(view.selectedAnywhere(WEB)))).toEqual(new Set(["Deployment shop/web"]));
});

test("a ReplicaSet is a pod source unless its Deployment is one", () => {
  const replicaSet = workload("ReplicaSet", "shop/web-5d4f", "web");
  const owned = { ...replicaSet, owner: { kind: "Deployment", name: "web" } } as KubeObject;
  expect(keys(viewOf(owned).podSources)).toEqual(["ReplicaSet shop/web-5d4f"]);
  expect(keys(viewOf(owned, workload("Deployment", "shop/web", "web")).podSources)).toEqual(["Deployment shop/web"]);
});

test("a selector can match labels that the pods of a workload have and its template lacks", () => {
  const perPod = serviceYaml("db-0", "selector: { statefulset.kubernetes.io/pod-name: db-0 }");
  const never = serviceYaml("db-7", "selector: { statefulset.kubernetes.io/pod-name: db-7 }");
  expect(diagnoseYaml(statefulSetYaml("db", "db", "''"), perPod, never)).toEqual([
    "selector-no-pods Service shop/db-7 spec.selector",
  ]);
});

test.each([
  ["databases.example/v1", true],
  ["cert-manager.io/v1", false],
  ["cluster.x-k8s.io/v1beta1", false],
  ["elasticsearch.k8s.elastic.co/v1", true],
  ["v1", false],
  ["batch/v1", false],
  ["networking.k8s.io/v1", false],
  ["gateway.networking.k8s.io/v1", false],
])("an operator may create pods for a resource of %s: %j", (apiVersion, mayHavePods) => {
  const view = viewOf(other("shop/web", "Thing", apiVersion));
  expect(view.operatorResourcesIn("shop")).toHaveLength(mayHavePods ? 1 : 0);
  expect(view.operatorResourcesIn("test")).toEqual([]);
});

test.each<[title: string, expected: boolean, objects: KubeObject[]]>([
  ["a selector", true, [service("shop/web", { selector: WEB })]],
  [
    "a slice of the endpoint controller",
    true,
    [service("shop/web", { selector: WEB }), slice("shop/web", { isDerived: true })],
  ],
  ["a slice by hand", false, [service("shop/web", { selector: WEB }), slice("shop/web")]],
  ["addresses by annotation", false, [service("shop/web", { selector: WEB, addresses: ["192.0.2.1"] })]],
  ["no selector", false, [service("shop/web")]],
  ["an external name", false, [service("shop/web", { selector: WEB, type: "ExternalName" })]],
])("hasOnlySelectedEndpoints, with %s: %j", (_, expected, objects) => {
  const view = viewOf(...objects);
  expect(view.hasOnlySelectedEndpoints(view.services[0]!)).toBe(expected);
});
