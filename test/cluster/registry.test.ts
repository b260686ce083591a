import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { duplicateObject } from "../../src/objects/duplicate-object.ts";
import { objectKey } from "../../src/objects/kube-object.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { Change, SourceChange } from "../../src/cluster/change.ts";
import { originNamed, put as putAt, remove as removeAt, replace as replaceAt } from "../support/core/origins.ts";
import { Registry } from "../../src/cluster/registry.ts";
import {
  endpoints,
  labels,
  namespace,
  node,
  other,
  pod,
  service,
  slice,
  template,
  workload,
} from "../support/core/objects.ts";

const put = (name: string, object: KubeObject, order = 0): SourceChange => putAt(object, originNamed(name, { order }));
const remove = (name: string, key: string): SourceChange => removeAt(key, originNamed(name));
const replace = (name: string, objects: readonly KubeObject[]): SourceChange => replaceAt(objects, originNamed(name));
const withdraw = (source: string): SourceChange => ({ type: "withdraw", source });

function registryOf(...changes: readonly Change[]): Registry {
  const registry = new Registry();
  registry.apply(changes);
  return registry;
}

describe("who holds an object", () => {
  const one = service("a/web", { clusterIPs: ["10.0.0.1"] });
  const two = service("a/web", { clusterIPs: ["10.0.0.2"] });
  const three = service("a/web", { clusterIPs: ["10.0.0.3"] });
  const key = objectKey(one);
  const first = originNamed("0", { source: "live", precedence: 1, order: 7 });

  test.each<[what: string, changes: readonly Change[], winner: KubeObject | undefined]>([
    ["one origin", [put("1", one)], one],
    ["the last by name counts, come last", [put("1", one), put("2", two)], two],
    ["the last by name counts, come first", [put("2", two), put("1", one)], two],
    ["the order counts before the name", [put("1", one, 9), put("2", two, 1)], one],
    ["an origin's new version takes the place of its old one", [put("2", one), put("2", three), put("1", two)], three],
    ["an order may change", [put("1", one, 3), put("2", two, 2), put("1", three, 1)], two],
    ["the one before counts when the last goes", [put("1", one), put("2", two), remove("2", key)], one],
    ["an origin that holds it no more says nothing", [put("1", one), remove("2", key)], one],
    ["none is left", [put("1", one), remove("1", key)], undefined],
    ["replace takes out what it does not name", [put("1", one), put("2", two), replace("2", [])], one],
    ["replace puts what it names", [put("1", two), replace("2", [one])], one],
    ["the precedence of the source counts before the order", [put("1", one, 1), putAt(two, first)], two],
    [
      "a source that withdraws holds nothing",
      [put("1", one), put("2", two), putAt(three, first), withdraw("test")],
      three,
    ],
    ["another source's objects stay", [put("1", one), putAt(three, first), withdraw("live")], one],
  ])("%s", (_, changes, winner) => {
    expect(registryOf(...changes).service("a", "web")).toBe(winner);
    const stepwise = new Registry();
    for (const change of changes) stepwise.apply([change]);
    expect(stepwise.service("a", "web")).toBe(winner);
  });

  test("apply says what came, changed and went, once each, and nothing else", () => {
    const registry = new Registry();
    expect(registry.apply([put("3", one)])).toEqual([{ after: one }]);
    expect(registry.apply([put("3", one)])).toEqual([]);
    expect(registry.apply([put("2", two)])).toEqual([]);
    expect(registry.apply([remove("3", key)])).toEqual([{ before: one, after: two }]);
    expect(registry.apply([put("2", three), put("2", two)])).toEqual([]);
    expect(registry.apply([put("2", three), remove("2", key)])).toEqual([{ before: two }]);
    expect(registry.apply([put("2", three), remove("2", key)])).toEqual([]);
    expect(registry.apply([remove("7", "Service a/none")])).toEqual([]);
  });

  test("each version that does not count is a conflict, as long as there are several", () => {
    const registry = registryOf(put("2", two), put("1", one), put("3", three), put("1", pod("a/p")));
    expect(registry.conflicts()).toEqual([duplicateObject(three, two), duplicateObject(three, one)]);
    registry.apply([remove("3", key)]);
    expect(registry.conflicts()).toEqual([duplicateObject(two, one)]);
    registry.apply([put("1", { ...two })]);
    expect(registry.conflicts()).toEqual([]);
    registry.apply([put("1", one), replace("2", [])]);
    expect(registry.conflicts()).toEqual([]);
  });

  test("objects of kinds that are not served may be held twice in silence", () => {
    expect(registryOf(put("1", other("a/x", "Deployment")), put("2", other("a/x", "Deployment"))).conflicts()).toEqual(
      [],
    );
  });
});

