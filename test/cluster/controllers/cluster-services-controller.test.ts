import { describe, expect, test } from "vitest";
import { Cluster } from "../../../src/cluster/cluster.ts";
import type { Allocations } from "../../../src/cluster/cluster.ts";
import { objectKey } from "../../../src/objects/kube-object.ts";
import { parseCidr } from "../../../src/net/ip.ts";
import { service, workload } from "../../support/core/objects.ts";
import { originNamed, put, remove, replace } from "../../support/core/origins.ts";

function clusterOf(cidrs: string, clusterServices = true, remembered?: Allocations): Cluster {
  const serviceCidrs = cidrs.split(",").map((text) => parseCidr(text)!);
  const podCidrs = [parseCidr("10.244.0.0/16")!];
  return new Cluster({ serviceCidrs, podCidrs, simulatePods: true, clusterServices }, remembered);
}

const ipsOf = (cluster: Cluster, path: string): readonly string[] | undefined => {
  const [namespace, name] = path.split("/") as [string, string];
  return cluster.registry.service(namespace, name)?.clusterIPs;
};
const LIVE = originNamed("live", { source: "kubernetes", isControlled: false });

describe("what every cluster has", () => {
  test("its addresses are the first and the tenth of the first range of each family", () => {
    const cluster = clusterOf("10.96.0.0/12,fd00:10:96::/112");
    cluster.apply([]);
    expect(ipsOf(cluster, "default/kubernetes")).toEqual(["10.96.0.1", "fd00:10:96::1"]);
    expect(ipsOf(cluster, "kube-system/kube-dns")).toEqual(["10.96.0.10", "fd00:10:96::a"]);
    for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"])
      expect(cluster.registry.hasNamespace(name)).toBe(true);
    expect([cluster.problems(), cluster.allocations().clusterIps]).toEqual([[], new Map()]);
  });

  test("without the option the namespaces are there alone", () => {
    const cluster = clusterOf("10.96.0.0/12", false);
    cluster.apply([]);
    expect(ipsOf(cluster, "default/kubernetes")).toBeUndefined();
    expect(cluster.registry.hasNamespace("kube-system")).toBe(true);
  });

  test("a service of the manifests wins, and gives the name back", () => {
    const cluster = clusterOf("10.96.0.0/12");
    const own = service("kube-system/kube-dns", { clusterIPs: ["10.96.0.99"] });
    cluster.apply([put(own)]);
    expect(cluster.registry.service("kube-system", "kube-dns")).toBe(own);
    expect(cluster.problems()).toEqual([]);
    cluster.apply([remove(objectKey(own))]);
    expect(ipsOf(cluster, "kube-system/kube-dns")).toEqual(["10.96.0.10"]);
    // Its last address is kept for the service of the manifests, as that of any other service.
    expect(cluster.allocations().clusterIps).toEqual(new Map([["kube-system/kube-dns", ["10.96.0.99"]]]));
  });

  test("an address that a service asks for is that service's, at once and later", () => {
    const asking = service("a/web", { clusterIPs: ["10.96.0.1"] });
    for (const early of [true, false]) {
      const cluster = clusterOf("10.96.0.0/12");
      cluster.apply(early ? [put(asking)] : []);
      if (!early) cluster.apply([put(asking)]);
      expect(ipsOf(cluster, "a/web")).toEqual(["10.96.0.1"]);
      expect(ipsOf(cluster, "default/kubernetes")).toEqual([]);
      expect(cluster.problems()).toEqual([]);
      cluster.apply([remove(objectKey(asking))]);
      cluster.apply([put(service("a/other"))]);
      expect(ipsOf(cluster, "default/kubernetes")).toEqual(["10.96.0.1"]);
    }
  });

  test("a range without a tenth address gives kube-dns none, and no problem", () => {
    const cluster = clusterOf("10.96.0.0/30");
    cluster.apply([put(service("a/web"))]);
    expect([ipsOf(cluster, "default/kubernetes"), ipsOf(cluster, "a/web")]).toEqual([["10.96.0.1"], ["10.96.0.2"]]);
    expect(ipsOf(cluster, "kube-system/kube-dns")).toEqual([]);
    expect(cluster.problems()).toEqual([]);
  });

  test("what an earlier run gave another service is not taken from it", () => {
    const remembered = { clusterIps: new Map([["a/web", ["10.96.0.10"]]]), podIps: new Map() };
    const cluster = clusterOf("10.96.0.0/12", true, remembered);
    cluster.apply([put(service("a/web"))]);
    expect(ipsOf(cluster, "a/web")).toEqual(["10.96.0.10"]);
    expect(ipsOf(cluster, "kube-system/kube-dns")).toEqual([]);
  });

  test("a live cluster has its own, as long as it holds anything", () => {
    const cluster = clusterOf("10.96.0.0/12");
    cluster.apply([put(service("a/web"))]);
    cluster.apply([replace([workload("a/w")], LIVE)]);
    expect(ipsOf(cluster, "default/kubernetes")).toBeUndefined();
    cluster.apply([replace([], LIVE)]);
    expect(ipsOf(cluster, "default/kubernetes")).toEqual(["10.96.0.1"]);
  });
});
