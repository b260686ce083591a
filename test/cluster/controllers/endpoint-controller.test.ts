import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPodFromCluster, objectKey } from "../../../src/objects/kube-object.ts";
import type {
  EndpointPort,
  Endpoints,
  EndpointSlice,
  IpFamily,
  KubeObject,
  Labels,
  Pod,
  Service,
} from "../../../src/objects/kube-object.ts";
import { EndpointController } from "../../../src/cluster/controllers/endpoint-controller.ts";
import type { Change } from "../../../src/cluster/change.ts";
import { runAtOnce } from "../../../src/std/sliced.ts";
import { put, remove } from "../../support/core/origins.ts";
import { Registry } from "../../../src/cluster/registry.ts";
import {
  endpointPort,
  endpoints,
  externalName,
  labels,
  pod,
  port,
  service,
  slice,
  workload,
} from "../../support/core/objects.ts";
import { batches, FAMILIES } from "../../support/core/universe.ts";

/** One address behind a service, as text: what the slices say, however they are cut. */
function line(
  address: string,
  ready: boolean,
  hostname: string | undefined,
  podName: string | undefined,
  ports: readonly EndpointPort[],
): string {
  const portTexts = ports.map(({ name, protocol, port: number }) => `${name}:${protocol}:${number}`);
  return [address, ready ? "ready" : "unready", hostname ?? "-", podName ?? "-", ...portTexts].join(" ");
}

function sliceLines(slices: readonly EndpointSlice[]): readonly string[] {
  return slices
    .flatMap((each) =>
      each.endpoints.flatMap((one) =>
        one.addresses.map((ip) => line(ip, one.ready, one.hostname, one.podName, each.ports)),
      ),
    )
    .toSorted();
}

class Control {
  readonly registry = new Registry();
  readonly #controller: EndpointController;
  readonly #written = new Set<KubeObject>();

  constructor(families: readonly IpFamily[] = FAMILIES) {
    this.#controller = new EndpointController(this.registry, families);
  }

