import { describe, expect, test } from "vitest";
import { Cluster } from "../../src/cluster/cluster.ts";
import type { Allocations } from "../../src/cluster/cluster.ts";
import { parseObject } from "../../src/objects/parse-object.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { Registry } from "../../src/cluster/registry.ts";
import { originNamed, put, replace } from "../support/core/origins.ts";
import { parseCidr } from "../../src/net/ip.ts";

const settings = {
  serviceCidrs: [parseCidr("10.96.0.0/12")!],
  podCidrs: [parseCidr("10.244.0.0/16")!],
  simulatePods: true,
};

function parsed(input: object): KubeObject {
  return parseObject(input, { namespace: "default", locate: () => undefined }).object!;
}

const labels = { app: "web" };
const DEPLOYMENT = parsed({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "c" }] } },
  },
});
const SERVICE = parsed({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { selector: labels, ports: [{ port: 80 }] },
});

const service = (name: string, clusterIP?: string): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...(clusterIP !== undefined && { clusterIP }) },
});

function run(
  change: Partial<typeof settings> = {},
  remembered?: Allocations,
): { registry: Registry; allocations: Allocations } {
  const cluster = new Cluster({ ...settings, ...change }, remembered);
  cluster.apply([replace([DEPLOYMENT, SERVICE])]);
  return { registry: cluster.registry, allocations: cluster.allocations() };
}

const endpointsOf = (registry: Registry): readonly string[] =>
  [...registry.slicesOf("default", "web")].flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses));

describe("Cluster", () => {
  test("a workload has pods, its service an address, and the service the pods as endpoints", () => {
    const { registry, allocations } = run();
    expect(registry.service("default", "web")?.clusterIPs).toEqual(allocations.clusterIps.get("default/web"));
    expect(allocations.clusterIps.get("default/web")).toHaveLength(1);
    expect([...allocations.podIps.values()].flat().sort()).toEqual([...endpointsOf(registry)].sort());
    expect(endpointsOf(registry)).toHaveLength(2);
  });

  test("what an earlier run gave out is kept", () => {
    const remembered = { clusterIps: new Map([["default/web", ["10.97.98.99"]]]), podIps: new Map() };
    expect(run({}, remembered).registry.service("default", "web")?.clusterIPs).toEqual(["10.97.98.99"]);
  });

  test("without simulated pods there are none, and what was remembered of them is not forgotten", () => {
    const remembered = { clusterIps: new Map(), podIps: new Map([["default/web-0", ["10.244.0.9"]]]) };
    const { registry, allocations } = run({ simulatePods: false }, remembered);
    expect(endpointsOf(registry)).toEqual([]);
    expect(allocations.podIps).toEqual(remembered.podIps);
  });

  test("apply returns what the changes and the controllers changed, once each", () => {
    const cluster = new Cluster(settings);
    const differences = cluster.apply([replace([DEPLOYMENT, SERVICE])]);
    const kinds = differences.map(({ after }) => after!.kind);
    expect(kinds).toEqual(["Workload", "Service", "Pod", "Pod", "Service", "EndpointSlice"]);
    expect(cluster.apply([replace([DEPLOYMENT, SERVICE])])).toEqual([]);
  });

  test("problems are those of the controllers and of objects that two origins hold", () => {
    const cluster = new Cluster({ ...settings, serviceCidrs: [parseCidr("10.96.0.0/31")!] });
    const [one, two] = ["one", "two"].map((name) => parsed(service(name)));
    cluster.apply([replace([one!, two!]), put(one!, originNamed("second"))]);
    expect(cluster.problems().map(({ code, object }) => `${code} ${object}`)).toEqual([
      "cluster-ips-exhausted Service default/one",
      "cluster-ips-exhausted Service default/two",
      "duplicate-object Service default/one",
    ]);
  });
});

describe("objects of a live cluster", () => {
  const LIVE = originNamed("live", { source: "kubernetes", isControlled: false });

  test("are left as they are: no pods, no addresses, no endpoints are made for them", () => {
    const cluster = new Cluster(settings);
    cluster.apply([replace([DEPLOYMENT, SERVICE], LIVE)]);
    expect(endpointsOf(cluster.registry)).toEqual([]);
    expect(cluster.registry.service("default", "web")).toBe(SERVICE);
    expect(cluster.registry.count("Pod")).toBe(0);
    expect(cluster.allocations()).toEqual({ clusterIps: new Map(), podIps: new Map() });
  });

  test("keep their addresses from services of manifests", () => {
    const cluster = new Cluster(settings);
    const taken = "10.96.7.7";
    const live = parsed(service("live", taken));
    cluster.apply([replace([parsed(service("written", taken))]), replace([live], LIVE)]);
    expect(cluster.registry.service("default", "live")).toBe(live);
    expect(cluster.registry.service("default", "written")!.clusterIPs).not.toEqual([taken]);
    expect(cluster.problems().map(({ code, object }) => `${code} ${object}`)).toEqual([
      "cluster-ip-taken Service default/written",
    ]);
  });

  test("keep them too where an annotation names other addresses", () => {
    const cluster = new Cluster(settings);
    const taken = "10.96.7.7";
    const annotations = { "cluster-dns/addresses": "192.0.2.10" };
    const live = parsed({ ...service("live", taken), metadata: { name: "live", annotations } });
    cluster.apply([replace([parsed(service("written", taken))]), replace([live], LIVE)]);
    expect(cluster.registry.service("default", "live")!.clusterIPs).toEqual([taken]);
    expect(cluster.registry.service("default", "written")!.clusterIPs).not.toEqual([taken]);
  });

  test("two of them may have one address: when one is gone, it is still the other's", () => {
    const cluster = new Cluster(settings);
    const taken = "10.96.7.7";
    const [one, two] = ["one", "two"].map((name) => parsed(service(name, taken)));
    cluster.apply([replace([one!, two!], LIVE)]);
    cluster.apply([replace([two!], LIVE)]);
    cluster.apply([replace([parsed(service("written", taken))])]);
    expect(cluster.registry.service("default", "written")!.clusterIPs).not.toEqual([taken]);
  });

  test("are acted on again once manifests hold them, and no more once they do not", () => {
    const cluster = new Cluster(settings);
    const manifests = originNamed("manifests", { precedence: 1 });
    cluster.apply([replace([DEPLOYMENT, SERVICE], LIVE)]);
    cluster.apply([replace([{ ...DEPLOYMENT }, { ...SERVICE }], manifests)]);
    expect(endpointsOf(cluster.registry)).toHaveLength(2);
    cluster.apply([replace([], manifests)]);
    expect(endpointsOf(cluster.registry)).toEqual([]);
    expect(cluster.registry.count("Pod")).toBe(0);
  });
});
