import { describe, expect, test } from "vitest";
import { podCount, podIdentities, podMaker, statefulSetOf } from "../../../src/cluster/controllers/simulated-pods.ts";
import type { Pod, Workload } from "../../../src/objects/kube-object.ts";
import { endpointPort, labels, template, workload } from "../../support/core/objects.ts";

const APP = labels("app=x");

function podsOf(one: Workload, nodeNames: readonly string[] = []): readonly Pod[] {
  const make = podMaker(one);
  const identities = podIdentities(one, podCount(one, nodeNames.length), nodeNames);
  return identities.map((identity, i) => make(identity, [`10.244.0.${i + 1}`]));
}

function namesOf(one: Workload, nodeNames: readonly string[] = []): readonly string[] {
  return podsOf(one, nodeNames).map(({ name }) => name);
}

const FIVE = "[bcdfghjklmnpqrstvwxz2456789]{5}";

describe("names and host names", () => {
  test.each<[what: string, fields: Partial<Workload>, nodes: readonly string[], names: readonly string[]]>([
    ["StatefulSet", { workloadKind: "StatefulSet", replicas: 3 }, [], ["w-0", "w-1", "w-2"]],
    ["from another ordinal", { workloadKind: "StatefulSet", replicas: 2, firstOrdinal: 9 }, [], ["w-9", "w-10"]],
    ["none", { workloadKind: "StatefulSet", replicas: 0 }, [], []],
    ["Deployment", { replicas: 2 }, [], [`w-.{10}-${FIVE}`, `w-.{10}-${FIVE}`]],
    ["ReplicaSet", { workloadKind: "ReplicaSet" }, [], [`w-${FIVE}`]],
    ["ReplicationController", { workloadKind: "ReplicationController" }, [], [`w-${FIVE}`]],
    ["Job", { workloadKind: "Job", replicas: 2 }, [], [`w-${FIVE}`, `w-${FIVE}`]],
    ["indexed Job", { workloadKind: "Job", replicas: 2, indexed: true }, [], [`w-0-${FIVE}`, `w-1-${FIVE}`]],
    ["DaemonSet on three nodes", { workloadKind: "DaemonSet" }, ["a", "b", "c"], Array(3).fill(`w-${FIVE}`)],
    ["DaemonSet, no node known", { workloadKind: "DaemonSet" }, [], [`w-${FIVE}`]],
    ["as many as addresses", { workloadKind: "StatefulSet", addresses: ["a", "b"] }, [], ["w-0", "w-1"]],
    ["on nodes too", { workloadKind: "DaemonSet", addresses: ["a"] }, ["a", "b", "c"], [`w-${FIVE}`]],
  ])("%s", (_, fields, nodes, names) => {
    const actual = namesOf(workload("a/w", fields), nodes);
    expect(actual).toHaveLength(names.length);
    for (const [i, name] of actual.entries()) expect(name).toMatch(new RegExp(`^${names[i]}$`));
    expect(new Set(actual).size).toBe(actual.length);
  });

  test("pods of a Deployment share the hash, and have it as a label", () => {
    const pods = podsOf(workload("a/w", { replicas: 3, selector: APP }));
    const hashes = new Set(pods.map(({ name }) => name.split("-")[1]));
    expect(hashes.size).toBe(1);
    expect(pods[0]!.labels).toEqual(new Map([...APP, ["pod-template-hash", [...hashes][0]]]));
  });

  test.each<[what: string, fields: Partial<Workload>]>([
    ["the number of pods", { replicas: 5 }],
    ["the template", { template: template({ labels: APP, hostname: "h" }) }],
    ["the selector", { selector: labels("app=y") }],
  ])("do not depend on %s", (_, fields) => {
    const names = namesOf(workload("a/w", { replicas: 3, selector: APP }));
    expect(namesOf(workload("a/w", { replicas: 3, selector: APP, ...fields })).slice(0, 3)).toEqual(names);
  });

  test("depend on kind, namespace and name", () => {
    const last = (one: Workload): string => namesOf(one)[0]!.slice(-5);
    const all = [
      workload("a/w"),
      workload("b/w"),
      workload("a/v"),
      workload("a/w", { workloadKind: "Job" }),
      workload("a/w", { workloadKind: "ReplicaSet" }),
    ];
    expect(new Set(all.map(last)).size).toBe(all.length);
  });

  test("a node's pod keeps its name when other nodes come and go", () => {
    const one = workload("a/w", { workloadKind: "DaemonSet" });
    const [a, , c] = namesOf(one, ["a", "b", "c"]);
    expect(namesOf(one, ["a", "c"])).toEqual([a, c]);
  });

  test("nodes never share a pod's name", () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) => `node-${i}`);
    const names = namesOf(workload("a/w", { workloadKind: "DaemonSet" }), nodes);
    expect(new Set(names).size).toBe(nodes.length);
  });

  test.each<[what: string, fields: Partial<Workload>, hosts: readonly (string | undefined)[]]>([
    ["StatefulSet", { workloadKind: "StatefulSet", replicas: 2, serviceName: "db" }, ["w-0.db", "w-1.db"]],
    ["its template has no say", { workloadKind: "StatefulSet", template: template({ subdomain: "x" }) }, ["w-0."]],
    ["indexed Job", { workloadKind: "Job", replicas: 2, indexed: true }, ["w-0.", "w-1."]],
    [
      "indexed Job with a subdomain",
      { workloadKind: "Job", indexed: true, template: template({ hostname: "h", subdomain: "db" }) },
      ["w-0.db"],
    ],
    ["Job", { workloadKind: "Job" }, ["."]],
    ["the template's", { template: template({ hostname: "h", subdomain: "db" }) }, ["h.db"]],
  ])("host names: %s", (_, fields, hosts) => {
    const pods = podsOf(workload("a/w", fields));
    expect(pods.map(({ hostname, subdomain }) => `${hostname ?? ""}.${subdomain ?? ""}`)).toEqual(hosts);
  });

  test("a name that is no label is no host name", () => {
    expect(podsOf(workload("a/w.x", { workloadKind: "StatefulSet" }))[0]).not.toHaveProperty("hostname");
  });
});