  publish(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.type === "put") this.#written.add(change.object);
      if (change.type === "replace") for (const object of change.objects) this.#written.add(object);
    }
    this.registry.apply(runAtOnce(this.#controller.reconcile(this.registry.apply(changes))));
  }

  put(...objects: readonly KubeObject[]): this {
    this.publish(objects.map((object) => put(object)));
    return this;
  }

  remove(...objects: readonly KubeObject[]): this {
    this.publish(objects.map((object) => remove(objectKey(object))));
    return this;
  }

  /** The slices that nobody has written. */
  derived(path = "a/web"): readonly EndpointSlice[] {
    const [ns, name] = path.split("/") as [string, string];
    return [...this.registry.slicesOf(ns, name)].filter((each) => !this.#written.has(each));
  }

  lines(path = "a/web"): readonly string[] {
    return sliceLines(this.derived(path));
  }
}

const APP = labels("app=1");
const ready = (name: string, fields: Partial<Pod> = {}): Pod =>
  pod(`a/${name}`, { labels: APP, ips: ["10.0.0.1"], ...fields });
const web = (fields: Partial<Service> = {}): Service =>
  service("a/web", { selector: APP, clusterIPs: ["10.96.0.1"], ...fields });

describe("endpoints of a selector", () => {
  test.each<[what: string, service: Service, pods: readonly Pod[], lines: readonly string[]]>([
    ["a ready pod", web(), [ready("p")], ["10.0.0.1 ready - p"]],
    ["a pod that is not ready", web(), [ready("p", { ready: false })], ["10.0.0.1 unready - p"]],
    [
      "not ready, published all the same",
      web({ publishNotReadyAddresses: true }),
      [ready("p", { ready: false })],
      ["10.0.0.1 ready - p"],
    ],
    [
      "phases",
      web(),
      ["Running", "Pending", "Unknown", "", "Succeeded", "Failed"].map((phase) =>
        ready(`p-${phase.toLowerCase()}x`, { phase }),
      ),
      [
        "10.0.0.1 ready - p-pendingx",
        "10.0.0.1 ready - p-runningx",
        "10.0.0.1 ready - p-unknownx",
        "10.0.0.1 ready - p-x",
      ],
    ],
    ["no address yet", web(), [ready("p", { ips: [] })], []],
    ["another namespace", web(), [pod("b/p", { labels: APP, ips: ["10.0.0.1"] })], []],
    ["one label of two", web({ selector: labels("app=1,tier=2") }), [ready("p")], []],
    ["more labels than asked", web(), [ready("p", { labels: labels("app=1,tier=2") })], ["10.0.0.1 ready - p"]],
    [
      "a hostname counts in its own subdomain only",
      web(),
      [
        ready("p", { hostname: "h", subdomain: "web" }),
        ready("q", { hostname: "h", subdomain: "db" }),
        ready("r", { hostname: "h" }),
      ],
      ["10.0.0.1 ready - q", "10.0.0.1 ready - r", "10.0.0.1 ready h p"],
    ],
    [
      "families of the service",
      web({ clusterIPs: ["10.96.0.1"] }),
      [ready("p", { ips: ["fd00::1", "10.0.0.1"] })],
      ["10.0.0.1 ready - p"],
    ],
    [
      "both families",
      web({ ipFamilies: ["IPv6", "IPv4"] }),
      [ready("p", { ips: ["10.0.0.1", "fd00::1"] })],
      ["10.0.0.1 ready - p", "fd00::1 ready - p"],
    ],
    ["the family that the pod lacks", web({ ipFamilies: ["IPv6"] }), [ready("p")], []],
    ["the first address of a family", web(), [ready("p", { ips: ["10.0.0.1", "10.0.0.2"] })], ["10.0.0.1 ready - p"]],
    [
      "headless, the cluster's first family",
      web({ clusterIPs: [], headless: true }),
      [ready("p", { ips: ["fd00::1", "10.0.0.1"] })],
      ["10.0.0.1 ready - p"],
    ],
    [
      "a target port by number",
      web({ ports: [port("http", 80, 8080)] }),
      [ready("p")],
      ["10.0.0.1 ready - p http:TCP:8080"],
    ],
    [
      "a target port by name, pod by pod",
      web({ ports: [port("http", 80, "web"), port("m", 90)] }),
      [
        ready("p", { namedPorts: [endpointPort("web", 1)] }),
        ready("q", { namedPorts: [endpointPort("web", 2)] }),
        ready("r"),
      ],
      [
        "10.0.0.1 ready - p http:TCP:1 m:TCP:90",
        "10.0.0.1 ready - q http:TCP:2 m:TCP:90",
        "10.0.0.1 ready - r m:TCP:90",
      ],
    ],
    [
      "a target port of the other protocol is another port",
      web({ ports: [port("dns", 53, "dns", "UDP")] }),
      [
        ready("p", { namedPorts: [endpointPort("dns", 1), endpointPort("dns", 2, "UDP")] }),
        ready("q", { namedPorts: [endpointPort("dns", 1)] }),
      ],
      ["10.0.0.1 ready - p dns:UDP:2", "10.0.0.1 ready - q"],
    ],
    ["ExternalName selects nothing", { ...externalName("a/web", "b.c"), selector: APP }, [ready("p")], []],
  ])("%s", (_, given, pods, lines) => {
    expect(new Control().put(given, ...pods).lines()).toEqual(lines);
    // In either order, one by one.
    const late = new Control().put(...pods);
    expect(late.lines()).toEqual([]);
    expect(late.put(given).lines()).toEqual(lines);
    const early = new Control().put(given);
    for (const each of pods) early.put(each);
    expect(early.lines()).toEqual(lines);
    expect(early.remove(...pods).lines()).toEqual([]);
  });

  test("a written slice counts beside the selected pods, and Endpoints do not", () => {
    const control = new Control().put(
      web(),
      ready("p"),
      slice("a/s", { serviceName: "web", endpoints: [{ addresses: ["10.0.0.9"], ready: true }] }),
    );
    control.put(endpoints("a/web", [{ endpoints: [{ addresses: ["10.0.0.8"], ready: true }], ports: [] }]));
    expect(control.lines()).toEqual(["10.0.0.1 ready - p"]);
    expect([...control.registry.slicesOf("a", "web")]).toHaveLength(2);
  });

  test("slices of a cluster count alone, and else Endpoints of a cluster", () => {
    const own = { ...endpoints("a/web", [{ endpoints: [{ addresses: ["10.0.0.8"], ready: true }], ports: [] }]) };
    const control = new Control().put(web(), ready("p"), slice("a/s", { serviceName: "web", observed: true }));
    expect(control.lines()).toEqual([]);
    control.put({ ...own, observed: true });
    expect(control.lines()).toEqual([]);
    control.remove(slice("a/s"), ready("p"));
    expect(control.lines()).toEqual(["10.0.0.8 ready - -"]);
    expect(control.put(ready("p")).lines()).toEqual(["10.0.0.1 ready - p"]);
    control.remove(ready("p"));
    expect(control.put(own).lines()).toEqual([]);
  });

  const job = (name: string): Pod =>
    ready(name, { ips: ["10.0.0.2"], transient: true, simulated: "template", owner: { kind: "Job", name: "j" } });
  const idle = workload("a/web", { replicas: 0, selector: APP });

  test.each<[what: string, objects: readonly KubeObject[], lines: readonly string[]]>([
    ["alone", [job("j")], ["10.0.0.2 ready - j"]],
    ["beside a pod that keeps running", [job("j"), ready("p")], ["10.0.0.1 ready - p"]],
    ["beside one that is over", [job("j"), ready("p", { phase: "Succeeded" })], ["10.0.0.2 ready - j"]],
    ["beside a Deployment that has none", [job("j"), idle], []],
    ["beside a hook", [job("j"), { ...idle, inactive: "hook" }], ["10.0.0.2 ready - j"]],
    ["beside another Job", [job("j"), { ...idle, workloadKind: "Job" }], ["10.0.0.2 ready - j"]],
  ])("a Job's pod %s", (_, objects, lines) => {
    expect(new Control().put(web(), ...objects).lines()).toEqual(lines);
    const stepwise = new Control();
    for (const each of [...objects, web()]) stepwise.put(each);
    expect(stepwise.lines()).toEqual(lines);
    stepwise.remove(...objects.slice(1));
    expect(stepwise.lines()).toEqual(["10.0.0.2 ready - j"]);
  });

  test("a Job's pod of a cluster counts as any other", () => {
    const { simulated: _, ...real } = job("j");
    expect(new Control().put(web(), real, ready("p")).lines()).toEqual(["10.0.0.1 ready - p", "10.0.0.2 ready - j"]);
  });
});

describe("endpoints without a selector", () => {
  const plain = service("a/web", { clusterIPs: ["10.96.0.1"] });
  const given = endpoints("a/web", [
    {
      endpoints: [
        { addresses: ["10.0.0.1"], ready: true, hostname: "h" },
        { addresses: ["fd00::1"], ready: true },
      ],
      ports: [endpointPort("http", 80)],
    },
    { endpoints: [{ addresses: ["10.0.0.2"], ready: false }], ports: [] },
  ]);
  const lines = ["10.0.0.1 ready h - http:TCP:80", "10.0.0.2 unready - -", "fd00::1 ready - - http:TCP:80"];
  const written = slice("a/s", { serviceName: "web" });

  test("are those of the Endpoints object, of both families", () => {
    const control = new Control(["IPv4"]).put(plain, given);
    expect(control.lines()).toEqual(lines);
    for (const each of control.derived()) {
      expect(
        each.endpoints.every(({ addresses }) => addresses[0]!.includes(":") === (each.addressType === "IPv6")),
      ).toBe(true);
    }
    expect(control.remove(given).lines()).toEqual([]);
  });

  test("count beside written slices, and not beside those of a cluster", () => {
    const control = new Control().put(plain, given);
    expect(control.put(written).lines()).toEqual(lines);
    expect(control.put({ ...written, observed: true }).lines()).toEqual([]);
    expect(control.remove(written).lines()).toEqual(lines);
    expect(new Control().put({ ...written, observed: true }, given, plain).lines()).toEqual([]);
  });

  test("are none where the Endpoints are not for mirroring", () => {
    expect(new Control().put(plain, { ...given, skipsMirroring: true }).lines()).toEqual([]);
  });

  test("are at most a thousand of a subset, ready ones first", () => {
    const ips = (from: number, count: number): readonly string[] =>
      Array.from({ length: count }, (_, i) => `10.${from}.${i >> 8}.${i & 255}`);
    const all = [
      ...ips(1, 900).map((ip) => ({ addresses: [ip], ready: true })),
      ...ips(2, 900).map((ip) => ({ addresses: [ip], ready: false })),
    ];
    const control = new Control().put(plain, endpoints("a/web", [{ endpoints: all, ports: [] }]));
    expect(control.lines()).toHaveLength(1_000);
    expect(control.lines().filter((one) => one.includes(" ready "))).toHaveLength(900);
  });

  test("change when the service takes a selector or goes", () => {
    const control = new Control().put(plain, given, ready("p"));
    expect(control.put(web()).lines()).toEqual(["10.0.0.1 ready - p"]);
    expect(control.put(plain).lines()).toEqual(lines);
    expect(control.put(externalName("a/web", "b.c")).lines()).toEqual([]);
    expect(control.put(plain).lines()).toEqual(lines);
    expect(control.remove(plain).lines()).toEqual([]);
  });

  test("an Endpoints object without a service has none", () => {
    expect(new Control().put(given).lines()).toEqual([]);
  });
});

/** Which addresses stand behind a service by the rules, found by looking at every object. */
function modelLines(objects: readonly KubeObject[], each: Service): readonly string[] {
  if (each.type === "ExternalName") return [];
  const isOwn = (object: KubeObject): boolean => object.namespace === each.namespace;
  const isV6 = (ip: string): boolean => ip.includes(":");
  const ofCluster = objects.some(
    (one) => one.kind === "EndpointSlice" && isOwn(one) && one.serviceName === each.name && one.observed,
  );
  if (ofCluster) return [];
  const own = objects.filter((one) => one.kind === "Endpoints").find((one) => isOwn(one) && one.name === each.name);
  const ofEndpoints = ({ subsets }: Endpoints): readonly string[] =>
    subsets
      .flatMap(({ endpoints: all, ports }) =>
        all.map((one) => line(one.addresses[0]!, one.ready, one.hostname, one.podName, ports)),
      )
      .toSorted();
  if (each.selector === undefined) {
    return own === undefined || own.skipsMirroring ? [] : ofEndpoints(own);
  }
  const selectsPods = objects.some(
    (one) =>
      one.kind === "Pod" &&
      isOwn(one) &&
      isPodFromCluster(one) &&
      one.ips.length > 0 &&
      [...each.selector!].every(([key, value]) => one.labels.get(key) === value),
  );
  if (own?.observed && !selectsPods) return ofEndpoints(own);
  const wantsBoth = each.ipFamilyPolicy?.endsWith("DualStack") ?? false;
  const byIps = each.clusterIPs.map((ip) => (isV6(ip) ? "IPv6" : "IPv4"));
  const written = each.ipFamilies.length > 0 ? each.ipFamilies : byIps.length > 0 ? byIps : ["IPv4"];
  const families = wantsBoth ? [...written, ...FAMILIES] : written;
  const isLasting = (one: Pod): boolean => one.simulated === undefined || !one.transient;
  const selects = (pairs: Labels): boolean => [...each.selector!].every(([key, value]) => pairs.get(key) === value);
  const hasLasting = objects.some(
    (one) =>
      isOwn(one) &&
      ((one.kind === "Pod" && isLasting(one) && selects(one.labels) && !["Succeeded", "Failed"].includes(one.phase)) ||
        (one.kind === "Workload" &&
          one.workloadKind !== "Job" &&
          one.inactive === undefined &&
          selects(one.template.labels))),
  );
  const lines: string[] = [];
  for (const object of objects) {
    if (object.kind !== "Pod" || !isOwn(object) || ["Succeeded", "Failed"].includes(object.phase)) continue;
    if (!selects(object.labels) || (hasLasting && !isLasting(object))) continue;
    const ports = each.ports.flatMap(({ name, protocol, targetPort }): EndpointPort[] => {
      if (typeof targetPort === "number") return [{ name, protocol, port: targetPort }];
      const found = object.namedPorts.filter((one) => one.name === targetPort && one.protocol === protocol)[0];
      return found === undefined ? [] : [{ name, protocol, port: found.port }];
    });
    const hostname = object.subdomain === each.name ? object.hostname : undefined;
    for (const family of new Set(families)) {
      const ip = object.ips.filter((one) => isV6(one) === (family === "IPv6"))[0];
      if (ip !== undefined)
        lines.push(line(ip, object.ready || each.publishNotReadyAddresses, hostname, object.name, ports));
    }
  }
  return lines.toSorted();
}

test("any changes end with the endpoints that a look at every object gives", () => {
  fc.assert(
    fc.property(batches, (all) => {
      const control = new Control();
      for (const batch of all) {
        control.publish(batch);
        const objects = [...control.registry.objects()].filter((object) => !object.name.includes("/"));
        for (const object of objects) {
          if (object.kind !== "Service") continue;
          expect(control.lines(`${object.namespace}/${object.name}`)).toEqual(modelLines(objects, object));
        }
        // None is left behind by a service that went.
        const slices = [...control.registry.objects()].filter(
          (object) => object.kind === "EndpointSlice" && object.name.includes("/"),
        );
        for (const each of slices) {
          expect(
            each.kind === "EndpointSlice" && control.registry.service(each.namespace, each.serviceName),
          ).toBeTruthy();
          expect(Object.isFrozen(each)).toBe(true);
        }
      }
    }),
    { numRuns: 150 },
  );
});
