import { expect, test } from "vitest";
import type { Problem } from "../../src/objects/problem.ts";
import { createStatusPage } from "../../src/status-page/status-page.ts";
import { port, pod, service, slice } from "../support/core/objects.ts";
import { onFault, ScriptedStatus } from "./scripted-status.ts";

const PLACE = { file: "a.yaml", line: 3, column: 1 };
const HINT: Problem = { code: "a-hint", severity: "hint", message: "m", advice: "a" };
const ERROR: Problem = { ...HINT, code: "an-error", severity: "error", object: "Service shop/web", place: PLACE };

const web = service("shop/web", { clusterIPs: ["10.96.0.10"], ports: [port("http", 80)], place: PLACE });
const status = new ScriptedStatus([
  web,
  slice("shop/web", { endpoints: [{ addresses: ["10.244.1.1"], ready: true, podName: "web-0" }] }),
  pod("shop/web-0"),
  service("data/db", { headless: true }),
]);
status.found = [HINT, ERROR];
status.counter.count({ name: "web.", client: "::1", isMissing: false, weight: 1 }, 0);
const latency = (count: number) => [
  { maxUs: 10, count },
  { maxUs: Infinity, count: 0 },
];
status.history.sample(0, { byRcode: { NOERROR: 0 }, latency: latency(0) });
status.history.sample(2_000, { byRcode: { NOERROR: 10 }, latency: latency(10) });
const api = createStatusPage(status, onFault).app;

const WEB = {
  domain: "cluster.local",
  namespace: "shop",
  name: "web",
  type: "ClusterIP",
  addresses: ["10.96.0.10"],
  ports: [{ name: "http", protocol: "TCP", port: 80 }],
  endpoints: { ready: 1, total: 1 },
  file: "a.yaml",
  line: 3,
};
const FLAT_ERROR = {
  code: "an-error",
  severity: "error",
  message: "m",
  advice: "a",
  object: "Service shop/web",
  ...PLACE,
};
const FLAT_HINT = { code: "a-hint", severity: "hint", message: "m", advice: "a" };

test.each<[path: string, body: unknown]>([
  ["/api/services?namespace=shop", { services: [WEB], found: 1, page: 1, pages: 1 }],
  ["/api/services?query=WEB&size=1", { services: [WEB], found: 1, page: 1, pages: 1 }],
  ["/api/services?unready=1&page=9", { services: [{ namespace: "data", name: "db" }], found: 1, page: 1, pages: 1 }],
  [
    "/api/services/cluster.local/shop/web",
    {
      ...WEB,
      dnsName: "web.shop.svc.cluster.local.",
      endpointRows: [{ addresses: ["10.244.1.1"], ready: true, pod: "web-0", ports: [] }],
      problems: [FLAT_ERROR],
    },
  ],
  ["/api/problems", { problems: [FLAT_ERROR, FLAT_HINT], total: 2 }],
  [
    "/api/sources",
    {
      sources: [{ id: "manifests", state: "synced", details: { paths: ["a.yaml", "b.yaml"], files: 2 } }],
      zones: [{ name: "cluster.local.", ready: true, serial: 7 }],
    },
  ],
  ["/api/upstreams", { upstreams: [] }],
  ["/api/top", { names: { keys: [{ key: "web.", count: 1, error: 0 }], total: 1 }, missing: { keys: [], total: 0 } }],
  ["/api/resolv-conf?pod=shop/web-0", { text: "nameserver 10.96.0.10\nsearch shop.svc.cluster.local\n", warnings: [] }],
  [
    "/api/explain?name=web&from=prod&type=A",
    {
      question: { name: "web", types: ["A"], from: "prod" },
      isResolved: true,
      candidates: [{ name: "web.prod.svc.cluster.local.", outcome: "records", rcode: "NOERROR" }],
    },
  ],
  [
    "/api/counts",
    {
      version: "1.2.3",
      ready: true,
      services: { total: 2, unready: 1 },
      problems: { error: 1, warning: 0, hint: 1 },
      queries: {
        total: 12_345,
        perSecond: 5,
        perSecondByRcode: { NOERROR: 5 },
        latency: {
          medianUs: 10,
          p99Us: 10,
          classes: [
            { maxUs: 10, count: 10 },
            { maxUs: null, count: 0 },
          ],
        },
      },
    },
  ],
])("%s", async (path, body) => {
  const response = await api.request(path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  expect(await response.json()).toMatchObject(body as object);
});

test.each([
  ["/api/services?page=0", 400, "page is not a whole number from 1 to 9007199254740991"],
  ["/api/services?size=501", 400, "size is not a whole number from 1 to 500"],
  ["/api/services?unready=yes", 400, "unready is not 0 or 1"],
  ["/api/services/cluster.local/shop/nobody", 404, "there is no service shop/nobody in cluster.local"],
  ["/api/explain", 400, "name is missing"],
  [`/api/explain?name=${"a".repeat(256)}`, 400, "name has more than 255 bytes"],
  ["/api/explain?name=web&type=AAAAA", 400, '"AAAAA" is not a record type'],
  ["/api/explain?name=web&from=prod/db-9", 404, "there is no pod prod/db-9; nearest: prod/db-0"],
  ["/api/resolv-conf?pod=shop/nobody", 404, 'there is no pod "shop/nobody": pod=NAMESPACE/NAME or NAMESPACE'],
])("%s: %d", async (path, code, error) => {
  const response = await api.request(path);
  expect(response.status).toBe(code);
  expect(await response.json()).toEqual({ error });
});

test("a busy server says so", async () => {
  const busy = new ScriptedStatus();
  busy.busy = "too many explanations are under way";
  const response = await createStatusPage(busy, onFault).app.request("/api/explain?name=web");
  expect([response.status, await response.json()]).toEqual([503, { error: busy.busy }]);
});
