import { expect, test } from "vitest";
import { findLongNames } from "../../src/diagnostics/long-name-rules.ts";
import { DiagnosticView } from "../../src/diagnostics/view.ts";
import { Registry } from "../../src/cluster/registry.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import { parseObject } from "../../src/objects/parse-object.ts";
import { replace } from "../support/core/origins.ts";

const at = { namespace: "shop", locate: () => undefined };

function findings(objects: readonly object[], domain: string): readonly string[] {
  const registry = new Registry();
  registry.apply([replace(objects.map((object): KubeObject => parseObject(object, at).object!))]);
  return findLongNames(new DiagnosticView(registry, { clusterDomain: domain })).map(({ message }) => message);
}

const SERVICE = { apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec: { ports: [{ port: 80 }] } };
const NAMED = { ...SERVICE, spec: { ports: [{ name: "http", port: 80 }] } };
const SLICE = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
  addressType: "IPv4",
  endpoints: [{ addresses: ["10.0.0.1"], hostname: "a".repeat(20) }],
};

// `web.shop.svc.` has 13 characters.
const domain = (size: number): string => "a.".repeat(size).slice(0, size);

test.each<[title: string, objects: object[], size: number, found: number]>([
  ["the longest name of a service", [SERVICE], 253 - 13, 0],
  ["one more octet", [SERVICE], 254 - 13, 1],
  ["the longest name of a port", [NAMED], 253 - 13 - 11, 0],
  ["one more octet with a port", [NAMED], 254 - 13 - 11, 1],
  ["the longest name of an endpoint", [SERVICE, SLICE], 253 - 13 - 21, 0],
  ["one more octet with an endpoint", [SERVICE, SLICE], 254 - 13 - 21, 1],
])("%s", (_, objects, size, found) => {
  expect(findings(objects, domain(size))).toHaveLength(found);
});

test("the message has the name and its size", () => {
  expect(findings([SERVICE], domain(241))[0]).toMatch(/^the name web\.shop\.svc\.a\..* has 256 octets/);
});
