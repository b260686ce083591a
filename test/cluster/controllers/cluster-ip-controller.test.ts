import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClusterIpController } from "../../../src/cluster/controllers/cluster-ip-controller.ts";
import { EndpointController } from "../../../src/cluster/controllers/endpoint-controller.ts";
import type { IpFamily, KubeObject, Service } from "../../../src/objects/kube-object.ts";
import { objectKey } from "../../../src/objects/kube-object.ts";
import type { Change } from "../../../src/cluster/change.ts";
import { runAtOnce } from "../../../src/std/sliced.ts";
import { put, remove, replace } from "../../support/core/origins.ts";
import { Registry } from "../../../src/cluster/registry.ts";
import { parseCidr } from "../../../src/net/ip.ts";
import { cpuTimeMs, expectMsBelow, isTimed } from "../../support/timing.ts";
import { externalName, labels, pod, port, service } from "../../support/core/objects.ts";

const FOUR = "10.96.0.0/16";
const SIX = "fd00:10:96::/112";
type Remembered = ReadonlyMap<string, readonly string[]>;

/** The registry and the controllers, joined as the server joins them. */
class Control {
  readonly registry = new Registry();
  readonly controller: ClusterIpController;
  readonly #endpoints: EndpointController;

  constructor(cidrs: readonly string[] = [FOUR], remembered?: Remembered) {
    const ranges = cidrs.map((text) => parseCidr(text)!);
    this.controller = new ClusterIpController(this.registry, ranges, remembered);
    const families = ranges.map(({ bytes }): IpFamily => (bytes.length === 4 ? "IPv4" : "IPv6"));
    this.#endpoints = new EndpointController(this.registry, [...new Set(families)]);
  }

