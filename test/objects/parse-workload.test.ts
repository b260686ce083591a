import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { ParseResult } from "../../src/objects/parse-object.ts";
import { parseObject } from "../../src/objects/parse-object.ts";

type Json = Readonly<Record<string, unknown>>;

const LABELS = { app: "web" };
const TEMPLATE: Json = {
  metadata: { labels: LABELS },
  spec: { containers: [{ name: "web", image: "web", ports: [{ name: "http", containerPort: 8080 }] }] },
};
const JOB_TEMPLATE: Json = { ...TEMPLATE, spec: { ...(TEMPLATE["spec"] as Json), restartPolicy: "Never" } };

function parse(input: unknown): ParseResult {
  return parseObject(input, {
    namespace: "default",
    locate: (path) => ({ file: "f.yaml", line: path.length + 1, column: 1 }),
  });
}

const VERSIONS: Readonly<Record<string, string>> = { ReplicationController: "v1", Job: "batch/v1", Pod: "v1" };

/** A workload of the kind with labels `app=web`, in its current version. */
function workload(kind: string, spec: Json = {}, metadata: Json = {}): Json {
  const selector: Json =
    kind === "Job" ? {} : { selector: kind === "ReplicationController" ? LABELS : { matchLabels: LABELS } };
  return {
    apiVersion: VERSIONS[kind] ?? "apps/v1",
    kind,
    metadata: { name: "web", ...metadata },
    spec: { ...selector, template: kind === "Job" ? JOB_TEMPLATE : TEMPLATE, ...spec },
  };
}

function valid(input: unknown): KubeObject {
  const { object, problems } = parse(input);
  expect(problems).toEqual([]);
  return object!;
}

