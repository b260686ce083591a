import { expect, test } from "vitest";
import { diagnoseYaml, podYaml, serviceYaml } from "../support/diagnose-yaml.ts";

const ENDPOINTS =
  "apiVersion: v1\nkind: Endpoints\nmetadata: { name: db, namespace: shop }\nsubsets: [{ addresses: [{ ip: 10.0.0.1 }] }]";

test.each<[title: string, documents: string[], expected: string[]]>([
  [
    "of a service without a selector",
    [serviceYaml("db", "ports: [{ port: 80 }]")],
    ["endpoints-deprecated Endpoints shop/db "],
  ],
  ["of no service", [], ["endpoints-no-service Endpoints shop/db metadata.name"]],
  [
    "of a service with a selector",
    [serviceYaml("db", "selector: { app: db }"), podYaml("db", "db")],
    ["endpoints-ignored Endpoints shop/db "],
  ],
  [
    "of an ExternalName service",
    [serviceYaml("db", "type: ExternalName, externalName: a.example, selector: { app: db }")],
    ["endpoints-deprecated Endpoints shop/db "],
  ],
])("%s", (_, documents, expected) => {
  expect(diagnoseYaml(ENDPOINTS, ...documents)).toEqual(expected);
});

test("the Endpoints of a leader election belong to no service", () => {
  const annotations = "annotations: { control-plane.alpha.kubernetes.io/leader: '{}' }";
  expect(diagnoseYaml(ENDPOINTS.replace("namespace: shop", `namespace: shop, ${annotations}`))).toEqual([]);
});
