import { expect, test } from "vitest";
import { Registry } from "../../src/cluster/registry.ts";
import type { Service } from "../../src/objects/kube-object.ts";
import { serviceRow } from "../../src/overview/service-row.ts";
import { externalName, port, service, slice } from "../support/core/objects.ts";
import { replace } from "../support/core/origins.ts";

const NONE = { ready: 0, total: 0 };

test.each<[what: string, service: Service, row: object]>([
  [
    "a service with cluster IPs, endpoints and a place",
    service("shop/web", {
      type: "NodePort",
      clusterIPs: ["10.96.0.10"],
      ports: [port("http", 80, "web")],
      place: { file: "shop.yaml", line: 7, column: 1 },
    }),
    {
      type: "NodePort",
      addresses: ["10.96.0.10"],
      ports: [{ name: "http", protocol: "TCP", port: 80 }],
      endpoints: { ready: 1, total: 2 },
      file: "shop.yaml",
      line: 7,
    },
  ],
  [
    "a headless service",
    service("shop/db", { headless: true }),
    { type: "Headless", addresses: [], ports: [], endpoints: NONE },
  ],
  [
    "an ExternalName",
    externalName("shop/pay", "api.example.com"),
    { type: "ExternalName", addresses: [], ports: [], endpoints: NONE, externalName: "api.example.com" },
  ],
])("%s", (_, object, row) => {
  const registry = new Registry();
  const endpoints = [
    { addresses: ["10.0.0.1"], ready: true },
    { addresses: ["10.0.0.2"], ready: false },
  ];
  registry.apply([replace([object, slice("shop/web", { endpoints })])]);
  expect(serviceRow({ domain: "cluster.local", registry }, object)).toEqual({
    domain: "cluster.local",
    namespace: "shop",
    name: object.name,
    ...row,
  });
});
