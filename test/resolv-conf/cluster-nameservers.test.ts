import { describe, expect, it } from "vitest";
import type { KubeObject, Service } from "../../src/objects/kube-object.ts";
import { clusterNameservers, findKubeDns } from "../../src/resolv-conf/cluster-nameservers.ts";
import { service as newService } from "../support/core/objects.ts";

const service = (namespace: string, name: string, ...clusterIPs: string[]): Service =>
  newService(`${namespace}/${name}`, { clusterIPs });

const DNS_PORT = { host: "192.0.2.3", port: 53 };

describe("the cluster's name servers", () => {
  it.each<[string, readonly string[], Service | undefined, readonly string[]]>([
    ["those given", ["192.0.2.7"], service("kube-system", "kube-dns", "10.96.0.10"), ["192.0.2.7"]],
    [
      "else kube-dns, its first address",
      [],
      service("kube-system", "kube-dns", "10.96.0.10", "fd00::a"),
      ["10.96.0.10"],
    ],
    ["else where the server listens", [], service("kube-system", "kube-dns"), ["192.0.2.3"]],
    ["without a kube-dns too", [], undefined, ["192.0.2.3"]],
  ])("are %s", (_, given, kubeDns, nameservers) => {
    expect(clusterNameservers(given, [DNS_PORT], kubeDns)).toEqual({ nameservers, warnings: [] });
  });

  it("kube-dns is found by its namespace and name", () => {
    const kubeDns = service("kube-system", "kube-dns");
    const others: KubeObject[] = [service("shop", "kube-dns"), service("kube-system", "dns")];
    expect(findKubeDns(others)).toBeUndefined();
    expect(findKubeDns([...others, kubeDns])).toBe(kubeDns);
  });
});