  publish(changes: readonly Change[]): this {
    const given = this.registry.apply(changes);
    const amended = this.registry.apply(runAtOnce(this.controller.reconcile(given)));
    this.registry.apply(runAtOnce(this.#endpoints.reconcile([...given, ...amended])));
    return this;
  }

  put(...objects: readonly KubeObject[]): this {
    return this.publish(objects.map((object) => put(object)));
  }

  remove(...paths: readonly string[]): this {
    return this.publish(paths.map((path) => remove(`Service ${path}`)));
  }

  ips(path: string): readonly string[] {
    const [namespace, name] = path.split("/") as [string, string];
    return this.registry.service(namespace, name)!.clusterIPs;
  }

  get codes(): readonly string[] {
    return this.controller.problems().map(({ code, object }) => `${code} ${object}`);
  }
}

/** A service that stands in `file`, one service a line. */
function at(file: string, line: number, object: Service): Service {
  return { ...object, place: { file, line, column: 1 } };
}

const isFour = (ip: string): boolean => ip.startsWith("10.96.");
const isSix = (ip: string): boolean => ip.startsWith("fd00:10:96::");

describe("families, as the API server completes them", () => {
  test.each<[what: string, cidrs: readonly string[], fields: Partial<Service>, families: readonly IpFamily[]]>([
    ["no word", [FOUR], {}, ["IPv4"]],
    ["no word, two ranges", [FOUR, SIX], {}, ["IPv4"]],
    ["no word, IPv6 first", [SIX, FOUR], {}, ["IPv6"]],
    ["single stack", [FOUR, SIX], { ipFamilyPolicy: "SingleStack" }, ["IPv4"]],
    ["prefer", [FOUR, SIX], { ipFamilyPolicy: "PreferDualStack" }, ["IPv4", "IPv6"]],
    ["prefer, IPv6 first", [SIX, FOUR], { ipFamilyPolicy: "PreferDualStack" }, ["IPv6", "IPv4"]],
    ["prefer, one range", [FOUR], { ipFamilyPolicy: "PreferDualStack" }, ["IPv4"]],
    ["require", [FOUR, SIX], { ipFamilyPolicy: "RequireDualStack" }, ["IPv4", "IPv6"]],
    ["the other family", [FOUR, SIX], { ipFamilies: ["IPv6"] }, ["IPv6"]],
    ["the other family, single", [FOUR, SIX], { ipFamilies: ["IPv6"], ipFamilyPolicy: "SingleStack" }, ["IPv6"]],
    [
      "prefer completes what is written",
      [FOUR, SIX],
      { ipFamilies: ["IPv6"], ipFamilyPolicy: "PreferDualStack" },
      ["IPv6", "IPv4"],
    ],
    [
      "require, in the order written",
      [FOUR, SIX],
      { ipFamilies: ["IPv6", "IPv4"], ipFamilyPolicy: "RequireDualStack" },
      ["IPv6", "IPv4"],
    ],
    ["node ports", [FOUR], { type: "NodePort" }, ["IPv4"]],
    ["load balancers", [FOUR], { type: "LoadBalancer" }, ["IPv4"]],
  ])("%s", (_, cidrs, fields, families) => {
    const control = new Control(cidrs).put(service("a/web", fields));
    const given = control.registry.service("a", "web")!;
    expect(given.clusterIPs.map((ip) => (isFour(ip) ? "IPv4" : isSix(ip) ? "IPv6" : ip))).toEqual(families);
    expect(given.ipFamilies).toEqual(families);
    expect(Object.isFrozen(given)).toBe(true);
    expect(control.codes).toEqual([]);
  });

  test("what one address lacks is added to it", () => {
    const control = new Control([FOUR, SIX]).put(
      service("a/v4", { clusterIPs: ["10.96.0.50"], ipFamilyPolicy: "PreferDualStack" }),
      service("a/v6", { clusterIPs: ["fd00:10:96::50"], ipFamilyPolicy: "RequireDualStack" }),
    );
    expect(control.ips("a/v4")).toEqual(["10.96.0.50", expect.stringMatching(/^fd00:10:96::/)]);
    expect(control.ips("a/v6")).toEqual(["fd00:10:96::50", expect.stringMatching(/^10\.96\./)]);
  });

  test.each<[fields: Partial<Service>, codes: readonly string[], count: number]>([
    [{ ipFamilyPolicy: "RequireDualStack" }, ["no-second-family Service a/web"], 1],
    [{ ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv4", "IPv6"] }, ["no-second-family Service a/web"], 1],
    [{ ipFamilies: ["IPv6"] }, ["no-range-of-family Service a/web"], 0],
    [{ ipFamilies: ["IPv6", "IPv4"], ipFamilyPolicy: "PreferDualStack" }, ["no-range-of-family Service a/web"], 1],
  ])("without an IPv6 range: %j", (fields, codes, count) => {
    const control = new Control([FOUR]).put(service("a/web", fields));
    expect(control.codes).toEqual(codes);
    expect(control.ips("a/web")).toHaveLength(count);
    expect(control.put(service("a/web")).codes).toEqual([]);
  });

  test("services without cluster IPs are left as they are", () => {
    const all = [service("a/h", { headless: true }), externalName("a/x", "example.com")];
    const control = new Control().put(...all);
    for (const each of all) expect(control.registry.service("a", each.name)).toBe(each);
    expect(control.controller.allocations()).toEqual(new Map());
  });

  test("what is complete is left as it is", () => {
    const whole = service("a/web", { clusterIPs: ["10.96.0.50"] });
    expect(new Control().put(whole).registry.service("a", "web")).toBe(whole);
  });
});

describe("addresses that are written", () => {
  test("come before all others, in one load", () => {
    const home = new Control().put(service("b/web")).ips("b/web")[0]!;
    const control = new Control().put(service("b/web"), service("a/api", { clusterIPs: [home] }));
    expect(control.ips("a/api")).toEqual([home]);
    expect(control.ips("b/web")).not.toEqual([home]);
    expect(control.codes).toEqual([]);
  });

  test("give way to what runs already", () => {
    const control = new Control().put(service("b/web"));
    const [home] = control.ips("b/web");
    control.put(service("a/api", { clusterIPs: [home!] }));
    expect([control.ips("b/web"), control.ips("a/api")]).toEqual([[home], []]);
    // Who was given it has written nothing wrong.
    expect(control.codes).toEqual(["cluster-ip-taken Service a/api"]);
    control.remove("b/web");
    expect([control.ips("a/api"), control.codes]).toEqual([[home], []]);
  });

  test("outside the ranges are served, with a warning", () => {
    const all = ["172.20.0.1", "10.96.0.0", "10.96.255.255", "fd00::1", "10.96.0.1"].map((ip, i) =>
      service(`a/s${i}`, { clusterIPs: [ip] }),
    );
    const control = new Control().put(...all);
    expect(all.map(({ name }) => control.ips(`a/${name}`))).toEqual(all.map(({ clusterIPs }) => clusterIPs));
    expect(control.codes).toEqual([0, 1, 2].map((i) => `cluster-ip-out-of-range Service a/s${i}`));
    expect(control.controller.problems()[0]).toMatchObject({ severity: "warning" });
  });

  test.each([["10.96.0.50"], ["172.20.0.1"], ["fd00::1"]])("%s twice: the first place keeps it", (ip) => {
    const explicit = { clusterIPs: [ip] };
    const [first, second] = [at("a.yaml", 9, service("a/z", explicit)), at("b.yaml", 1, service("a/b", explicit))];
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const control = new Control().put(...order);
      expect([control.ips("a/z"), control.ips("a/b")]).toEqual([[ip], []]);
      const taken = control.controller.problems().filter(({ code }) => code === "cluster-ip-taken");
      expect(taken).toMatchObject([
        { severity: "error", object: "Service a/b", place: { file: "b.yaml", line: 1 } },
        { severity: "error", object: "Service a/z", place: { file: "a.yaml", line: 9 } },
      ]);
      expect(taken[0]!.message).toContain("Service a/z (a.yaml:9)");
      expect(taken[1]!.message).toContain("Service a/b (b.yaml:1)");
    }
  });

  test("twice, one after the other: who has it keeps it, also when it is edited", () => {
    const explicit = { clusterIPs: ["10.96.0.50"] };
    const control = new Control().put(at("b.yaml", 1, service("a/b", explicit)));
    control.put(at("a.yaml", 1, service("a/a", explicit)));
    expect([control.ips("a/b"), control.ips("a/a")]).toEqual([["10.96.0.50"], []]);
    control.put(at("b.yaml", 1, service("a/b", { ...explicit, ports: [port("http", 80)] })));
    expect([control.ips("a/b"), control.ips("a/a")]).toEqual([["10.96.0.50"], []]);
    control.put(at("b.yaml", 1, service("a/b", { clusterIPs: ["10.96.0.51"] })));
    expect([control.ips("a/b"), control.ips("a/a"), control.codes]).toEqual([["10.96.0.51"], ["10.96.0.50"], []]);
  });

  test("once written, stay when the line is removed", () => {
    const control = new Control().put(service("a/web", { clusterIPs: ["10.96.0.50"] })).put(service("a/web"));
    expect(control.ips("a/web")).toEqual(["10.96.0.50"]);
  });
});

describe("well-known services", () => {
  const kubernetes = service("default/kubernetes", { ipFamilyPolicy: "PreferDualStack" });
  const kubeDns = service("kube-system/kube-dns", { ipFamilyPolicy: "PreferDualStack" });

  test("have the first and the tenth address", () => {
    const control = new Control([FOUR, SIX]).put(kubernetes, kubeDns);
    expect(control.ips("default/kubernetes")).toEqual(["10.96.0.1", "fd00:10:96::1"]);
    expect(control.ips("kube-system/kube-dns")).toEqual(["10.96.0.10", "fd00:10:96::a"]);
  });

  test("unless somebody else has it, or they have another", () => {
    const control = new Control().put(
      service("a/web", { clusterIPs: ["10.96.0.10"] }),
      service("kube-system/kube-dns"),
      service("default/kubernetes", { clusterIPs: ["10.96.0.2"] }),
    );
    expect(control.ips("default/kubernetes")).toEqual(["10.96.0.2"]);
    expect(control.ips("kube-system/kube-dns")).not.toEqual(["10.96.0.10"]);
    expect(control.codes).toEqual([]);
  });

  test("have any address where the range is too small", () => {
    const control = new Control(["10.0.0.0/29"]).put(service("kube-system/kube-dns"));
    expect(control.ips("kube-system/kube-dns")).toHaveLength(1);
  });
});

test("a range that is full is told, and what is given back goes to those who wait", () => {
  const all = ["a/a", "a/b", "a/c"];
  const control = new Control(["10.0.0.0/30"]).put(...all.map((path) => service(path)));
  const missing = all.filter((path) => control.ips(path).length === 0);
  expect(control.codes).toEqual(missing.map((path) => `cluster-ips-exhausted Service ${path}`));
  expect(missing).toHaveLength(1);
  const gone = all.find((path) => !missing.includes(path))!;
  const [freed] = control.ips(gone);
  control.remove(gone);
  expect([control.ips(missing[0]!), control.codes]).toEqual([[freed], []]);
});

describe("the annotation's addresses", () => {
  const addresses = ["192.0.2.10", "192.0.2.11", "2001:db8::1"];

  test("take the place of cluster IPs, and may be the same for many", () => {
    const control = new Control().put(
      service("a/web", { addresses }),
      service("a/api", { addresses, clusterIPs: ["10.96.0.50"] }),
    );
    expect([control.ips("a/web"), control.ips("a/api"), control.codes]).toEqual([addresses, addresses, []]);
    expect(control.controller.allocations()).toEqual(new Map());
    control.put(service("a/api", { clusterIPs: ["10.96.0.50"] }));
    expect(control.ips("a/api")).toEqual(["10.96.0.50"]);
  });

  test("come and go without the service's own address moving", () => {
    const control = new Control().put(service("a/web"));
    const own = control.ips("a/web");
    expect(control.put(service("a/web", { addresses })).ips("a/web")).toEqual(addresses);
    expect(control.put(service("a/web")).ips("a/web")).toEqual(own);
  });

  test("are the ready endpoints of a headless service, in place of its pods", () => {
    const headless = service("a/db", {
      headless: true,
      addresses,
      selector: labels("app=1"),
      ports: [port("sql", 5432, 15_432), port("metrics", 9187, "metrics")],
    });
    const control = new Control().put(headless, pod("a/p", { labels: labels("app=1"), ips: ["10.244.0.1"] }));
    const slices = [...control.registry.slicesOf("a", "db")];
    expect(slices.map(({ addressType, endpoints }) => [addressType, endpoints])).toEqual([
      ["IPv4", addresses.slice(0, 2).map((ip) => ({ addresses: [ip], ready: true }))],
      ["IPv6", [{ addresses: ["2001:db8::1"], ready: true }]],
    ]);
    for (const { ports } of slices) expect(ports.map((each) => each.port)).toEqual([15_432, 9187]);
    control.put({ ...headless, addresses: ["192.0.2.12"] });
    expect([...control.registry.slicesOf("a", "db")].flatMap((slice) => slice.endpoints)).toHaveLength(1);
    const { addresses: _, ...plain } = headless;
    control.put(plain);
    const found = [...control.registry.slicesOf("a", "db")].flatMap((slice) => slice.endpoints);
    expect(found.map((each) => each.addresses)).toEqual([["10.244.0.1"]]);
  });
});

describe("a memory", () => {
  test("is the same map as long as nothing changes", () => {
    const control = new Control().put(service("a/web"));
    const allocations = control.controller.allocations();
    expect(allocations).toEqual(new Map([["a/web", control.ips("a/web")]]));
    control.put(service("a/web", { ports: [port("http", 80)] }), pod("a/p"));
    expect(control.controller.allocations()).toBe(allocations);
    control.put(service("a/api"));
    expect(control.controller.allocations()).not.toBe(allocations);
    expect(allocations.size).toBe(1);
  });

  test("counts more than a written address of another service, and less than one of its own", () => {
    const remembered = new Map([["a/web", ["10.96.7.7"]]]);
    const taken = new Control([FOUR], remembered).put(
      service("a/web"),
      service("a/api", { clusterIPs: ["10.96.7.7"] }),
    );
    expect([taken.ips("a/web"), taken.ips("a/api")]).toEqual([["10.96.7.7"], []]);
    const own = new Control([FOUR], remembered).put(service("a/web", { clusterIPs: ["10.96.8.8"] }));
    expect(own.ips("a/web")).toEqual(["10.96.8.8"]);
  });

  test("outside the ranges, of services that are gone, or twice, does no harm", () => {
    const remembered = new Map([
      ["a/out", ["172.20.0.1", "nonsense"]],
      ["a/twice", ["10.96.7.7"]],
      ["a/twin", ["10.96.7.7"]],
      ["a/gone", ["10.96.9.9"]],
    ]);
    const control = new Control([FOUR], remembered).put(
      ...["a/out", "a/twice", "a/twin"].map((path) => service(path)),
      service("a/new", { clusterIPs: ["10.96.9.9"] }),
    );
    expect(control.ips("a/out")[0]).toMatch(/^10\.96\./);
    expect(control.ips("a/twice")).toEqual(["10.96.7.7"]);
    expect(control.ips("a/twin")).not.toEqual(["10.96.7.7"]);
    expect(control.ips("a/new")).toEqual(["10.96.9.9"]);
    expect(control.codes).toEqual([]);
  });

  test("gives a service that comes back what it had", () => {
    const remembered = new Map([["a/web", ["10.96.7.7"]]]);
    const control = new Control([FOUR], remembered).put(service("a/other"));
    expect(control.put(service("a/web")).ips("a/web")).toEqual(["10.96.7.7"]);
    control.remove("a/web").put(service("a/api"));
    expect(control.put(service("a/web")).ips("a/web")).toEqual(["10.96.7.7"]);
    expect(control.put(service("a/web", { headless: true })).ips("a/web")).toEqual([]);
    expect(control.put(service("a/web")).ips("a/web")).toEqual(["10.96.7.7"]);
  });
});

// Few addresses, so that services meet: 14, and 14 of IPv6.
const CROWDED = ["10.0.0.0/28", "fd00::/124"];
const names = fc.constantFrom(..."abcdefghijkl".split(""), "kubernetes").map((name) => `default/${name}`);
const explicitIps = fc.constantFrom([], [], ["10.0.0.1"], ["10.0.0.5"], ["10.0.0.9"], ["fd00::5"], ["172.20.0.1"]);
const services = fc
  .record({
    path: names,
    clusterIPs: explicitIps,
    policy: fc.constantFrom(undefined, "SingleStack" as const, "PreferDualStack" as const),
    form: fc.constantFrom("plain", "plain", "plain", "headless", "addresses"),
  })
  .map(({ path, clusterIPs, policy, form }) =>
    service(path, {
      clusterIPs: form === "headless" ? [] : clusterIPs,
      headless: form === "headless",
      ...(policy && { ipFamilyPolicy: policy }),
      ...(form === "addresses" && { addresses: ["192.0.2.1"] }),
    }),
  );
const loads = fc.uniqueArray(services, { selector: objectKey, maxLength: 13 });
const batches = fc.array(
  fc.record({
    put: fc.uniqueArray(services, { selector: objectKey, maxLength: 4 }),
    remove: fc.uniqueArray(names, { maxLength: 3 }),
  }),
  { maxLength: 10 },
);

/** The addresses of services that have some of their own. */
function owned(control: Control): ReadonlyMap<string, readonly string[]> {
  const all = [...control.registry.objects()].filter((object) => object.kind === "Service");
  const counting = all.filter(({ headless, addresses }) => !headless && addresses === undefined);
  return new Map(counting.map((each) => [`${each.namespace}/${each.name}`, each.clusterIPs]));
}

function expectSound(control: Control): void {
  const held = [...owned(control).values()].flat();
  expect(new Set(held).size).toBe(held.length);
  for (const object of control.registry.objects()) {
    if (object.kind !== "Service" || object.headless) continue;
    if (object.addresses !== undefined) expect(object.clusterIPs).toEqual(object.addresses);
    // Whoever lacks an address is told why.
    const isTold = control.controller.problems().some((each) => each.object === objectKey(object));
    if (object.clusterIPs.length === 0) expect(isTold).toBe(true);
  }
}

describe("whatever comes", () => {
  test("the order of a load does not matter, and no address is given twice", () => {
    fc.assert(
      fc.property(loads, fc.func(fc.integer()), (all, order) => {
        const control = new Control(CROWDED).put(...all);
        expectSound(control);
        const shuffled = new Control(CROWDED).put(...[...all].sort((a, b) => order(a.name) - order(b.name)));
        expect(owned(shuffled)).toEqual(owned(control));
        expect(shuffled.controller.problems()).toEqual(control.controller.problems());
      }),
    );
  });

  test("no service moves within a run, but by what is written for it, nor over a restart with a memory", () => {
    fc.assert(
      fc.property(loads, batches, (all, steps) => {
        const control = new Control(CROWDED).put(...all);
        for (const { put: added, remove: paths } of steps) {
          const before = owned(control);
          const removed = paths.filter((path) => !added.some((object) => `default/${object.name}` === path));
          control.publish([...removed.map((path) => remove(`Service ${path}`)), ...added.map((object) => put(object))]);
          expectSound(control);
          for (const [path, ips] of owned(control)) {
            const written = added.find((object) => `default/${object.name}` === path)?.clusterIPs ?? [];
            for (const ip of before.get(path) ?? []) {
              const now = ips.find((each) => each.includes(":") === ip.includes(":"));
              const isWritten = written.some((each) => each.includes(":") === ip.includes(":"));
              // An address that nobody wrote any more and that is of no range is given up too.
              if (now !== undefined && !isWritten && ip !== "172.20.0.1") expect(now).toBe(ip);
            }
          }
        }
        const present = [...control.registry.objects()].map((object) => control.registry.given(objectKey(object))!);
        const restarted = new Control(CROWDED, control.controller.allocations()).put(...present);
        const had = owned(control);
        for (const [path, ips] of owned(restarted)) if (had.get(path)!.length > 0) expect(ips).toEqual(had.get(path));
      }),
    );
  });
});

test("60,000 services", () => {
  const objects = Array.from({ length: 60_000 }, (_, i) => service(`team-${i % 100}/s${i}`));
  const registry = new Registry();
  const given = registry.apply([replace(objects)]);
  const reconcile = (): void => {
    const controller = new ClusterIpController(registry, [parseCidr("10.96.0.0/12")!]);
    expect(runAtOnce(controller.reconcile(given))).toHaveLength(60_000);
  };
  reconcile();
  if (isTimed) expectMsBelow(cpuTimeMs(reconcile), 1000);
});
