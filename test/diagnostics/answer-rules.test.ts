import { expect, test } from "vitest";
import {
  adviceOfYaml,
  diagnoseYaml,
  headlessYaml,
  podYaml,
  serviceYaml,
  workloadYaml,
} from "../support/diagnose-yaml.ts";

const FIELD = "Service shop/db spec.selector";
const ENDPOINTS = "apiVersion: v1\nkind: Endpoints\nmetadata: { name: dbb, namespace: shop }";
const SLICE =
  "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: db-1, namespace: shop, labels: { kubernetes.io/service-name: db } }\naddressType: IPv4\n";

test.each<[title: string, documents: string[], expected: string[]]>([
  ["a ready pod", [headlessYaml("db", "db"), podYaml("a", "db")], []],
  [
    "a pod that is not ready",
    [headlessYaml("db", "db"), podYaml("a", "db").replace("'True'", "'False'")],
    [`service-no-endpoints ${FIELD}`],
  ],
  [
    "templates without pods",
    [headlessYaml("db", "db"), workloadYaml("Deployment", "a", "db", "", "replicas: 0")],
    [`service-no-endpoints ${FIELD}`],
  ],
  ["a pod without a status", [headlessYaml("db", "db"), podYaml("a", "db").replace(/\nstatus:.*/, "")], []],
  ["no selector and no slice", [serviceYaml("db", "clusterIP: None")], ["service-no-endpoints Service shop/db spec"]],
  ["a cluster IP and no selector", [serviceYaml("db", "ports: [{ port: 1 }]")], []],
  ["a slice", [serviceYaml("db", "clusterIP: None"), `${SLICE}endpoints: [{ addresses: [192.0.2.1] }]`], []],
  [
    "a slice without a ready endpoint",
    [
      serviceYaml("db", "clusterIP: None"),
      `${SLICE}endpoints: [{ addresses: [192.0.2.1], conditions: { ready: false } }]`,
    ],
    ["service-no-endpoints Service shop/db spec"],
  ],
])("%s", (_, documents, expected) => {
  expect(diagnoseYaml(...documents)).toEqual(expected);
});

test("the advice names endpoints that may be meant", () => {
  expect(adviceOfYaml(serviceYaml("db", "clusterIP: None"), ENDPOINTS)).toEqual([
    expect.stringContaining("use db, the nearest service"),
    expect.stringContaining("correct the name dbb in the Endpoints or EndpointSlice to db"),
  ]);
});

const OBSERVED = "status: { observedGeneration: 1, replicas: 0 }";

test.each<[title: string, documents: string[], advice: string]>([
  ["replicas: 0", [workloadYaml("Deployment", "a", "db", "", "replicas: 0")], "set `replicas` to 1 or more"],
  [
    "a Job",
    [
      "apiVersion: batch/v1\nkind: Job\nmetadata: { name: a, namespace: shop }\nspec: { parallelism: 0, template: " +
        "{ metadata: { labels: { app: db } }, spec: { restartPolicy: Never, containers: [{ name: c, image: c }] } } }",
    ],
    "set `parallelism` to 1 or more",
  ],
  ["a status", [`${workloadYaml("Deployment", "a", "db")}\n${OBSERVED}`], "take the state of the cluster again"],
])("the advice fits what says that there are no pods: %s", (_, documents, advice) => {
  expect(adviceOfYaml(headlessYaml("db", "db"), ...documents)).toEqual([expect.stringContaining(advice)]);
});

test("a headless service of a family that its pods lack", () => {
  const service = serviceYaml("a", "clusterIP: None, ipFamilies: [IPv6], selector: { app: a }");
  expect(adviceOfYaml(service, podYaml("a", "a"))).toEqual([
    "has no endpoint, so its name does not exist: no pod has an IPv6 address (Pod shop/a); " +
      "change `ipFamilies`, or give the pods addresses of this family",
  ]);
});
