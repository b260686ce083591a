import { describe, expect, test } from "vitest";
import { adviceOfYaml, diagnoseYaml, otherYaml, podYaml, serviceYaml, workloadYaml } from "../support/diagnose-yaml.ts";

const WEB = serviceYaml("web", "selector: { app: web, tier: front }, ports: [{ port: 80 }]");
const PLAIN = serviceYaml("web", "selector: { app: web }, ports: [{ port: 80 }]");

describe("selectors", () => {
  test.each<[title: string, documents: string[], expected: string[]]>([
    ["a pod that has the label", [PLAIN, podYaml("a", "web")], []],
    ["a template that has it", [PLAIN, workloadYaml("Deployment", "a", "web")], []],
    ["a template of no replicas", [PLAIN, workloadYaml("Deployment", "a", "web", "", "replicas: 0")], []],
    ["a label that no pod has", [PLAIN, podYaml("a", "wbe")], ["selector-no-pods Service shop/web spec.selector"]],
    [
      "one of two labels",
      [WEB, workloadYaml("Deployment", "a", "web")],
      ["selector-no-pods Service shop/web spec.selector"],
    ],
    [
      "pods of another namespace",
      [PLAIN, podYaml("a", "db"), podYaml("test/a", "web")],
      ["selector-other-namespace Service shop/web spec.selector"],
    ],
    ["pods of both namespaces", [PLAIN, podYaml("a", "web"), podYaml("test/a", "web")], []],
    ["no pods at all", [PLAIN], ["selector-unseen-pods Service shop/web spec.selector"]],
    [
      "pods of other namespaces that do not match either",
      [PLAIN, podYaml("test/a", "db")],
      ["selector-unseen-pods Service shop/web spec.selector"],
    ],
    [
      "a custom resource of that name",
      [PLAIN, podYaml("a", "db"), otherYaml("databases.example/v1", "Database", "web")],
      ["selector-no-pods Service shop/web spec.selector"],
    ],
    [
      "a label of the domain of a custom resource, and its name",
      [
        serviceYaml("pg-ro", "selector: { databases.example/cluster: pg, role: replica }, ports: [{ port: 5432 }]"),
        podYaml("a", "db"),
        otherYaml("pg.databases.example/v1", "Cluster", "pg"),
      ],
      ["selector-unseen-pods Service shop/pg-ro spec.selector"],
    ],
    [
      "a label of the domain of a custom resource of another name",
      [
        serviceYaml("pg-ro", "selector: { databases.example/cluster: pg }, ports: [{ port: 5432 }]"),
        podYaml("a", "db"),
        otherYaml("pg.databases.example/v1", "Cluster", "mine"),
      ],
      ["selector-no-pods Service shop/pg-ro spec.selector"],
    ],
    [
      "pods of the cluster itself",
      [
        serviceYaml("kube-system/dns", "selector: { k8s-app: dns }, ports: [{ port: 53 }]"),
        podYaml("kube-system/a", "db"),
      ],
      ["selector-unseen-pods Service kube-system/dns spec.selector"],
    ],
    [
      "pods of the cluster itself, beside others with the key",
      [
        serviceYaml("kube-system/dns", "selector: { app: dns }, ports: [{ port: 53 }]"),
        podYaml("kube-system/a", "cache"),
      ],
      ["selector-unseen-pods Service kube-system/dns spec.selector"],
    ],
    [
      "pods of a system namespace that are nearly meant",
      [
        serviceYaml("kube-system/dns", "selector: { app: dnss }, ports: [{ port: 53 }]"),
        podYaml("kube-system/a", "dns"),
      ],
      ["selector-no-pods Service kube-system/dns spec.selector"],
    ],
    [
      "a built-in kind of that name",
      [
        PLAIN,
        podYaml("a", "db"),
        otherYaml("networking.k8s.io/v1", "Ingress", "web"),
        otherYaml("v1", "Secret", "web"),
      ],
      ["selector-no-pods Service shop/web spec.selector"],
    ],
    ["no selector", [serviceYaml("web", "ports: [{ port: 80 }]")], []],
    [
      "an ExternalName service, whose selector is ignored",
      [serviceYaml("web", "type: ExternalName, externalName: a.example.com, selector: { app: web }")],
      [],
    ],
    [
      "a slice written by hand",
      [
        PLAIN,
        podYaml("a", "db"),
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: web-1, namespace: shop, labels: { kubernetes.io/service-name: web } }\naddressType: IPv4\nendpoints: [{ addresses: [10.0.0.1] }]",
      ],
      [],
    ],
  ])("%s", (_, documents, expected) => {
    expect(diagnoseYaml(...documents)).toEqual(expected);
  });

  test.each<[title: string, documents: string[], text: string]>([
    [
      "the closest pods",
      [WEB, workloadYaml("Deployment", "a", "web")],
      "Deployment shop/a comes closest: it lacks tier",
    ],
    ["another value of the only label", [PLAIN, podYaml("a", "wbe")], "Pod shop/a comes closest: it has app=wbe"],
    ["where the pods are", [PLAIN, podYaml("test/a", "web")], "but Pod test/a does"],
    [
      "the nearest value, not the first pods",
      [PLAIN, podYaml("a", "cache"), podYaml("b", "wbe")],
      "Pod shop/b comes closest: it has app=wbe",
    ],
    [
      "the nearest key",
      [serviceYaml("web", "selector: { ap: web }, ports: [{ port: 80 }]"), podYaml("a", "db"), podYaml("b", "web")],
      "Pod shop/b comes closest: it has app=web",
    ],
    [
      "the custom resource whose operator may create the pods",
      [
        serviceYaml("pg", "selector: { databases.example/cluster: pg }, ports: [{ port: 5432 }]"),
        podYaml("a", "db"),
        otherYaml("pg.databases.example/v1", "Cluster", "pg"),
      ],
      "but an operator may create such pods for Cluster shop/pg",
    ],
  ])("the problem has %s", (_, documents, text) => {
    expect(adviceOfYaml(...documents)).toEqual([expect.stringContaining(text)]);
  });
});

