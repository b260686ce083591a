import { describe, expect, it } from "vitest";
import type { PodDnsConfig } from "../../src/objects/kube-object.ts";
import type { PodResolvConfInput } from "../../src/resolv-conf/pod-resolv-conf.ts";
import { podResolvConf, usesClusterDns } from "../../src/resolv-conf/pod-resolv-conf.ts";
import type { ResolvConf } from "../../src/resolv-conf/resolv-conf.ts";
import { formatResolvConf } from "../../src/resolv-conf/resolv-conf.ts";

const node: ResolvConf = {
  nameservers: ["192.0.2.1", "192.0.2.2"],
  searches: ["example.com", "corp.example.com"],
  options: ["timeout:1", "rotate"],
};

type PodPart = PodResolvConfInput["pod"];

const plainPod: PodPart = { namespace: "shop", dnsPolicy: "ClusterFirst", hostNetwork: false };

function resolvConfOf(pod: Partial<PodPart>, rest: Partial<PodResolvConfInput> = {}): ReturnType<typeof podResolvConf> {
  const input = { clusterDomain: "cluster.local", clusterNameservers: ["10.96.0.10"], node, ...rest };
  return podResolvConf({ ...input, pod: { ...plainPod, ...pod } });
}

function dnsConfig(part: Partial<PodDnsConfig>): PodDnsConfig {
  return { nameservers: [], searches: [], options: [], ...part };
}

const clusterFirst = [
  "nameserver 10.96.0.10",
  "search shop.svc.cluster.local svc.cluster.local cluster.local example.com corp.example.com",
  "options ndots:5",
];
const nodesOwn = [
  "nameserver 192.0.2.1",
  "nameserver 192.0.2.2",
  "search example.com corp.example.com",
  "options timeout:1 rotate",
];

