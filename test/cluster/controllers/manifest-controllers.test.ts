import { describe, expect, test } from "vitest";
import { manifestControllers } from "../../../src/cluster/controllers/manifest-controllers.ts";
import type { Allocations } from "../../../src/cluster/controllers/manifest-controllers.ts";
import { parseObject } from "../../../src/objects/parse-object.ts";
import type { KubeObject } from "../../../src/objects/kube-object.ts";
import { Registry } from "../../../src/cluster/registry.ts";
import { parseCidr } from "../../../src/net/ip.ts";

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
    template: { metadata: { labels }, spec: { containers: [] } },
  },
});
const SERVICE = parsed({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { selector: labels, ports: [{ port: 80 }] },
});

function run(
  change: Partial<typeof settings> = {},
  remembered?: Allocations,
): { registry: Registry; allocations: Allocations } {
  const registry = new Registry();
  const controllers = manifestControllers(registry, { ...settings, ...change }, remembered);
  const objects = [DEPLOYMENT, SERVICE];
  controllers.loop.apply([{ type: "replace", origin: "a", rank: "a", objects }]);
  return { registry, allocations: controllers.allocations() };
}

const endpointsOf = (registry: Registry): readonly string[] =>
  [...registry.slicesOf("default", "web")].flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses));

describe("manifestControllers", () => {
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
});