describe("parseWorkload", () => {
  test("a workload with the defaults of its template", () => {
    const { object, key } = parse(workload("Deployment"));
    expect(key).toBe("Deployment default/web");
    expect(object).toEqual({
      kind: "Workload",
      workloadKind: "Deployment",
      namespace: "default",
      name: "web",
      place: { file: "f.yaml", line: 1, column: 1 },
      replicas: 1,
      selector: new Map([["app", "web"]]),
      template: {
        labels: new Map([["app", "web"]]),
        ready: true,
        namedPorts: [{ name: "http", protocol: "TCP", port: 8080 }],
        hostNetwork: false,
        dnsPolicy: "ClusterFirst",
        enableServiceLinks: true,
      },
      firstOrdinal: 0,
      indexed: false,
    });
    expect(Object.isFrozen(object)).toBe(true);
  });

  const rows: [title: string, input: Json, expected: Json][] = [
    ["StatefulSet", workload("StatefulSet", { replicas: 3, serviceName: "db" }), { replicas: 3, serviceName: "db" }],
    ["a first ordinal", workload("StatefulSet", { ordinals: { start: 5 } }), { firstOrdinal: 5 }],
    ["a StatefulSet of no service", workload("StatefulSet", { serviceName: "" }), { firstOrdinal: 0 }],
    ["ReplicaSet of none", workload("ReplicaSet", { replicas: 0 }), { workloadKind: "ReplicaSet", replicas: 0 }],
    ["replicas null", workload("Deployment", { replicas: null }), { replicas: 1 }],
    ["ReplicationController", workload("ReplicationController", { replicas: 2 }), { replicas: 2 }],
    [
      "ReplicationController without selector",
      workload("ReplicationController", { selector: undefined }),
      { selector: new Map([["app", "web"]]) },
    ],
    ["DaemonSet", workload("DaemonSet"), { replicas: 1 }],
    ["Job", workload("Job"), { workloadKind: "Job", replicas: 1, selector: new Map([["app", "web"]]) }],
    ["Job: parallelism", workload("Job", { parallelism: 4 }), { replicas: 4, indexed: false }],
    ["Job: fewer completions", workload("Job", { parallelism: 4, completions: 3 }), { replicas: 3 }],
    ["Job: more completions", workload("Job", { parallelism: 4, completions: 9 }), { replicas: 4 }],
    ["Job: completions alone", workload("Job", { completions: 9 }), { replicas: 1 }],
    ["Job: no parallelism", workload("Job", { parallelism: 0 }), { replicas: 0 }],
    ["Job: suspended", workload("Job", { parallelism: 4, suspend: true }), { replicas: 0 }],
    [
      "Job: indexed",
      workload("Job", { parallelism: 4, completions: 2, completionMode: "Indexed" }),
      { replicas: 2, indexed: true },
    ],
    [
      "Job: complete",
      { ...workload("Job"), status: { conditions: [{ type: "Complete", status: "True" }] } },
      { replicas: 0 },
    ],
    [
      "Job: not failed",
      { ...workload("Job"), status: { conditions: [{ type: "Failed", status: "False" }] } },
      { replicas: 1 },
    ],
    [
      "Job: labels of a selector written by hand",
      workload("Job", {
        manualSelector: true,
        selector: { matchLabels: { other: "x" } },
        template: { ...JOB_TEMPLATE, metadata: { labels: { ...LABELS, other: "x" } } },
      }),
      { selector: new Map([["other", "x"]]) },
    ],
    [
      "expressions alone",
      workload("Deployment", { selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }),
      { selector: new Map([["app", "web"]]) },
    ],
    [
      "not ready by annotation",
      workload("Deployment", {
        template: { ...TEMPLATE, metadata: { labels: LABELS, annotations: { "cluster-dns/ready": "false" } } },
      }),
      { template: { ready: false } },
    ],
    [
      "addresses by annotation",
      workload("Deployment", {}, { annotations: { "cluster-dns/addresses": "192.0.2.10,192.0.2.11" } }),
      { addresses: ["192.0.2.10", "192.0.2.11"] },
    ],
    [
      "an owner",
      workload(
        "ReplicaSet",
        {},
        {
          ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "1", controller: true }],
        },
      ),
      { owner: { kind: "Deployment", name: "web" } },
    ],
    [
      "what a template says of its pods",
      workload("Deployment", {
        template: {
          ...TEMPLATE,
          spec: {
            ...(TEMPLATE["spec"] as Json),
            hostname: "h",
            subdomain: "s",
            hostNetwork: true,
            dnsPolicy: "Default",
          },
        },
      }),
      { template: { hostname: "h", subdomain: "s", hostNetwork: true, dnsPolicy: "Default" } },
    ],
  ];
  test.each(rows)("%s", (_title, input, expected) => {
    const object = valid(input);
    const { template, ...rest } = expected;
    expect(object).toMatchObject(rest);
    if (template !== undefined) expect(object).toHaveProperty("template", expect.objectContaining(template));
  });

  test("absent fields are omitted", () => {
    const object = valid(workload("StatefulSet", { serviceName: "" }));
    for (const field of ["serviceName", "addresses", "owner"]) expect(object).not.toHaveProperty(field);
  });

  test("Node", () => {
    const node = valid({ apiVersion: "v1", kind: "Node", metadata: { name: "node-1.example.com", namespace: "x" } });
    expect(node).toMatchObject({ kind: "Node", namespace: "", name: "node-1.example.com" });
  });

  test.each([
    ["Job", "example.com/v1"],
    ["Deployment", "example.com/v1"],
  ])("%s of %s is of another kind", (kind, apiVersion) => {
    expect(valid({ apiVersion, kind, metadata: { name: "a" } })).toMatchObject({ kind: "Other", otherKind: kind });
  });
});

