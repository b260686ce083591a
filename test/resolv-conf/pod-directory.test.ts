import { describe, expect, test } from "vitest";
import type { Pod } from "../../src/objects/kube-object.ts";
import { parseObject } from "../../src/objects/parse-object.ts";
import { PodDirectory } from "../../src/resolv-conf/pod-directory.ts";

function pod(name: string, ip: string, more: { spec?: object; phase?: string; namespace?: string } = {}): Pod {
  const { spec = {}, phase = "Running", namespace = "shop" } = more;
  const input = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec, status: { podIP: ip, phase } };
  const { object } = parseObject(input, { namespace: "default", locate: () => undefined });
  if (object?.kind !== "Pod") throw new Error("no pod");
  return object;
}

const SHOP = ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"];

describe("the pod at an address", () => {
  test.each<[what: string, pods: readonly Pod[], searches: readonly string[] | undefined]>([
    ["no pod", [], undefined],
    ["a pod", [pod("a", "10.244.0.5")], SHOP],
    [
      "its dnsConfig",
      [pod("a", "10.244.0.5", { spec: { dnsConfig: { searches: ["corp.example"] } } })],
      [...SHOP, "corp.example"],
    ],
    ["on the host's network", [pod("a", "10.244.0.5", { spec: { hostNetwork: true } })], undefined],
    ["with the node's DNS", [pod("a", "10.244.0.5", { spec: { dnsPolicy: "Default" } })], undefined],
    [
      "a pod that has ended, and its successor",
      [pod("a", "10.244.0.5", { phase: "Succeeded" }), pod("b", "10.244.0.5")],
      SHOP,
    ],
    ["two pods with one address", [pod("a", "10.244.0.5"), pod("b", "10.244.0.5", { namespace: "other" })], undefined],
  ])("%s", (_, pods, searches) => {
    const directory = new PodDirectory("cluster.local");
    directory.apply(pods.map((after) => ({ after })));
    expect(directory.searchesOf("10.244.0.5")).toEqual(searches);
  });

  test("follows changes", () => {
    const directory = new PodDirectory("cluster.local");
    const [first, moved] = [pod("a", "10.244.0.5"), pod("a", "10.244.0.6")];
    directory.apply([{ after: first }]);
    directory.apply([{ before: first, after: moved }]);
    expect([directory.searchesOf("10.244.0.5"), directory.searchesOf("10.244.0.6")]).toEqual([undefined, SHOP]);
    directory.apply([{ before: moved }]);
    expect(directory.searchesOf("10.244.0.6")).toBeUndefined();
  });
});
