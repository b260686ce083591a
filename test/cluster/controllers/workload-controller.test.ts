import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { podCount, podIdentities } from "../../../src/cluster/controllers/simulated-pods.ts";
import { WorkloadController } from "../../../src/cluster/controllers/workload-controller.ts";
import type { KubeObject, Pod, Workload } from "../../../src/objects/kube-object.ts";
import { objectKey } from "../../../src/objects/kube-object.ts";
import type { Change } from "../../../src/cluster/change.ts";
import { runAtOnce } from "../../../src/std/sliced.ts";
import { put, remove } from "../../support/core/origins.ts";
import { Registry } from "../../../src/cluster/registry.ts";
import { parseCidr } from "../../../src/net/ip.ts";
import { endpoints, labels, node, pod, service, slice, template, workload } from "../../support/core/objects.ts";

class Control {
  readonly registry = new Registry();
  readonly controller: WorkloadController;

  constructor(cidrs = "10.244.0.0/16", remembered?: ReadonlyMap<string, readonly string[]>) {
    const ranges = cidrs.split(",").map((text) => parseCidr(text)!);
    this.controller = new WorkloadController(this.registry, ranges, remembered);
  }

  /** Returns what the controller did. */
  publish(changes: readonly Change[]): readonly Change[] {
    const made = runAtOnce(this.controller.reconcile(this.registry.apply(changes)));
    this.registry.apply(made);
    return made;
  }

  put(...objects: readonly KubeObject[]): readonly Change[] {
    return this.publish(objects.map((object) => put(object)));
  }

  remove(...objects: readonly KubeObject[]): readonly Change[] {
    return this.publish(objects.map((object) => remove(objectKey(object))));
  }

