import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cluster } from "../../src/cluster/cluster.ts";
import type { Allocations } from "../../src/cluster/cluster.ts";
import { parseObject } from "../../src/objects/parse-object.ts";
import { objectKey } from "../../src/objects/kube-object.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { Registry } from "../../src/cluster/registry.ts";
import { originNamed, put, remove, replace } from "../support/core/origins.ts";
import { parseCidr } from "../../src/net/ip.ts";

const settings = {
  serviceCidrs: [parseCidr("10.96.0.0/12")!],
  podCidrs: [parseCidr("10.244.0.0/16")!],
  simulatePods: true,
  clusterServices: false,
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
    const kinds = differences.map(({ after }) => after!.kind).filter((kind) => kind !== "Namespace");
    expect(kinds).toEqual(["Workload", "Service", "Pod", "Pod", "Service", "EndpointSlice"]);
    expect(cluster.apply([replace([DEPLOYMENT, SERVICE])])).toEqual([]);
  });

  test("problems are those of the controllers and of objects that two origins hold", () => {
    const cluster = new Cluster({ ...settings, serviceCidrs: [parseCidr("10.96.0.0/31")!] });
    const [one, two] = ["one", "two"].map((name) => parsed(service(name)));
    const other = parsed({ ...service("one"), spec: { ports: [{ port: 81 }] } });
    cluster.apply([replace([one!, two!]), put(other, originNamed("second"))]);
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

describe("any changes end with what the last objects give at once", () => {
  const meta = fc.record({
    name: fc.constantFrom("web", "web-0", "db"),
    uid: fc.constantFrom(undefined, undefined, "1"),
  });
  const pairs = fc.constantFrom({ app: "web" }, { app: "db" }, { app: "web", job: "yes" });
  const annotations = fc.constantFrom({}, {}, { "helm.sh/hook": "test" }, { "cluster-dns/ready": "false" });
  const pod = fc
    .tuple(meta, pairs, annotations, fc.constantFrom(undefined, undefined, { phase: "Pending" }))
    .map(([head, own, notes, status]) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...head, labels: own, annotations: notes },
      spec: { containers: [{ name: "a", image: "a" }] },
      status,
    }));
  const workloads = fc
    .tuple(
      meta,
      pairs,
      annotations,
      fc.constantFrom(
        ["apps/v1", "Deployment"],
        ["apps/v1", "StatefulSet"],
        ["batch/v1", "Job"],
        ["argoproj.io/v1alpha1", "Rollout"],
      ),
      fc.boolean(),
      fc.integer({ min: 0, max: 2 }),
    )
    .map(([head, own, notes, [apiVersion, kind], status, replicas]) => {
      const isJob = kind === "Job";
      const pods = { containers: [{ name: "a", image: "a" }], ...(isJob && { restartPolicy: "Never" }) };
      return {
        apiVersion,
        kind,
        metadata: { ...head, annotations: notes },
        spec: {
          ...(isJob ? { parallelism: replicas } : { replicas, selector: { matchLabels: own } }),
          ...(kind === "StatefulSet" && { serviceName: "web" }),
          template: { metadata: { labels: own }, spec: pods },
        },
        ...(status && { status: isJob ? { active: 1 } : { replicas: 1 } }),
      };
    });
  const reference = fc.constantFrom("never", "onsuccess").map((scaleDown) => ({
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: { name: "web" },
    spec: { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web", scaleDown } },
  }));
  const services = fc.tuple(meta, pairs, fc.boolean()).map(([head, selector, isHeadless]) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: head,
    spec: { selector, ports: [{ port: 80 }], ...(isHeadless && { clusterIP: "None" }) },
  }));
  const slices = fc.tuple(meta, fc.constantFrom("web", "db")).map(([head, name]) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...head, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["192.0.2.1"] }],
  }));
  const resources = fc.tuple(meta, fc.integer({ min: 0, max: 2 })).map(([{ name }, replicas]) => ({
    apiVersion: "rabbitmq.com/v1beta1",
    kind: "RabbitmqCluster",
    metadata: { name },
    spec: { replicas },
  }));
  const objects = fc.oneof(pod, workloads, reference, services, slices, resources).map(parsed);

  /** Every object without its address, and who stands behind each service. */
  function summary({ registry }: Cluster): readonly string[] {
    const lines = [...registry.objects()].map((object) => {
      if (object.kind === "Pod") return `${objectKey(object)} ${object.simulated} ${object.ips.length} ${object.ready}`;
      if (object.kind !== "EndpointSlice") return objectKey(object);
      const pods = object.endpoints.map(({ podName, ready }) => `${podName} ${ready}`);
      return `${objectKey(object)} ${pods.join()}`;
    });
    return lines.toSorted();
  }

  test("in pods, endpoints and services", () => {
    const steps = fc.array(fc.array(fc.tuple(fc.boolean(), objects), { minLength: 1, maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(steps, (all) => {
        const stepwise = new Cluster({ ...settings, clusterServices: true });
        const held = new Map<string, KubeObject>();
        for (const step of all) {
          for (const [isPut, object] of step) {
            if (isPut) held.set(objectKey(object), object);
            else held.delete(objectKey(object));
          }
          stepwise.apply(step.map(([isPut, object]) => (isPut ? put(object) : remove(objectKey(object)))));
          const whole = new Cluster({ ...settings, clusterServices: true });
          whole.apply([replace([...held.values()])]);
          expect(summary(stepwise)).toEqual(summary(whole));
        }
      }),
      { numRuns: 200 },
    );
  });
});
