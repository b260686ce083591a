// The status page of a server that runs: what it shows is what the server answers.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Registry } from "../../src/cluster/registry.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { formatListenAddress } from "../../src/net/listen-address.ts";
import { createLog } from "../../src/observe/log.ts";
import { ServerStatus } from "../../src/planes/server-status.ts";
import { startServer } from "../../src/planes/server.ts";
import type { Server } from "../../src/planes/server.ts";
import { liveService, NAMESPACE } from "../sources/kubernetes/mirror.ts";
import { QueryFeed } from "../../src/query-log/query-feed.ts";
import { ApiServer } from "../support/api-server/api-server.ts";
import { service } from "../support/core/objects.ts";
import { replace } from "../support/core/origins.ts";
import { UdpClient } from "../support/network.ts";
import { writeQuery } from "../support/wire.ts";

const NOT_READY = { ready: false, reasons: [], sources: [], zones: [], workers: [], addresses: [] };
const metadata = (name: string) => ({ name, namespace: "shop" });
const OBJECTS: readonly object[] = [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata("web"),
    spec: { clusterIP: "10.96.0.80", selector: { app: "web" }, ports: [{ name: "http", port: 80 }] },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata("web"),
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web" }] } },
    },
  },
  { apiVersion: "v1", kind: "Service", metadata: metadata("bad"), spec: { ports: [{ port: 70_000 }] } },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: metadata("own-dns"),
    spec: { dnsPolicy: "None", dnsConfig: { nameservers: ["192.0.2.9"] }, containers: [{ name: "a", image: "a" }] },
  },
];

let server: Server;
let east: ApiServer;
const folder = mkdtempSync(join(tmpdir(), "status-"));
beforeAll(async () => {
  east = await ApiServer.start();
  const badPort = { apiVersion: "v1", kind: "Service", metadata: metadata("bad"), spec: { ports: [{ port: 70_001 }] } };
  east.put(NAMESPACE, liveService("web", "10.1.0.80"), badPort);
  writeFileSync(join(folder, "kubeconfig"), east.kubeconfig());
  const settings = {
    admin: "0",
    upstream: "127.0.0.1:1",
    stubDomain: "corp.example=127.0.0.1:2",
    cluster: `east=kubeconfig:${join(folder, "kubeconfig")},domain=east.local`,
    startupTimeout: 60,
  };
  server = startServer(optionsFromSettings(settings), { paths: [], objects: OBJECTS, log: createLog("silent") });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await east.close();
  rmSync(folder, { recursive: true });
});

async function get(path: string): Promise<unknown> {
  const response = await fetch(formatListenAddress(server.adminAddresses[0]!) + path);
  return response.json();
}