  /** The simulated pods, by name. */
  pods(): readonly Pod[] {
    return [...this.registry.objects()]
      .filter((object): object is Pod => object.kind === "Pod" && object.simulated !== undefined)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  names(): readonly string[] {
    return this.pods().map(({ name }) => name);
  }

  addresses(): ReadonlyMap<string, readonly string[]> {
    return new Map(this.pods().map(({ name, ips }) => [name, ips]));
  }
}

const APP = labels("app=x");
const set = (fields: Partial<Workload> = {}): Workload =>
  workload("a/db", { workloadKind: "StatefulSet", selector: APP, replicas: 2, ...fields });
const deployment = (fields: Partial<Workload> = {}): Workload => workload("a/web", { selector: APP, ...fields });
const replicaSet = (fields: Partial<Workload> = {}): Workload =>
  workload("a/web-abc", { workloadKind: "ReplicaSet", selector: APP, ...fields });
const cronJob = (): readonly KubeObject[] => [
  workload("a/tick", { workloadKind: "CronJob", replicas: 0, inactive: "scheduled" }),
  workload("a/tick-1", { workloadKind: "Job", owner: { kind: "CronJob", name: "tick" } }),
];
const given = (name: string, fields: Partial<Pod> = {}): Pod => pod(`a/${name}`, { ips: ["10.244.7.7"], ...fields });

describe("pods that are given", () => {
  const byDeployment = { kind: "Deployment", name: "web" };
  test.each<[what: string, objects: readonly KubeObject[], simulated: number]>([
    ["none", [set()], 2],
    ["one of its own", [set(), given("p", { owner: { kind: "StatefulSet", name: "db" } })], 0],
    ["one that it selects, of no owner", [set(), given("p", { labels: APP })], 0],
    ["one that it does not select", [set(), given("p", { labels: labels("app=y") })], 2],
    ["one in another namespace", [set(), pod("b/p", { labels: APP, ips: ["10.244.7.7"] })], 2],
    [
      "one that it selects, of another owner",
      [set(), given("p", { labels: APP, owner: { kind: "Job", name: "j" } })],
      2,
    ],
    ["of its name, but another kind", [set(), given("p", { owner: { kind: "DaemonSet", name: "db" } })], 2],
    ["one without an address yet", [set(), given("p", { labels: APP, ips: [] })], 0],
    ["one that only a uid shows", [set(), given("p", { labels: APP, ips: [], phase: "", observed: true })], 0],
    ["one without a status, which runs beside them", [set(), given("p", { labels: APP, ips: [], phase: "" })], 3],
    [
      "one without a status, of an owner that is there",
      [set(), given("p", { ips: [], phase: "", owner: { kind: "StatefulSet", name: "db" } })],
      0,
    ],
    [
      "one without a status, of an owner that is not there",
      [set(), given("p", { ips: [], phase: "", owner: { kind: "StatefulSet", name: "other" } })],
      3,
    ],
    ["one without a status, that is a hook", [set(), given("p", { ips: [], phase: "", inactive: "hook" })], 2],
    ["a set whose first pod is not ready", [set({ template: template({ labels: APP, ready: false }) })], 1],
    [
      "the same, where no pod waits for another",
      [set({ parallel: true, template: template({ labels: APP, ready: false }) })],
      2,
    ],
    ["a written first pod that is not ready", [set(), given("db-0", { ready: false })], 0],
    ["a written first pod that is ready", [set(), given("db-0")], 1],
    ["a set that a cluster has counted", [set({ replicas: 3, readyReplicas: 1 })], 3],
    ["a hook", [deployment({ inactive: "hook" })], 0],
    ["a set with the longest name", [set({ name: "d".repeat(52) })], 2],
    ["a set with too long a name", [set({ name: "d".repeat(53) })], 0],
    [
      "a service with a cluster's slices",
      [set(), service("a/web", { selector: APP }), slice("a/s", { serviceName: "web", observed: true })],
      0,
    ],
    [
      "a service with slices by hand",
      [set(), service("a/web", { selector: APP }), slice("a/s", { serviceName: "web" })],
      2,
    ],
    [
      "a service of others with a cluster's slices",
      [set(), service("a/web", { selector: labels("app=y") }), slice("a/s", { serviceName: "web", observed: true })],
      2,
    ],
    [
      "a service with a cluster's Endpoints",
      [set(), service("a/web", { selector: APP }), { ...endpoints("a/web", []), observed: true }],
      0,
    ],
    ["a Job of a CronJob that is there", cronJob(), 1],
    ["one that has ended", [set(), given("p", { labels: APP, phase: "Succeeded" })], 0],
    [
      "a Deployment's, by the name of its ReplicaSet",
      [deployment(), given("p", { labels: APP, owner: { kind: "ReplicaSet", name: "web-7d4b9c8f65" } })],
      0,
    ],
    [
      "another Deployment's",
      [deployment(), given("p", { labels: APP, owner: { kind: "ReplicaSet", name: "web-front-7d4b9c8f65" } })],
      1,
    ],
    [
      "a Deployment's, by its ReplicaSet",
      [
        deployment(),
        workload("a/odd", { workloadKind: "ReplicaSet", selector: APP, owner: byDeployment }),
        given("p", { labels: APP, owner: { kind: "ReplicaSet", name: "odd" } }),
      ],
      0,
    ],
    [
      "a ReplicaSet's that only looks like the Deployment's",
      [deployment(), replicaSet(), given("p", { labels: APP, owner: { kind: "ReplicaSet", name: "web-abc" } })],
      1,
    ],
    ["a Deployment and its ReplicaSet", [deployment(), replicaSet({ replicas: 5, owner: byDeployment })], 1],
    ["a ReplicaSet whose Deployment is not given", [replicaSet({ replicas: 5, owner: byDeployment })], 5],
    ["an owner of an unknown kind", [replicaSet({ owner: { kind: "Rollout", name: "web" } })], 1],
    ["no selector, no labels", [workload("a/web"), given("p")], 1],
  ])("%s", (_, objects, simulated) => {
    const whole = new Control();
    whole.put(...objects);
    expect(whole.pods()).toHaveLength(simulated);
    // One by one, in either order, and with everything else taken away again and put back.
    for (const order of [objects, objects.toReversed()]) {
      const stepwise = new Control();
      for (const object of order) stepwise.put(object);
      expect(stepwise.names()).toEqual(whole.names());
      for (const object of order.slice(1)) {
        stepwise.remove(object);
        stepwise.put(object);
        expect(stepwise.names()).toEqual(whole.names());
      }
    }
  });

  test("coming and going while the server runs", () => {
    const control = new Control();
    control.put(set());
    const before = control.addresses();
    const p = given("p", { labels: APP });
    control.put(p);
    expect(control.names()).toEqual([]);
    expect(control.controller.allocations().size).toBe(0);
    control.remove(p);
    expect(control.addresses()).toEqual(before);
  });

  test("one of a simulated pod's name takes its place, and gives it back", () => {
    const control = new Control();
    control.put(set());
    const before = control.addresses();
    const p = given("db-1", { ips: [] });
    control.put(p);
    expect(control.names()).toEqual(["db-0"]);
    expect(control.registry.pod("a", "db-1")).toBe(p);
    expect(control.registry.conflicts()).toEqual([]);
    control.remove(p);
    expect(control.addresses()).toEqual(before);
  });
});

describe("nodes", () => {
  test("a DaemonSet has a pod on each, else one", () => {
    const control = new Control();
    control.put(workload("a/agent", { workloadKind: "DaemonSet" }), deployment());
    expect(control.pods()).toHaveLength(2);
    control.put(node("n1"), node("n2"), node("n3"));
    const before = control.addresses();
    expect(before.size).toBe(4);
    control.remove(node("n2"));
    expect(control.pods()).toHaveLength(3);
    for (const [name, ips] of control.addresses()) expect(before.get(name)).toEqual(ips);
    control.remove(node("n1"), node("n3"));
    expect(control.pods()).toHaveLength(2);
  });
});

describe("addresses", () => {
  test("of both families where there are ranges of both", () => {
    const control = new Control("10.244.0.0/16,fd00:1::/64");
    control.put(set());
    for (const { ips } of control.pods())
      expect(ips).toEqual([expect.stringMatching(/^10\.244\./), expect.stringMatching(/^fd00:1:/)]);
    expect(control.controller.allocations()).toEqual(
      new Map(control.pods().map(({ name, ips }) => [`a/${name}`, ips])),
    );
  });

  test("last when a workload grows, shrinks or changes", () => {
    const control = new Control();
    control.put(set({ replicas: 3 }), deployment({ replicas: 3 }));
    const before = control.addresses();
    for (const replicas of [5, 1, 4]) {
      control.put(set({ replicas }), deployment({ replicas, template: template({ labels: APP, hostname: "h" }) }));
      const after = control.addresses();
      expect(after.size).toBe(2 * replicas);
      for (const [name, ips] of before) if (after.has(name)) expect(after.get(name)).toEqual(ips);
    }
  });

  test("are the same after a restart, in another order", () => {
    const objects = [set({ replicas: 40 }), deployment({ replicas: 40 }), workload("b/web", { replicas: 40 })];
    const once = new Control();
    once.put(...objects);
    const again = new Control();
    again.put(...objects.toReversed());
    expect(again.addresses()).toEqual(once.addresses());
  });

  test("of a former run come back", () => {
    const remembered = new Map([
      ["a/db-0", ["10.244.9.1"]],
      ["a/db-7", ["10.244.9.2"]],
    ]);
    const control = new Control("10.244.0.0/16", remembered);
    control.put(set());
    expect(control.addresses().get("db-0")).toEqual(["10.244.9.1"]);
    expect([...control.controller.allocations().keys()]).toEqual(["a/db-0", "a/db-1"]);
  });

  test("by annotation: as many pods, with these", () => {
    const control = new Control("10.244.0.0/16,fd00:1::/64");
    control.put(set({ replicas: 7 }));
    control.put(set({ replicas: 7, firstOrdinal: 3, addresses: ["192.0.2.10", "2001:db8::1"] }));
    expect([...control.addresses()]).toEqual([
      ["db-3", ["192.0.2.10"]],
      ["db-4", ["2001:db8::1"]],
    ]);
    expect(control.controller.allocations().size).toBe(0);
    control.put(set({ replicas: 1 }));
    expect(control.addresses().get("db-0")).toHaveLength(2);
  });

  test("a written one is not given, and is taken from who has it", () => {
    const written = new Control();
    written.put(set());
    const before = written.addresses();
    const [ip] = before.get("db-1")!;
    const p = given("p", { ips: [ip!] });
    written.put(p);
    const moved = written.addresses();
    expect(moved.get("db-0")).toEqual(before.get("db-0"));
    expect(moved.get("db-1")).toHaveLength(1);
    expect(moved.get("db-1")).not.toEqual([ip]);

    const first = new Control();
    first.put(p);
    first.put(set());
    expect(first.addresses()).toEqual(moved);
    const byAnnotation = new Control();
    byAnnotation.put(set(), deployment({ addresses: [ip!] }));
    expect(byAnnotation.addresses().get("db-1")).toEqual(moved.get("db-1"));
  });
});

describe("what is asked for and can't be had", () => {
  test("a range that is full: told, and made good when there is room", () => {
    const control = new Control("10.244.0.0/29");
    const place = { file: "f.yaml", line: 3, column: 1 };
    control.put(set({ replicas: 4 }));
    control.put(deployment({ replicas: 4, place }));
    expect(control.pods()).toHaveLength(6);
    expect(control.controller.problems()).toEqual([
      {
        code: "pod-range-full",
        severity: "warning",
        message: "2 of 4 pods lack an address: the pod range is full",
        advice: "widen --pod-cidr, or ask for fewer replicas",
        object: "Deployment a/web",
        place,
      },
    ]);
    const held = control.addresses();
    control.put(set({ replicas: 3 }));
    expect(control.pods()).toHaveLength(6);
    expect(control.controller.problems()[0]!.message).toMatch(/^1 of 4 /);
    control.remove(set());
    expect(control.pods()).toHaveLength(4);
    expect(control.controller.problems()).toEqual([]);
    const kept = control.pods().filter(({ name }) => held.has(name));
    expect(kept.length).toBeGreaterThan(0);
    for (const { name, ips } of kept) expect(held.get(name)).toEqual(ips);
  });

  test("a range of one family that is full", () => {
    const control = new Control("10.244.0.0/30,fd00:1::/64");
    control.put(set({ replicas: 3 }));
    expect(
      control
        .pods()
        .map(({ ips }) => ips.length)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 2, 2]);
    expect(control.controller.problems()).toHaveLength(1);
    control.put(set({ replicas: 2 }));
    const lacking = control.pods().filter(({ ips }) => ips.length < 2);
    expect(lacking).toEqual([]);
    expect(control.controller.problems()).toEqual([]);
  });

  test("an address that becomes free where it was written", () => {
    const control = new Control("10.244.0.0/30");
    const p = given("p", { ips: ["10.244.0.1"] });
    control.put(p, set());
    expect(control.pods()).toHaveLength(1);
    control.remove(p);
    expect(control.pods()).toHaveLength(2);
  });

  test("a range that is full for a pod without a status: told, and made good", () => {
    const control = new Control("10.244.0.0/30");
    const [p, q, r] = ["p", "q", "r"].map((name) => given(name, { ips: [], phase: "" }));
    control.put(p!, q!);
    control.put(r!);
    expect(control.names()).toEqual(["p", "q"]);
    expect(control.controller.problems()).toMatchObject([{ code: "pod-range-full", object: "Pod a/r" }]);
    control.put(node("n"));
    expect(control.names()).toEqual(["p", "q"]);
    control.remove(p!);
    expect(control.names()).toEqual(["q", "r"]);
    expect(control.controller.problems()).toEqual([]);
  });

  test("a pod that loses its address to who writes it, and finds no other", () => {
    const control = new Control("10.244.0.0/30");
    control.put(set());
    control.put(given("p", { ips: ["10.244.0.1"] }));
    expect(control.pods()).toHaveLength(1);
    expect(control.controller.problems()).toHaveLength(1);
    control.remove(set());
    expect(control.controller.problems()).toEqual([]);
    expect(control.controller.allocations().size).toBe(0);
  });

  // 150,000 pods: the seconds are for a busy machine.
  test("more pods than one workload, and one cluster, bears", () => {
    const control = new Control("fd00:1::/64");
    control.put(deployment({ replicas: 0x7fff_ffff }), workload("b/web"));
    expect(control.controller.problems()).toMatchObject([
      {
        code: "too-many-pods",
        message:
          "2147473647 of 2147483647 pods are not simulated: " +
          "a workload has at most 10000 pods, and all workloads have 150000",
        object: "Deployment a/web",
      },
    ]);
    expect(control.pods().length).toBe(10_001);
    const many = Array.from({ length: 15 }, (_, i) => workload(`c/web-${i}`, { replicas: 9_999 }));
    control.put(...many);
    expect(control.registry.count("Pod")).toBe(150_000);
    expect(control.controller.problems().map(({ object }) => object)).toEqual([
      "Deployment a/web",
      "Deployment c/web-14",
    ]);
    control.put(deployment({ replicas: 1 }));
    expect(control.registry.count("Pod")).toBe(15 * 9_999 + 2);
    expect(control.controller.problems()).toEqual([]);
  });
});