describe("what else a pod has", () => {
  test.each<[what: string, fields: Partial<Workload>, added: readonly (readonly [string, string])[]]>([
    [
      "StatefulSet",
      { workloadKind: "StatefulSet", firstOrdinal: 4 },
      [
        ["statefulset.kubernetes.io/pod-name", "w-4"],
        ["apps.kubernetes.io/pod-index", "4"],
      ],
    ],
    ["ReplicaSet", { workloadKind: "ReplicaSet" }, []],
    [
      "Job",
      { workloadKind: "Job" },
      [
        ["batch.kubernetes.io/job-name", "w"],
        ["job-name", "w"],
      ],
    ],
    [
      "indexed Job",
      { workloadKind: "Job", indexed: true },
      [
        ["batch.kubernetes.io/job-name", "w"],
        ["job-name", "w"],
        ["batch.kubernetes.io/job-completion-index", "0"],
      ],
    ],
  ])("labels: %s", (_, fields, added) => {
    expect(podsOf(workload("a/w", { selector: APP, ...fields }))[0]!.labels).toEqual(new Map([...APP, ...added]));
  });

  test("all that its template has", () => {
    const spec = {
      namedPorts: [endpointPort("http", 8080)],
      hostNetwork: true,
      dnsPolicy: "None",
      dnsConfig: { nameservers: ["10.0.0.1"], searches: [], options: [] },
      enableServiceLinks: false,
    } as const;
    const place = { file: "f.yaml", line: 3, column: 1 };
    const [one] = podsOf(
      workload("a/w", { workloadKind: "ReplicaSet", template: template({ labels: APP, ...spec }), place }),
    );
    expect(one).toEqual({
      kind: "Pod",
      namespace: "a",
      name: one!.name,
      place,
      ...spec,
      labels: APP,
      ips: ["10.244.0.1"],
      phase: "Running",
      ready: true,
      owner: { kind: "ReplicaSet", name: "w" },
      simulated: "template",
    });
    expect(Object.isFrozen(one)).toBe(true);
  });

  test("it is not ready when its template says so", () => {
    expect(podsOf(workload("a/w", { template: template({ ready: false }) }))[0]).toMatchObject({ ready: false });
  });
});

test.each<[pod: string, set: string | undefined]>([
  ["db-0", "db"],
  ["db-main-12", "db-main"],
  ["db", undefined],
  ["db-a", undefined],
  ["-0", undefined],
])("a pod %s would be of the StatefulSet %s", (pod, set) => {
  expect(statefulSetOf(pod)).toBe(set);
});
