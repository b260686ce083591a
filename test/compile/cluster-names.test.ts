import { describe, expect, test } from "vitest";
import { ClusterNames, endpointLabel, fits, portLabels } from "../../src/compile/cluster-names.ts";
import type { Endpoint } from "../../src/objects/kube-object.ts";
import { AssertionError } from "../../src/std/assert.ts";
import { service } from "../support/core/objects.ts";
import { wire } from "../support/core/table.ts";

describe("ClusterNames", () => {
  const names = new ClusterNames("Cluster.Local");
  test.each<[what: string, name: Uint8Array, text: string]>([
    ["the apex", names.apex, "cluster.local."],
    ["dns-version", names.dnsVersion, "dns-version.cluster.local."],
    ["the name server", names.nameserver, "ns.dns.cluster.local."],
    ["the mailbox", names.hostmaster, "hostmaster.cluster.local."],
    ["all services", names.services, "svc.cluster.local."],
    ["all pods", names.pods, "pod.cluster.local."],
    ["a namespace's services", names.servicesOf("shop"), "shop.svc.cluster.local."],
    ["a namespace's pods", names.podsOf("shop"), "shop.pod.cluster.local."],
    ["a service", names.service(service("shop/web")), "web.shop.svc.cluster.local."],
    [
      "a known IPv4 address",
      names.knownAddress("shop", Uint8Array.from([10, 65, 46, 5])),
      "\\010\\065\\046\\005.shop.pod.cluster.local.",
    ],
    [
      "a known IPv6 address",
      names.knownAddress("shop", Uint8Array.from([0xfd, ...Array(14).fill(0), 1])),
      `\\253${"\\000".repeat(14)}\\001.shop.pod.cluster.local.`,
    ],
  ])("%s", (_, name, text) => {
    expect(name).toEqual(wire(text));
  });

  test("a domain that is no name is a fault of ours: the options have been checked", () => {
    expect(() => new ClusterNames("a..b")).toThrow(AssertionError);
  });
});

test.each([
  ["http", "TCP", "_http", "_tcp"],
  ["dns", "UDP", "_dns", "_udp"],
  ["s", "SCTP", "_s", "_sctp"],
] as const)("port %s %s", (name, protocol, ...expected) => {
  expect(portLabels(name, protocol)).toEqual(expected);
});

const endpoint = (fields: Partial<Endpoint> = {}): Endpoint => ({ addresses: [], ready: true, ...fields });
test.each<[what: string, one: Endpoint, address: string, podNames: boolean, label: string]>([
  ["IPv4", endpoint(), "10.244.1.5", false, "10-244-1-5"],
  ["IPv6", endpoint(), "fd00:10::5", false, "fd00-10--5"],
  ["an end that is no host name's", endpoint(), "fd00::", false, "fd00--0"],
  ["a beginning that is none", endpoint(), "::1", false, "0--1"],
  ["both", endpoint(), "::", false, "0--0"],
  ["a hostname hides the address", endpoint({ hostname: "web-0" }), "10.0.0.1", false, "web-0"],
  ["and the pod's name", endpoint({ hostname: "web-0", podName: "p" }), "10.0.0.1", true, "web-0"],
  ["in lower case", endpoint({ hostname: "Web-0" }), "10.0.0.1", false, "web-0"],
  ["a pod's name counts by option", endpoint({ podName: "p" }), "10.0.0.1", true, "p"],
  ["and not without", endpoint({ podName: "p" }), "10.0.0.1", false, "10-0-0-1"],
  ["a pod's name with a dot is no label", endpoint({ podName: "p.3" }), "10.0.0.1", true, "10-0-0-1"],
  ["one that is too long neither", endpoint({ podName: "p".repeat(64) }), "10.0.0.1", true, "10-0-0-1"],
  ["the longest is one", endpoint({ podName: "p".repeat(63) }), "10.0.0.1", true, "p".repeat(63)],
])("endpoint label: %s", (_, one, address, podNames, label) => {
  expect(endpointLabel(one, address, podNames)).toBe(label);
});

test.each([
  [255, true],
  [256, false],
])("a name of %i bytes fits: %s", (size, isFit) => {
  expect(fits(new Uint8Array(size))).toBe(isFit);
});
