import { describe, expect, it } from "vitest";
import type { KubeObject, Service } from "../../src/objects/kube-object.ts";
import {
  clusterNameservers,
  findKubeDns,
  parseNameservers,
  readNodeResolvConf,
} from "../../src/cli/resolv-conf-input.ts";

function service(namespace: string, name: string, ...clusterIPs: string[]): Service {
  return {
    kind: "Service",
    type: "ClusterIP",
    namespace,
    name,
    headless: false,
    clusterIPs,
    ipFamilies: [],
    ports: [],
    publishNotReadyAddresses: false,
  };
}

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

  it("a text has one or several addresses", () => {
    expect(parseNameservers(["192.0.2.7, 192.0.2.8", "FD00:0::7"])).toEqual(["192.0.2.7", "192.0.2.8", "fd00::7"]);
    expect(parseNameservers(["192.0.2.7:53"])).toMatchObject({ exitCode: 2 });
  });
});

describe("the node's file", () => {
  it("is a fault if it is given and can't be read", async () => {
    expect(await readNodeResolvConf("no/such.conf")).toEqual({
      faults: ["--node-resolv-conf: can't read no/such.conf: no such file or directory"],
      exitCode: 1,
    });
  });

  it("is parsed", async () => {
    expect(await readNodeResolvConf("/dev/null")).toEqual({
      conf: { nameservers: [], searches: [], options: [] },
      problems: [],
    });
  });
});