describe("older versions", () => {
  test.each([
    ["StatefulSet", "apps/v1beta1"],
    ["Deployment", "extensions/v1beta1"],
    ["ReplicaSet", "apps/v1beta2"],
    ["DaemonSet", "extensions/v1beta1"],
  ])("%s of %s is taken, without a selector too", (kind, apiVersion) => {
    const { object, problems } = parse({ ...workload(kind, { selector: undefined }), apiVersion });
    expect(object).toMatchObject({ workloadKind: kind, selector: new Map([["app", "web"]]) });
    expect(problems).toMatchObject([
      {
        code: "old-api-version",
        severity: "warning",
        message: `Kubernetes no longer serves ${kind} in ${apiVersion}`,
        advice: "use `apiVersion: apps/v1`",
        object: `${kind} default/web`,
        place: { line: 2 },
      },
    ]);
  });
});

describe("invalid fields", () => {
  const rows: [title: string, input: Json, message: string, line: number][] = [
    ["no spec", { ...workload("Deployment"), spec: undefined }, "spec: expected a mapping, got nothing", 2],
    ["no template", workload("Job", { template: null }), "spec.template: expected a mapping, got nothing", 3],
    ["a template's list", workload("Job", { template: [] }), "spec.template: expected a mapping, got a list", 3],
    [
      "a template without spec",
      workload("Deployment", { template: { metadata: { labels: LABELS } } }),
      "spec.template.spec: expected a mapping with containers, got nothing",
      4,
    ],
    [
      "a fault of the template",
      workload("Job", {
        template: {
          spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i", ports: [{ containerPort: 0 }] }] },
        },
      }),
      "spec.template.spec.containers[0].ports[0].containerPort: expected an integer from 1 to 65535, got 0",
      9,
    ],
    ["replicas", workload("Deployment", { replicas: -1 }), "spec.replicas: expected an integer of at least 0", 3],
    ["a service's name", workload("StatefulSet", { serviceName: "a.b" }), "spec.serviceName: expected a DNS label", 3],
    ["no selector", workload("Deployment", { selector: null }), "spec.selector: expected a mapping, got nothing", 3],
    ["an empty one", workload("Deployment", { selector: {} }), "spec.selector: expected at least one label", 3],
    ["a text", workload("Deployment", { selector: "app" }), 'spec.selector: expected a mapping, got "app"', 3],
    [
      "another pod's selector",
      workload("Deployment", { selector: { matchLabels: { app: "web", tier: "front" } } }),
      "spec.template.metadata.labels: expected labels that spec.selector matches, got a mapping",
      5,
    ],
    [
      "an indexed Job without an end",
      workload("Job", { completionMode: "Indexed", parallelism: 2 }),
      "spec.completions: expected a number of completions, because completionMode is Indexed, got nothing",
      3,
    ],
    ["a mode", workload("Job", { completionMode: "Odd" }), "spec.completionMode: expected one of Indexed, Non", 3],
    [
      "an address",
      workload("Deployment", {}, { annotations: { "cluster-dns/addresses": "localhost" } }),
      "metadata.annotations.cluster-dns/addresses: expected IP addresses",
      4,
    ],
  ];
  test.each(rows)("%s", (_title, input, message, line) => {
    const { object, key, problems } = parse(input);
    expect(object).toBeUndefined();
    expect(key).toBe(`${String(input["kind"])} default/web`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: "error", object: key, place: { file: "f.yaml", line } });
    expect(problems[0]!.message).toContain(message);
  });
});

describe("pods, owners and annotations", () => {
  const pod = (metadata: Json): Json => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", ...metadata },
    spec: {},
    status: { podIP: "10.244.0.1", conditions: [{ type: "Ready", status: "True" }] },
  });

  test.each<[title: string, references: unknown, owner: unknown]>([
    ["none", undefined, undefined],
    ["the only one", [{ kind: "Job", name: "a" }], { kind: "Job", name: "a" }],
    [
      "the controller",
      [
        { kind: "Config", name: "a" },
        { kind: "ReplicaSet", name: "b", controller: true },
      ],
      { kind: "ReplicaSet", name: "b" },
    ],
    [
      "no controller: the first",
      [
        { kind: "A", name: "a", controller: false },
        { kind: "B", name: "b" },
      ],
      { kind: "A", name: "a" },
    ],
    ["one that says nothing", [{ uid: "1" }], undefined],
  ])("owner: %s", (_title, ownerReferences, owner) => {
    const object = valid(pod({ ownerReferences }));
    expect("owner" in object ? object.owner : undefined).toEqual(owner);
  });

  test("the annotation makes a ready pod not ready, but can't make a pod ready", () => {
    expect(valid(pod({}))).toMatchObject({ ready: true });
    expect(valid(pod({ annotations: { "cluster-dns/ready": "false" } }))).toMatchObject({ ready: false });
    const leaving = { deletionTimestamp: "2026-01-01T00:00:00Z", annotations: { "cluster-dns/ready": "true" } };
    expect(valid(pod(leaving))).toMatchObject({ ready: false });
  });
});