describe("what is looked up", () => {
  test("an object is found by its kind, namespace and name", () => {
    const held = [service("a/x"), pod("a/x"), endpoints("a/x", []), slice("a/x"), namespace("a"), service("b/x")];
    const registry = registryOf(replace("1", held));
    expect(registry.service("a", "x")).toBe(held[0]);
    expect(registry.pod("a", "x")).toBe(held[1]);
    expect(registry.endpoints("a", "x")).toBe(held[2]);
    expect([...registry.slicesOf("a", "x")]).toEqual([held[3]]);
    expect(registry.service("b", "x")).toBe(held[5]);
    expect([registry.service("c", "x"), registry.pod("b", "x"), registry.endpoints("b", "x")]).toEqual(
      Array(3).fill(undefined),
    );
    expect(new Set(registry.objects())).toEqual(new Set(held));
  });

  test("a slice belongs to the service of its label, and moves with it", () => {
    const before = slice("a/s", { serviceName: "web" });
    const after = slice("a/s", { serviceName: "db" });
    const registry = registryOf(put("1", before), put("1", slice("b/s", { serviceName: "web" })));
    expect([...registry.slicesOf("a", "web")]).toEqual([before]);
    registry.apply([put("1", after)]);
    expect([[...registry.slicesOf("a", "web")], [...registry.slicesOf("a", "db")]]).toEqual([[], [after]]);
  });

  test("pods and services find each other by labels", () => {
    const web = service("a/web", { selector: labels("app=web") });
    const front = service("a/front", { selector: labels("app=web,tier=front") });
    const p = pod("a/p", { labels: labels("app=web,tier=front") });
    const q = pod("a/q", { labels: labels("app=web") });
    const registry = registryOf(replace("1", [web, front, p, q, pod("b/p", { labels: labels("app=web") })]));
    expect(new Set(registry.podsSelectedBy("a", web.selector!))).toEqual(new Set([p, q]));
    expect(registry.podsSelectedBy("a", front.selector!)).toEqual([p]);
    expect(new Set(registry.servicesSelecting("a", p.labels))).toEqual(new Set([web, front]));
    expect(registry.servicesSelecting("a", q.labels)).toEqual([web]);
    registry.apply([put("1", pod("a/p")), put("1", service("a/web"))]);
    expect(registry.podsSelectedBy("a", front.selector!)).toEqual([]);
    expect(registry.servicesSelecting("a", q.labels)).toEqual([]);
  });

  test("workloads are found by the labels of their template", () => {
    const web = workload("a/web", { template: template({ labels: labels("app=web,tier=front") }) });
    const registry = registryOf(replace("1", [web]));
    expect(registry.workloadsSelectedBy("a", labels("app=web"))).toEqual([web]);
    expect(registry.workloadsSelectedBy("a", labels("app=web,tier=back"))).toEqual([]);
    expect(registry.workloadsSelectedBy("b", labels("app=web"))).toEqual([]);
  });

  test("workloads are found by name, by owner and by the pods that they select", () => {
    const owner = { kind: "Deployment", name: "web" };
    const deployment = workload("a/web", { selector: labels("app=web") });
    const replicaSet = workload("a/web-1", { workloadKind: "ReplicaSet", selector: labels("app=web,hash=1"), owner });
    const p = pod("a/p", { labels: labels("app=web"), owner });
    const registry = registryOf(replace("1", [deployment, replicaSet, p, pod("b/p", { owner }), service("a/web")]));
    expect(registry.workload("a", owner)).toBe(deployment);
    expect(registry.workload("b", owner)).toBeUndefined();
    expect(registry.workload("a", { kind: "Service", name: "web" })).toBeUndefined();
    expect(new Set(registry.ownedBy("a", owner))).toEqual(new Set([replicaSet, p]));
    expect(registry.workloadsSelecting(p)).toEqual([deployment]);
    registry.apply([put("1", pod("a/p")), remove("1", objectKey(deployment))]);
    expect([...registry.ownedBy("a", owner)]).toEqual([replicaSet]);
    expect(registry.workloadsSelecting(p)).toEqual([]);
  });

  test("nodes, and the workloads that have a pod on each", () => {
    const nodes = [node("n1"), node("n2")];
    const daemonSet = workload("a/agent", { workloadKind: "DaemonSet" });
    const registry = registryOf(replace("1", [...nodes, daemonSet, workload("a/web")]));
    expect(new Set(registry.nodes())).toEqual(new Set(nodes));
    expect([...registry.daemonSets()]).toEqual([daemonSet]);
    registry.apply([remove("1", "Node /n1"), remove("1", objectKey(daemonSet))]);
    expect([...registry.nodes()]).toEqual([nodes[1]]);
    expect([...registry.daemonSets()]).toEqual([]);
  });

  test.each<[what: string, objects: readonly KubeObject[], names: readonly string[]]>([
    ["a Namespace object", [namespace("a")], ["a"]],
    ["an object of a known kind", [pod("a/p")], ["a"]],
    ["an object of another kind", [other("a/x", "Deployment")], ["a"]],
    ["an object of no namespace", [other("/x", "ClusterRole")], []],
    ["several", [namespace("a"), pod("b/p"), service("b/s")], ["a", "b"]],
  ])("a namespace exists by %s, until the last goes", (_, objects, names) => {
    const registry = registryOf(replace("1", objects));
    const existing = (): string[] => ["", "a", "b", "p", "x"].filter((name) => registry.hasNamespace(name));
    expect(existing()).toEqual(names);
    for (const object of objects) {
      expect(existing()).toEqual(names.filter((name) => existing().includes(name)));
      registry.apply([remove("1", objectKey(object))]);
    }
    expect(existing()).toEqual([]);
  });

  test("a namespace whose objects are many goes with the last one only", () => {
    const registry = registryOf(replace("1", [namespace("a"), pod("a/p"), other("a/x", "Deployment")]));
    registry.apply([remove("1", "Namespace /a"), remove("1", "Pod a/p")]);
    expect(registry.hasNamespace("a")).toBe(true);
    registry.apply([remove("1", "Deployment.apps/v1 a/x")]);
    expect(registry.hasNamespace("a")).toBe(false);
  });
});

