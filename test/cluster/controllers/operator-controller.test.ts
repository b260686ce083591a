import { expect, test } from "vitest";
import { Cluster } from "../../../src/cluster/cluster.ts";
import { parseObject } from "../../../src/objects/parse-object.ts";
import { objectKey } from "../../../src/objects/kube-object.ts";
import { parseCidr } from "../../../src/net/ip.ts";
import { service } from "../../support/core/objects.ts";
import { originNamed, put, remove } from "../../support/core/origins.ts";

function clusterOf(): Cluster {
  const [serviceCidrs, podCidrs] = ["10.96.0.0/12", "10.244.0.0/16"].map((text) => [parseCidr(text)!]);
  return new Cluster({ serviceCidrs: serviceCidrs!, podCidrs: podCidrs!, simulatePods: true, clusterServices: false });
}

const rabbit = (replicas: number) =>
  parseObject(
    { apiVersion: "rabbitmq.com/v1beta1", kind: "RabbitmqCluster", metadata: { name: "mq" }, spec: { replicas } },
    { namespace: "a", locate: () => undefined },
  ).object!;
const podsOf = (cluster: Cluster): readonly string[] =>
  [...cluster.registry.objects()]
    .filter(({ kind }) => kind === "Pod")
    .map(({ name }) => name)
    .toSorted();

test("services and pods are there as long as the resource is", () => {
  const cluster = clusterOf();
  cluster.apply([put(rabbit(2))]);
  expect(podsOf(cluster)).toEqual(["mq-server-0", "mq-server-1"]);
  const before = cluster.registry.service("a", "mq")!.clusterIPs;
  expect(before).toHaveLength(1);
  cluster.apply([put(rabbit(1))]);
  expect(podsOf(cluster)).toEqual(["mq-server-0"]);
  expect(cluster.registry.service("a", "mq")!.clusterIPs).toEqual(before);
  cluster.apply([remove(objectKey(rabbit(1)))]);
  expect(podsOf(cluster)).toEqual([]);
  expect(cluster.registry.service("a", "mq")).toBeUndefined();
});

test("a service of the manifests wins, with no problem", () => {
  const cluster = clusterOf();
  const own = service("a/mq", { clusterIPs: ["10.96.7.7"] });
  cluster.apply([put(rabbit(1)), put(own)]);
  expect(cluster.registry.service("a", "mq")).toBe(own);
  expect(cluster.problems()).toEqual([]);
  cluster.apply([remove(objectKey(own))]);
  expect(cluster.registry.service("a", "mq")!.maker).toEqual({ kind: "RabbitmqCluster.rabbitmq.com", name: "mq" });
});

test("a live cluster has operators of its own", () => {
  const cluster = clusterOf();
  cluster.apply([put(rabbit(1), originNamed("live", { source: "kubernetes", isControlled: false }))]);
  expect(cluster.registry.service("a", "mq")).toBeUndefined();
});