describe("the API of a server's status page", () => {
  test("has the services of its clusters, with endpoints and problems", async () => {
    expect(await get("/api/services?query=web")).toMatchObject({
      services: [
        { domain: "east.local", namespace: "default", name: "web", addresses: ["10.1.0.80"] },
        { domain: "cluster.local", namespace: "shop", name: "web", addresses: ["10.96.0.80"], endpoints: { ready: 2 } },
      ],
    });
    const details = (await get("/api/services/cluster.local/shop/web")) as {
      dnsName: string;
      endpointRows: { pod: string }[];
    };
    expect(details.dnsName).toBe("web.shop.svc.cluster.local.");
    expect(details.endpointRows.every(({ pod }) => pod.startsWith("web-"))).toBe(true);
    expect(await get("/api/services/east.local/default/web")).toMatchObject({ dnsName: "web.default.svc.east.local." });
    expect(await get("/api/services/east.local/shop/web")).toHaveProperty("error");
    expect(await get("/api/problems")).toMatchObject({
      problems: [
        { code: "invalid-field", object: "Service shop/bad" },
        { code: "invalid-field", object: "Service shop/bad", message: expect.stringMatching(/^cluster east: /) },
      ],
    });
    expect(await get("/api/counts")).toMatchObject({
      ready: true,
      services: { total: 4, unready: 1 },
      problems: { error: 2 },
    });
  });

  test("has its sources and upstreams", async () => {
    expect(await get("/api/sources")).toMatchObject({
      sources: [
        { id: "program", state: "synced", details: { objects: 3 } },
        { id: "kubernetes/east", state: "synced", details: { faults: 0 } },
      ],
      zones: [
        { name: "cluster.local.", ready: true },
        { name: "east.local.", ready: true },
      ],
    });
    expect(await get("/api/upstreams")).toMatchObject({
      upstreams: [
        { domain: "corp.example.", upstream: "127.0.0.1:2", state: "up" },
        { domain: ".", upstream: "127.0.0.1:1", state: "up", queries: 0, failed: 0 },
      ],
    });
  });

  test.each([
    ["shop", /^nameserver 127\.0\.0\.1\nsearch shop\.svc\.cluster\.local svc\.cluster\.local cluster\.local/],
    ["default&cluster=east.local", /\nsearch default\.svc\.east\.local svc\.east\.local east\.local/],
    ["shop/own-dns", /^nameserver 192\.0\.2\.9\n$/],
  ])("has the resolv.conf of %s", async (pod, text) => {
    expect(((await get(`/api/resolv-conf?pod=${pod}`)) as { text: string }).text).toMatch(text);
  });

  test.each(["shop/nobody", "nowhere", "", "shop&cluster=east.local", "shop&cluster=west.local"])(
    "has none of %j",
    async (pod) => {
      expect(await get(`/api/resolv-conf?pod=${pod}`)).toMatchObject({
        error: expect.stringContaining("there is no pod"),
      });
    },
  );

  test("has the names that were asked, and the rates of answers", async () => {
    const client = await UdpClient.open(server.addresses[0]!);
    for (const name of ["web.shop.svc.cluster.local", "web.shop.svc.cluster.local", "wbe.shop.svc.cluster.local"])
      await client.ask(writeQuery({ name, type: "A" }));
    client.close();
    await vi.waitFor(async () => {
      expect(await get("/api/top")).toMatchObject({
        names: { keys: [{ key: "web.shop.svc.cluster.local.", count: 2 }, {}], total: 3 },
        missing: { keys: [{ key: "wbe.shop.svc.cluster.local.", count: 1 }] },
        clients: { keys: [{ key: "127.0.0.1", count: 3 }] },
      });
    });
    await vi.waitFor(async () => expect(await get("/api/counts")).toMatchObject({ queries: { total: 3 } }));
  });

  test("closing ends the streams of open pages", async () => {
    const other = startServer(optionsFromSettings({ admin: "0" }), {
      paths: [],
      objects: [],
      log: createLog("silent"),
    });
    await other.ready;
    const { body } = await fetch(`${formatListenAddress(other.adminAddresses[0]!)}/events?queries=1`);
    const text = new Response(body).text();
    await other.close();
    expect(await text).toMatch(/^retry: 1000\ndata: \[\{"name":"summary"/);
  });
});

test("the problems of a service are those of its own cluster", () => {
  const problem = { code: "a", severity: "warning", advice: "a", object: "Service shop/web" } as const;
  const problems = ["here", "cluster east: there"].map((message) => ({ ...problem, message }));
  const clusters = [undefined, "east"].map((name) => {
    const registry = new Registry();
    registry.apply([replace([service("shop/web")])]);
    return { name, domain: `${name ?? "cluster"}.local`, registry, versionOf: () => undefined };
  });
  const options = optionsFromSettings({});
  const status = new ServerStatus(
    { health: () => ({ stalled: [] }), readiness: () => NOT_READY },
    {
      options,
      sources: [],
      addresses: () => [],
      clusters: () => clusters,
      problems: () => [...problems, { ...problem, message: "of another", object: "Service shop/b" }],
      upstreams: () => undefined,
      counts: () => [],
      feed: new QueryFeed(),
      cluster: { podAt: () => undefined, kindOf: () => "zone" },
      explainer: { explain: async () => ({ fault: "not here" }) },
    },
  );
  const messagesIn = (domain: string): unknown =>
    status.service(domain, "shop", "web")?.problems.map(({ message }) => message);
  expect(messagesIn("cluster.local")).toEqual(["here"]);
  expect(messagesIn("east.local")).toEqual(["cluster east: there"]);
  expect(messagesIn("west.local")).toBe(undefined);
  status.close();
});