test("equals a look at all claims after any sequence of changes", () => {
  const origin = fc.constantFrom("1", "2", "3");
  const object = fc
    .record({
      kind: fc.constantFrom("Service", "Pod", "Namespace"),
      namespace: fc.constantFrom("a", "b"),
      name: fc.constantFrom("x", "y"),
    })
    .map(({ kind, namespace: ns, name }): KubeObject =>
      kind === "Service" ? service(`${ns}/${name}`) : kind === "Pod" ? pod(`${ns}/${name}`) : namespace(ns),
    );
  const change: fc.Arbitrary<SourceChange> = fc.oneof(
    fc.tuple(origin, object).map(([from, what]) => put(from, what)),
    fc.tuple(origin, object).map(([from, what]) => remove(from, objectKey(what))),
    fc
      .tuple(origin, fc.uniqueArray(object, { selector: objectKey, maxLength: 3 }))
      .map(([from, all]) => replace(from, all)),
  );
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 10 }), (batches) => {
      const registry = new Registry();
      const claims = new Map<string, Map<string, KubeObject>>([
        ["1", new Map()],
        ["2", new Map()],
        ["3", new Map()],
      ]);
      let known = new Map<string, KubeObject>();
      for (const batch of batches) {
        const { revision } = registry;
        const differences = registry.apply(batch);
        expect(registry.revision !== revision).toBe(differences.length > 0);
        for (const each of batch) {
          if (each.type === "withdraw") continue;
          const held = claims.get(each.origin.name)!;
          if (each.type === "put") held.set(objectKey(each.object), each.object);
          if (each.type === "remove") held.delete(each.key);
          if (each.type === "replace")
            claims.set(each.origin.name, new Map(each.objects.map((one) => [objectKey(one), one])));
        }
        const winners = new Map(["1", "2", "3"].flatMap((from) => [...claims.get(from)!]));
        expect(new Set(registry.objects())).toEqual(new Set(winners.values()));
        for (const [key, before] of known) {
          const after = winners.get(key);
          const told = differences.find((difference) => difference.before === before);
          expect(told !== undefined, key).toBe(after !== before);
          if (told !== undefined) expect(told.after).toBe(after);
        }
        const came = [...winners].filter(([key]) => !known.has(key)).map(([, after]) => after);
        expect(new Set(differences.filter(({ before }) => before === undefined).map(({ after }) => after))).toEqual(
          new Set(came),
        );
        // A problem for each origin with another version than the last has.
        const contested = [...winners].flatMap(([key, winner]) =>
          [...claims.values()].flatMap((held) => {
            const object = held.get(key);
            return object === undefined || duplicateObject(winner, object) === undefined ? [] : [key];
          }),
        );
        expect(
          registry
            .conflicts()
            .map(({ object: of }) => of!)
            .toSorted(),
        ).toEqual(contested.toSorted());
        for (const kind of ["Service", "Pod", "Namespace"] as const) {
          expect(registry.count(kind)).toBe([...winners.values()].filter((one) => one.kind === kind).length);
        }
        const services = [...winners.values()].filter(({ kind }) => kind === "Service");
        expect(new Set<KubeObject>(registry.services())).toEqual(new Set(services));
        known = winners;
      }
    }),
    { numRuns: 300 },
  );
});

describe("amendments", () => {
  const base = service("a/web");
  const amended = service("a/web", { clusterIPs: ["10.96.0.1"] });
  const amend = { type: "amend", base, object: amended } as const;

  test("stand in the place of the object that they are made from", () => {
    const registry = registryOf(put("1", base));
    expect(registry.apply([amend])).toEqual([{ before: base, after: amended }]);
    expect(registry.service("a", "web")).toBe(amended);
    expect([...registry.objects()]).toEqual([amended]);
    expect(registry.given("Service a/web")).toBe(base);
    expect(registry.conflicts()).toEqual([]);
  });

  test("are void when another object counts, and do not come back", () => {
    const registry = registryOf(put("1", base));
    registry.apply([amend]);
    const other = service("a/web", { headless: true });
    expect(registry.apply([put("1", other)])).toEqual([{ before: amended, after: other }]);
    expect(registry.apply([put("1", base)])).toEqual([{ before: other, after: base }]);
  });

  test("of an object that does not count any more are ignored", () => {
    const other = service("a/web", { headless: true });
    const registry = registryOf(put("1", other));
    expect(registry.apply([amend])).toEqual([]);
    expect(registry.service("a", "web")).toBe(other);
  });
});