describe("podResolvConf", () => {
  const full = dnsConfig({
    nameservers: ["10.96.0.10", "192.0.2.9"],
    searches: ["svc.cluster.local", "my.test"],
    options: [{ name: "ndots", value: "2" }, { name: "edns0" }, { name: "single-request", value: "" }],
  });
  const cases: readonly (readonly [string, Partial<PodPart>, readonly string[]])[] = [
    ["ClusterFirst", {}, clusterFirst],
    [
      "ClusterFirst in another namespace",
      { namespace: "b" },
      [clusterFirst[0]!, clusterFirst[1]!.replace("shop", "b"), clusterFirst[2]!],
    ],
    ["ClusterFirst on the host's network", { hostNetwork: true }, nodesOwn],
    [
      "ClusterFirstWithHostNet on the host's network",
      { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" },
      clusterFirst,
    ],
    ["ClusterFirstWithHostNet without it", { dnsPolicy: "ClusterFirstWithHostNet" }, clusterFirst],
    ["Default", { dnsPolicy: "Default" }, nodesOwn],
    [
      "None",
      { dnsPolicy: "None", dnsConfig: full },
      [
        "nameserver 10.96.0.10",
        "nameserver 192.0.2.9",
        "search svc.cluster.local my.test",
        "options ndots:2 edns0 single-request",
      ],
    ],
    [
      "None on the host's network",
      { dnsPolicy: "None", hostNetwork: true, dnsConfig: dnsConfig({ nameservers: ["192.0.2.9"] }) },
      ["nameserver 192.0.2.9"],
    ],
    [
      "ClusterFirst with dnsConfig",
      { dnsConfig: full },
      [
        "nameserver 10.96.0.10",
        "nameserver 192.0.2.9",
        "search shop.svc.cluster.local svc.cluster.local cluster.local example.com corp.example.com my.test",
        "options ndots:2 edns0 single-request",
      ],
    ],
    [
      "Default with dnsConfig",
      {
        dnsPolicy: "Default",
        dnsConfig: dnsConfig({ nameservers: ["192.0.2.2"], options: [{ name: "timeout", value: "3" }] }),
      },
      [
        "nameserver 192.0.2.1",
        "nameserver 192.0.2.2",
        "search example.com corp.example.com",
        "options timeout:3 rotate",
      ],
    ],
    ["an empty dnsConfig", { dnsConfig: dnsConfig({}) }, clusterFirst],
  ];
  it.each(cases)("%s", (_name, pod, lines) => {
    const { conf, warnings } = resolvConfOf(pod);
    expect(formatResolvConf(conf)).toBe(`${lines.join("\n")}\n`);
    expect(warnings).toEqual([]);
  });

  it("joins the cluster's search list with the node's without duplicates", () => {
    const { conf } = resolvConfOf(
      {},
      { clusterDomain: "k8s.test", node: { ...node, searches: ["k8s.test", "a.test", "svc.k8s.test"] } },
    );
    expect(conf.searches).toEqual(["shop.svc.k8s.test", "svc.k8s.test", "k8s.test", "a.test"]);
  });

  it.each([
    ["None without dnsConfig", { dnsPolicy: "None" }],
    ["Default on a node without nameservers", { dnsPolicy: "Default" }],
  ] as const)("warns when there is no nameserver: %s", (_name, pod) => {
    const { warnings } = resolvConfOf(pod, { node: { nameservers: [], searches: [], options: [] } });
    expect(warnings.map((warning) => warning.code)).toEqual(["resolv-conf-no-nameserver"]);
  });
});

describe("limits", () => {
  const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `d${i}.test`);

  it("keeps 3 nameservers, and the warning has the rest", () => {
    const servers = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
    const { conf, warnings } = resolvConfOf({ dnsConfig: dnsConfig({ nameservers: servers }) });
    expect(conf.nameservers).toEqual(["10.96.0.10", "192.0.2.1", "192.0.2.2"]);
    expect(warnings.map((warning) => warning.message)).toEqual(["nameservers cut to 3: left out 192.0.2.3 192.0.2.4"]);
    expect(resolvConfOf({ dnsConfig: dnsConfig({ nameservers: servers.slice(0, 2) }) }).warnings).toEqual([]);
  });

  it("keeps 32 search domains", () => {
    const { conf, warnings } = resolvConfOf({}, { node: { ...node, searches: numbered(31) } });
    expect(conf.searches).toHaveLength(32);
    expect(conf.searches.at(-1)).toBe("d28.test");
    expect(warnings.map((warning) => warning.message)).toEqual([
      "search list cut to 32 domains: left out d29.test d30.test",
    ]);
    expect(resolvConfOf({}, { node: { ...node, searches: numbered(29) } }).warnings).toEqual([]);
  });

  it("drops a domain of more than 253 characters, which still counts as one of the 32", () => {
    const fits = "x".repeat(253);
    const tooLong = "y".repeat(254);
    const { conf, warnings } = resolvConfOf({}, { node: { ...node, searches: [fits, tooLong, ...numbered(28)] } });
    expect(conf.searches).toHaveLength(31);
    expect(conf.searches).toContain(fits);
    expect(conf.searches.at(-1)).toBe("d26.test");
    expect(warnings.map((warning) => warning.message)).toEqual([
      "search list cut to 32 domains: left out d27.test",
      `search list cut to domains of 253 characters: left out ${tooLong}`,
    ]);
  });

  it("keeps a search list of 2048 characters, including spaces", () => {
    // Eight domains of 252 and their seven spaces are 2023 characters: 24 more, with a space, are the limit.
    const long = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(252));
    const { searches, warnings } = searchesOf([...long, "f".repeat(24)]);
    expect(searches.join(" ")).toHaveLength(2048);
    expect(warnings).toEqual([]);

    const over = searchesOf([...long, "f".repeat(25), "g"]);
    expect(over.searches).toEqual(long);
    expect(over.warnings).toEqual([`search list cut to 2048 characters: left out ${"f".repeat(25)} g`]);
  });

  function searchesOf(searches: readonly string[]): { searches: readonly string[]; warnings: readonly string[] } {
    const { conf, warnings } = resolvConfOf({ dnsPolicy: "Default" }, { node: { ...node, searches } });
    return { searches: conf.searches, warnings: warnings.map((warning) => warning.message) };
  }
});

describe("usesClusterDns", () => {
  it.each([
    ["ClusterFirst", false, true],
    ["ClusterFirst", true, false],
    ["ClusterFirstWithHostNet", false, true],
    ["ClusterFirstWithHostNet", true, true],
    ["Default", false, false],
    ["None", false, false],
  ] as const)("%s, hostNetwork %s: %s", (dnsPolicy, hostNetwork, expected) => {
    expect(usesClusterDns({ dnsPolicy, hostNetwork })).toBe(expected);
  });
});
