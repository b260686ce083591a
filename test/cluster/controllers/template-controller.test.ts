import { describe, expect, test } from "vitest";
import { Cluster } from "../../../src/cluster/cluster.ts";
import { parseObject } from "../../../src/objects/parse-object.ts";
import type { KubeObject } from "../../../src/objects/kube-object.ts";
import { objectKey } from "../../../src/objects/kube-object.ts";
import { parseCidr } from "../../../src/net/ip.ts";
import { put, remove } from "../../support/core/origins.ts";

const parsed = (input: object): KubeObject => parseObject(input, { namespace: "a", locate: () => undefined }).object!;
const deployment = (app = "web", replicas = 3): KubeObject =>
  parsed({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: "web", image: "web" }] } },
    },
  });
const rollout = (scaleDown?: string): KubeObject =>
  parsed({
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: { name: "roll" },
    spec: { replicas: 2, workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web", scaleDown } },
  });

/** The number of pods of each owner, and of those with the label `app=web`. */
function podsOf(cluster: Cluster): { readonly web: number; readonly roll: number; readonly selected: number } {
  const pods = [...cluster.registry.objects()].filter((object) => object.kind === "Pod");
  const of = (name: string): number => pods.filter(({ owner }) => owner!.name === name).length;
  return {
    web: of("web"),
    roll: of("roll"),
    selected: pods.filter(({ labels }) => labels.get("app") === "web").length,
  };
}

function clusterOf(): Cluster {
  const [serviceCidrs, podCidrs] = ["10.96.0.0/12", "10.244.0.0/16"].map((text) => [parseCidr(text)!]);
  return new Cluster({ serviceCidrs: serviceCidrs!, podCidrs: podCidrs!, simulatePods: true, clusterServices: false });
}

describe("a Rollout with the template of a Deployment", () => {
  test.each<[scaleDown: string | undefined, web: number]>([
    [undefined, 3],
    ["never", 3],
    ["onsuccess", 0],
    ["progressively", 0],
  ])("scaleDown %s leaves the Deployment %i pods, in any order", (scaleDown, web) => {
    const expected = { web, roll: 2, selected: web + 2 };
    for (const objects of [
      [deployment(), rollout(scaleDown)],
      [rollout(scaleDown), deployment()],
    ]) {
      const whole = clusterOf();
      whole.apply(objects.map((object) => put(object)));
      expect(podsOf(whole)).toEqual(expected);
      const stepwise = clusterOf();
      for (const object of objects) stepwise.apply([put(object)]);
      expect(podsOf(stepwise)).toEqual(expected);
      stepwise.apply([remove(objectKey(rollout()))]);
      expect(podsOf(stepwise)).toEqual({ web: 3, roll: 0, selected: 3 });
      stepwise.apply([put(rollout(scaleDown))]);
      expect(podsOf(stepwise)).toEqual(expected);
      stepwise.apply([remove(objectKey(deployment()))]);
      expect(podsOf(stepwise)).toEqual({ web: 0, roll: 0, selected: 0 });
    }
  });

  test("follows the Deployment", () => {
    const cluster = clusterOf();
    cluster.apply([put(deployment()), put(rollout())]);
    cluster.apply([put(deployment("other", 1))]);
    expect(podsOf(cluster)).toEqual({ web: 1, roll: 2, selected: 0 });
    cluster.apply([put(rollout("onsuccess"))]);
    expect(podsOf(cluster)).toEqual({ web: 0, roll: 2, selected: 0 });
    cluster.apply([put(rollout())]);
    expect(podsOf(cluster)).toEqual({ web: 1, roll: 2, selected: 0 });
  });
});