describe("only what is concerned is touched", () => {
  const other = workload("a/other", { replicas: 3, selector: labels("app=other") });
  test.each<[what: string, act: (control: Control) => readonly Change[], changes: number]>([
    ["nothing", (control) => control.publish([]), 0],
    ["a pod that no workload selects", (control) => control.put(given("q", { labels: labels("app=z") })), 0],
    ["a node, without a DaemonSet", (control) => control.put(node("n")), 0],
    ["one pod more", (control) => control.put(set({ replicas: 2 })), 2],
    ["a workload that goes", (control) => control.remove(set()), 1],
    ["a real pod", (control) => control.put(given("q", { labels: APP })), 1],
  ])("%s", (_, act, changes) => {
    const control = new Control();
    control.put(set({ replicas: 1 }), other);
    const before = control.pods().filter(({ owner }) => owner!.name === "other");
    expect(act(control)).toHaveLength(changes);
    expect(control.pods().filter((each) => before.includes(each))).toEqual(before);
  });
});

// The same in plain loops over all objects, without any index.
function simulatedKeys(objects: readonly KubeObject[]): readonly string[] {
  const workloads = objects.filter((object) => object.kind === "Workload");
  const pods = objects.filter((object) => object.kind === "Pod");
  const nodes = objects
    .filter(({ kind }) => kind === "Node")
    .map(({ name }) => name)
    .toSorted();
  const find = (ns: string, kind: string, name: string): Workload | undefined =>
    workloads.find((one) => one.namespace === ns && one.workloadKind === kind && one.name === name);
  const isOf = (one: Workload, { namespace: ns, owner, labels: have }: Pod): boolean => {
    if (ns !== one.namespace) return false;
    if (owner === undefined) return one.selector.size > 0 && [...one.selector].every(([k, v]) => have.get(k) === v);
    if (owner.kind === one.workloadKind) return owner.name === one.name;
    if (owner.kind !== "ReplicaSet" || one.workloadKind !== "Deployment") return false;
    // A ReplicaSet's pods have the labels that its Deployment selects.
    if (![...one.selector].every(([k, v]) => have.get(k) === v) || one.selector.size === 0) return false;
    const between = find(ns, "ReplicaSet", owner.name);
    if (between !== undefined) return between.owner?.kind === "Deployment" && between.owner.name === one.name;
    return owner.name.replace(/-[a-z0-9]+$/, "") === one.name && owner.name !== one.name;
  };
  const isOwned = ({ namespace: ns, owner }: Pod | Workload): boolean =>
    owner !== undefined && find(ns, owner.kind, owner.name) !== undefined;
  const isReal = (each: Pod): boolean => each.observed === true || each.phase !== "" || each.ips.length > 0;
  const isServed = (one: Workload): boolean =>
    objects.some(
      (each) =>
        each.kind === "Service" &&
        each.namespace === one.namespace &&
        [...each.selector!].every(([k, v]) => one.template.labels.get(k) === v) &&
        objects.some(
          (slices) =>
            slices.kind === "EndpointSlice" && slices.serviceName === each.name && slices.namespace === each.namespace,
        ),
    );
  const made = workloads
    .filter((one) => !isOwned(one) && !isServed(one))
    .filter((one) => !pods.some((each) => (isReal(each) || each.owner?.kind === one.workloadKind) && isOf(one, each)))
    .flatMap((one) => {
      const all = podIdentities(one, podCount(one, nodes.length), nodes).map(({ name }) => `${one.namespace}/${name}`);
      const isReady = (key: string): boolean =>
        pods.find((each) => `${each.namespace}/${each.name}` === key)?.ready ?? one.template.ready;
      const last = one.workloadKind === "StatefulSet" ? all.findIndex((key) => !isReady(key)) : -1;
      return last === -1 ? all : all.slice(0, last + 1);
    })
    .filter((key) => !pods.some((each) => `${each.namespace}/${each.name}` === key));
  const running = pods.filter((each) => !isReal(each) && each.inactive === undefined && !isOwned(each));
  return [...made, ...running.map((each) => `${each.namespace}/${each.name}`)].toSorted();
}

