import { describe, expect, test } from "vitest";
import { ClusterEvidence, deploymentOf } from "../../../src/cluster/controllers/cluster-evidence.ts";
import { Registry } from "../../../src/cluster/registry.ts";
import type { KubeObject } from "../../../src/objects/kube-object.ts";
import { endpoints, pod, service, slice, workload } from "../../support/core/objects.ts";
import { originNamed, replace } from "../../support/core/origins.ts";

test.each<[replicaSet: string, deployment: string | undefined]>([
  ["web-7d4b9c8f65", "web"],
  ["web-front-7d4b9c8f65", "web-front"],
  ["web", undefined],
])("a ReplicaSet %s would be of the Deployment %s", (replicaSet, deployment) => {
  expect(deploymentOf(replicaSet)).toBe(deployment);
});

function evidenceOf(objects: readonly KubeObject[], isControlled = true): ClusterEvidence {
  const registry = new Registry();
  registry.apply([replace(objects, originNamed("1", { isControlled }))]);
  return new ClusterEvidence(registry);
}

describe("endpoints of a cluster", () => {
  const web = service("a/web");
  test.each<[what: string, objects: readonly KubeObject[], slices: boolean, endpoints: boolean]>([
    ["none", [web], false, false],
    ["a slice by hand", [slice("a/s", { serviceName: "web" })], false, false],
    ["a slice of a cluster", [slice("a/s", { serviceName: "web", observed: true })], true, true],
    ["a slice of a cluster, of another service", [slice("a/s", { serviceName: "db", observed: true })], false, false],
    ["Endpoints by hand", [endpoints("a/web", [])], false, false],
    ["Endpoints of a cluster", [{ ...endpoints("a/web", []), observed: true }], false, true],
  ])("%s", (_, objects, hasSlices, hasEndpoints) => {
    const evidence = evidenceOf(objects);
    expect([evidence.hasObservedSlices(web), evidence.hasObservedEndpoints(web)]).toEqual([hasSlices, hasEndpoints]);
  });
});

describe("what is simulated", () => {
  const written = pod("a/p", { phase: "", ips: [] });
  test.each<[what: string, pod: typeof written, others: readonly KubeObject[], isSimulated: boolean]>([
    ["a pod without a status", written, [], true],
    ["a pod with a phase", { ...written, phase: "Pending" }, [], false],
    ["a pod with an address", { ...written, ips: ["10.0.0.1"] }, [], false],
    ["a pod with a uid", { ...written, observed: true }, [], false],
    ["a hook", { ...written, inactive: "hook" }, [], false],
    [
      "a pod whose owner is there",
      { ...written, owner: { kind: "Deployment", name: "web" } },
      [workload("a/web")],
      false,
    ],
    ["a pod whose owner is not there", { ...written, owner: { kind: "Deployment", name: "web" } }, [], true],
  ])("%s", (_, each, others, isSimulated) => {
    expect(evidenceOf([each, ...others]).isPodSimulated(each)).toBe(isSimulated);
    expect(evidenceOf([each, ...others], false).isPodSimulated(each)).toBe(false);
  });
});
