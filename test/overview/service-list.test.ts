import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Registry } from "../../src/cluster/registry.ts";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import { PAGE_SIZE_MAX, ServiceList } from "../../src/overview/service-list.ts";
import type { ServiceSearch } from "../../src/overview/service-list.ts";
import { cpuTimeMs, expectMsBelow } from "../support/timing.ts";
import { externalName, port, service, slice } from "../support/core/objects.ts";
import { put, replace } from "../support/core/origins.ts";

const READY = { addresses: ["10.244.1.10"], ready: true, podName: "web-0" };

function registryOf(objects: readonly KubeObject[]): Registry {
  const registry = new Registry();
  registry.apply([replace(objects)]);
  return registry;
}

const listOf = (...registries: readonly Registry[]): ServiceList =>
  new ServiceList(registries.map((registry, i) => ({ domain: i === 0 ? "cluster.local" : `c${i}.example`, registry })));

const SHOP: readonly KubeObject[] = [
  service("shop/web", { clusterIPs: ["10.96.0.10", "fd00::10"], ports: [port("http", 80)] }),
  slice("shop/web", { endpoints: [READY] }),
  service("shop/db", { headless: true, ports: [port("postgres", 5432)] }),
  slice("shop/db", { endpoints: [{ addresses: ["10.244.2.20"], ready: false, podName: "db-0" }] }),
  service("data/web", { type: "LoadBalancer", clusterIPs: ["10.96.0.11"] }),
  externalName("shop/pay", "api.example.com"),
  service("default/kubernetes", { clusterIPs: ["10.96.0.1"], simulated: true }),
];

describe("a search finds", () => {
  test.each<[what: string, search: ServiceSearch, found: readonly string[]]>([
    ["all, by namespace and name", {}, ["data/web", "default/kubernetes", "shop/db", "shop/pay", "shop/web"]],
    ["a part of a name", { query: "EB" }, ["data/web", "shop/web"]],
    ["namespace and name", { query: "shop/web" }, ["shop/web"]],
    ["all of several words", { query: " web  10.96.0.11 " }, ["data/web"]],
    ["an IPv6 address", { query: "fd00::10" }, ["shop/web"]],
    ["a type", { query: "headless" }, ["shop/db"]],
    ["a port", { query: "5432/tcp" }, ["shop/db"]],
    ["an external name", { query: "example.com" }, ["shop/pay"]],
    ["the address of an endpoint", { query: "10.244.2.20" }, ["shop/db"]],
    ["the pod of an endpoint", { query: "web-0" }, ["shop/web"]],
    ["a namespace, and not those that begin with it", { namespace: "shop" }, ["shop/db", "shop/pay", "shop/web"]],
    ["what has no ready endpoint and should have", { isUnready: true }, ["data/web", "shop/db"]],
    ["nothing", { query: "nowhere" }, []],
  ])("%s", (_, search, found) => {
    const page = listOf(registryOf(SHOP)).find(search);
    expect(page.services.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(found);
    expect(page.found).toBe(found.length);
  });
});

test("counts all services, and those without a ready endpoint", () => {
  const list = listOf(registryOf(SHOP));
  expect([list.size, list.unready]).toEqual([5, 2]);
});

test("pages hold each service once, whatever their size", () => {
  const names = Array.from({ length: 23 }, (_, i) => `service-${i}`);
  const list = listOf(registryOf(names.map((name) => service(`a/${name}`))));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), (pageSize) => {
      const { pages } = list.find({ pageSize });
      expect(pages).toBe(Math.ceil(names.length / pageSize));
      const all = Array.from({ length: pages }, (_, i) => list.find({ pageSize, page: i + 1 }).services).flat();
      expect(all.map(({ name }) => name)).toEqual(names.toSorted());
    }),
  );
});

test("a page beyond the last is the last, and a page has no more than the limit", () => {
  const list = listOf(registryOf(Array.from({ length: PAGE_SIZE_MAX + 1 }, (_, i) => service(`a/s${i}`))));
  expect(list.find({ page: 99, pageSize: 10_000 })).toMatchObject({ page: 2, pages: 2, services: [{}] });
  expect(list.find({ page: -1, pageSize: 0 })).toMatchObject({ page: 1, pages: PAGE_SIZE_MAX + 1, services: [{}] });
});

test("has the services of several clusters, by name and then in the clusters' order", () => {
  const list = listOf(registryOf(SHOP), registryOf([service("shop/web"), service("shop/a")]));
  const found = (query: string): unknown =>
    list.find({ query }).services.map(({ namespace, name, domain }) => `${name}.${namespace}.${domain}`);
  expect(found("shop/")).toEqual([
    "a.shop.c1.example",
    "db.shop.cluster.local",
    "pay.shop.cluster.local",
    "web.shop.cluster.local",
    "web.shop.c1.example",
  ]);
  expect(found("web c1.example")).toEqual(["web.shop.c1.example"]);
  expect(list.size).toBe(7);
});

test("follows the cluster", () => {
  const registry = registryOf(SHOP);
  const list = listOf(registry);
  expect(list.find({ query: "shop/new" }).found).toBe(0);
  registry.apply([put(service("shop/new"))]);
  expect(list.find({ query: "shop/new" }).found).toBe(1);
  registry.apply([put(slice("shop/db", { endpoints: [READY] }))]);
  expect(list.find({ query: "shop/db" }).services[0]!.endpoints).toEqual({ ready: 1, total: 1 });
  expect(list.unready).toBe(2);
});

test("searches ten thousand services of ten endpoints in a tenth of a second", () => {
  const endpoints = Array.from({ length: 10 }, (_, i) => ({
    addresses: [`10.244.${i}.1`],
    ready: true,
    podName: `pod-${i}`,
  }));
  const objects = Array.from({ length: 10_000 }, (_, i) => [
    service(`team-${i % 100}/service-${i}`, { clusterIPs: [`10.${i >> 8}.${i & 255}.1`], ports: [port("http", 80)] }),
    slice(`team-${i % 100}/service-${i}`, { endpoints }),
  ]);
  const registry = registryOf(objects.flat());
  const list = listOf(registry);
  // The first search sorts; one whose words no service has looks at all endpoints.
  for (const [query, found] of [
    ["", 10_000],
    ["service-777", 11],
    ["10.39.15.1", 1],
    ["no such thing", 0],
  ] as const) {
    const tookMs = cpuTimeMs(() => expect(listOf(registry).find({ query }).found).toBe(found));
    expectMsBelow(tookMs, 100, query);
  }
  expect(list.find({ query: "pod-9" }).found).toBe(10_000);
});