const namespaces = fc.constantFrom("a", "a", "b");
const selectors = fc.constantFrom("app=x", "app=y", "app=x,tier=1").map(labels);
const ownersOf = (kinds: readonly string[]): fc.Arbitrary<{ owner?: { kind: string; name: string } }> =>
  fc
    .option(fc.record({ kind: fc.constantFrom(...kinds), name: fc.constantFrom("web", "web-1", "web-2") }))
    .map((owner) => (owner === null ? {} : { owner }));
const objects: fc.Arbitrary<KubeObject> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom("n1", "n2").map(node) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        namespaces,
        fc.constantFrom("web", "web-1"),
        fc.record({
          workloadKind: fc.constantFrom("StatefulSet", "Deployment", "ReplicaSet", "DaemonSet", "Job"),
          replicas: fc.integer({ min: 0, max: 3 }),
          selector: selectors,
          ready: fc.constantFrom(true, true, false),
        }),
        ownersOf(["Deployment", "Deployment", "Rollout"]),
      )
      .map(([ns, name, { ready: isReady, ...fields }, owner]) =>
        workload(`${ns}/${name}`, {
          ...fields,
          template: template({ labels: fields.selector, ready: isReady }),
          ...(fields.workloadKind === "ReplicaSet" && owner),
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(namespaces, selectors).map(([ns, selector]) => service(`${ns}/svc`, { selector })),
  },
  {
    weight: 1,
    arbitrary: namespaces.map((ns) => slice(`${ns}/s`, { serviceName: "svc", observed: true })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        namespaces,
        fc.constantFrom("p", "web-0", "web-1-0"),
        fc.record({
          labels: selectors,
          ips: fc.constantFrom([], [], ["192.0.2.1"], ["192.0.2.2"]),
          phase: fc.constantFrom("", "", "Pending"),
          ready: fc.boolean(),
        }),
        ownersOf(["ReplicaSet", "ReplicaSet", "StatefulSet", "Deployment"]),
        fc.constantFrom({}, {}, {}, { inactive: "hook" as const }, { observed: true as const }),
      )
      .map(([ns, name, fields, owner, more]) => pod(`${ns}/${name}`, { ...fields, ...owner, ...more })),
  },
);
/** A step also makes a pod with the address of a simulated one, of that number. */
const steps = fc.array(
  fc.record({
    put: fc.array(objects, { maxLength: 3 }),
    remove: fc.array(objects, { maxLength: 3 }),
    stolen: fc.option(fc.nat(20), { freq: 4 }),
  }),
  { minLength: 1, maxLength: 10 },
);

test("a simulated pod whose name a written pod takes keeps its address, and gets it back", () => {
  const control = new Control("10.244.0.0/24");
  control.publish([put(workload("a/web", { workloadKind: "StatefulSet", replicas: 1 }))]);
  const [wanted] = control.pods()[0]!.ips;
  const thief = pod("c/thief", { ips: [wanted!] });
  control.publish([put(thief)]);
  const { ips } = control.pods()[0]!;
  expect(ips).not.toEqual([wanted]);
  const written = pod("a/web-0", { phase: "", ips: [] });
  control.publish([put(written), remove(objectKey(thief))]);
  expect(control.pods()).toMatchObject([{ simulated: "manifest", ips }]);
  control.publish([remove(objectKey(written))]);
  expect(control.pods()).toMatchObject([{ simulated: "template", ips }]);
});

test("whatever comes and goes: the pods are a plain look's, no address is twice, none moves without need", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const control = new Control("10.244.0.0/24,fd00:1::/64");
      const held = new Map<string, KubeObject>();
      let before: ReadonlyMap<string, readonly string[]> = new Map();
      for (const { put: added, remove: gone, stolen } of all) {
        const stolenIps = stolen === null ? [] : (control.pods()[stolen]?.ips ?? []);
        const thief = stolenIps.length === 0 ? [] : [pod("c/thief", { ips: stolenIps })];
        const removed = gone.map(objectKey);
        for (const key of removed) held.delete(key);
        for (const object of [...added, ...thief]) held.set(objectKey(object), object);
        control.publish([...removed.map((key) => remove(key)), ...[...added, ...thief].map((object) => put(object))]);
        const pods = control.pods();
        const keys = pods.map(({ namespace, name }) => `${namespace}/${name}`);
        expect(keys.toSorted()).toEqual(simulatedKeys([...held.values()]));
        const ips = pods.flatMap((each) => each.ips);
        expect(ips.length).toBe(2 * pods.length);
        const written = [...held.values()].flatMap((object) => (object.kind === "Pod" ? object.ips : []));
        expect(new Set([...ips, ...written]).size).toBe(ips.length + new Set(written).size);
        const after = new Map(pods.map((each, i) => [keys[i]!, each.ips]));
        for (const [key, now] of after) {
          const kept = before.get(key)?.filter((ip) => !written.includes(ip));
          if (kept !== undefined) expect(now).toEqual(expect.arrayContaining(kept));
        }
        expect(control.controller.allocations()).toEqual(after);
        expect([control.controller.problems(), control.registry.conflicts()]).toEqual([[], []]);
        before = after;
      }
    }),
    { numRuns: 300 },
  );
});