describe("what a status says", () => {
  const of = (kind: string, status: Json, spec: Json = {}, metadata: Json = {}): KubeObject =>
    valid({ ...workload(kind, spec, metadata), status });

  test.each<[kind: string, status: Json, spec: Json, metadata: Json, replicas: number, readyReplicas?: number]>([
    ["Deployment", {}, { replicas: 3 }, {}, 3],
    ["Deployment", { replicas: 2, readyReplicas: 1 }, { replicas: 3 }, {}, 2, 1],
    ["Deployment", { observedGeneration: 1 }, { replicas: 3 }, {}, 0, 0],
    ["Deployment", { conditions: [] }, { replicas: 3 }, {}, 3],
    ["Deployment", { conditions: [] }, { replicas: 3 }, { uid: "1" }, 0, 0],
    ["StatefulSet", { replicas: 0 }, {}, { creationTimestamp: null }, 1],
    ["StatefulSet", { replicas: 0 }, {}, {}, 0, 0],
    ["DaemonSet", { desiredNumberScheduled: 0, numberReady: 0 }, {}, {}, 0, 0],
    ["DaemonSet", { desiredNumberScheduled: 4, numberReady: 3 }, {}, {}, 4, 3],
    ["Job", { active: 1, ready: 1 }, { parallelism: 2 }, {}, 1, 1],
    ["Job", { startTime: "2026-01-01T00:00:00Z" }, { parallelism: 2 }, {}, 0, 0],
  ])("%s %o %o %o", (kind, status, spec, metadata, replicas, readyReplicas) => {
    const object = of(kind, status, spec, metadata) as { replicas?: number; readyReplicas?: number };
    expect([object.replicas, object.readyReplicas]).toEqual([replicas, readyReplicas]);
  });

  test.each<[kind: string, annotations: Json, spec: Json, status: Json, inactive: string | undefined]>([
    ["Job", {}, { suspend: true }, {}, "suspended"],
    ["Job", {}, {}, { conditions: [{ type: "Failed", status: "True" }] }, "finished"],
    ["Job", { "helm.sh/hook": "post-install" }, {}, {}, "hook"],
    ["Job", { "helm.sh/hook": "post-install" }, {}, { active: 1 }, undefined],
    ["Job", { "argocd.argoproj.io/hook": "Sync" }, {}, {}, "hook"],
    ["Deployment", { "helm.sh/hook": "test-success" }, {}, {}, "hook"],
    ["Deployment", { "argocd.argoproj.io/hook": "Sync" }, {}, {}, undefined],
  ])("%s %o %o %o is inactive: %s", (kind, annotations, spec, status, inactive) => {
    expect((of(kind, status, spec, { annotations }) as { inactive?: string }).inactive).toBe(inactive);
  });

  test("a CronJob has the template of its Jobs, and no pods", () => {
    const cronJob = valid({
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "tick" },
      spec: { schedule: "* * * * *", jobTemplate: { spec: { template: JOB_TEMPLATE } } },
    });
    expect(cronJob).toMatchObject({ workloadKind: "CronJob", replicas: 0, inactive: "scheduled" });
    expect(cronJob).toMatchObject({ template: { labels: new Map([["app", "web"]]) } });
  });
});
