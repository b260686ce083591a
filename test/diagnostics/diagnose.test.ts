import { expect, test } from "vitest";
import { diagnose } from "../../src/diagnostics/diagnose.ts";
import { DiagnosticView } from "../../src/diagnostics/view.ts";
import { Registry } from "../../src/cluster/registry.ts";
import { diagnoseYaml, headlessYaml, podYaml, serviceYaml, statefulSetYaml } from "../support/diagnose-yaml.ts";

const DOCUMENTS = [
  serviceYaml("web", "selector: { app: wbe }, ports: [{ port: 80 }]"),
  headlessYaml("shop", "web"),
  podYaml("web", "web", "hostname: web"),
  statefulSetYaml("db", "db", "db"),
  serviceYaml("loop", "type: ExternalName, externalName: loop.shop.svc.cluster.local"),
  "apiVersion: v1\nkind: Endpoints\nmetadata: { name: old, namespace: shop }",
  "apiVersion: v1\nkind: Endpoints\nmetadata: { name: other, namespace: shop }",
  serviceYaml("old", "ports: [{ port: 80 }]"),
  serviceYaml("bare", "clusterIP: None"),
  "apiVersion: v1\nkind: Namespace\nmetadata: { name: svc }",
  podYaml("cut", "cut", "dnsConfig: { nameservers: [192.0.2.1, 192.0.2.2, 192.0.2.3] }"),
];

const FOUND = [
  "endpoints-deprecated Endpoints shop/old ",
  "endpoints-no-service Endpoints shop/other metadata.name",
  "external-name-loop Service shop/loop spec.externalName",
  "hostname-without-subdomain Pod shop/web spec.hostname",
  "namespace-named-svc Namespace /svc metadata.name",
  "resolv-conf-limit Pod shop/cut spec.dnsConfig",
  "selector-no-pods Service shop/web spec.selector",
  "service-named-like-namespace Service shop/shop metadata.name",
  "service-no-endpoints Service shop/bare spec",
  "stateful-set-service-missing StatefulSet shop/db spec.serviceName",
];

test("runs every group of rules, whatever the order of the objects", () => {
  expect(diagnoseYaml(...DOCUMENTS)).toEqual(FOUND);
  expect(diagnoseYaml(...DOCUMENTS.toReversed())).toEqual(FOUND);
});

test("without objects there are no findings", () => {
  expect(diagnose(new DiagnosticView(new Registry(), { clusterDomain: "cluster.local" }))).toEqual([]);
});