const HTTP = "containers: [{ name: a, image: a, ports: [{ name: http, containerPort: 8080 }] }]";

function withTarget(targetPort: string): string {
  const ports = `[{ name: a, port: 80, targetPort: 8080 }, { name: b, port: 81, targetPort: ${targetPort} }]`;
  return serviceYaml("web", `selector: { app: web }, ports: ${ports}`);
}

function deployment(name: string, podSpec: string): string {
  return workloadYaml("Deployment", name, "web").replace("containers: [{ name: c, image: c }]", podSpec);
}

describe("named target ports", () => {
  const MISSING = ["target-port-missing Service shop/web spec.ports.1.targetPort"];

  test.each<[title: string, documents: string[], expected: string[]]>([
    ["one that a container has", [withTarget("http"), deployment("a", HTTP)], []],
    ["one that no container has", [withTarget("htpp"), deployment("a", HTTP)], MISSING],
    ["one of another protocol", [withTarget("http, protocol: UDP"), deployment("a", HTTP)], MISSING],
    ["one that some pods have", [withTarget("http"), deployment("a", HTTP), podYaml("b", "web")], []],
    ["containers without ports", [withTarget("http"), podYaml("b", "web")], MISSING],
    [
      "a sidecar's",
      [
        withTarget("proxy"),
        deployment(
          "a",
          "containers: [{ name: c, image: c }], initContainers: [{ name: p, image: p, restartPolicy: Always, ports: [{ name: proxy, containerPort: 1 }] }]",
        ),
      ],
      [],
    ],
    ["a number that no container declares", [withTarget("9999"), deployment("a", HTTP)], []],
  ])("%s", (_, documents, expected) => {
    expect(diagnoseYaml(...documents)).toEqual(expected);
  });

  test("the advice has the names of the ports", () => {
    expect(adviceOfYaml(withTarget("htpp"), deployment("a", HTTP))).toEqual([
      "no container of the selected pods has a port named htpp; use one of http (Deployment shop/a), or a port number",
    ]);
  });
});
