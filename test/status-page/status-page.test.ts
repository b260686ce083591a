import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { Problem } from "../../src/objects/problem.ts";
import { createStatusPage } from "../../src/status-page/status-page.ts";
import { externalName, pod, port, service, slice } from "../support/core/objects.ts";
import { onFault, ScriptedStatus } from "./scripted-status.ts";

const OBJECTS: readonly KubeObject[] = [
  service("shop/web", { clusterIPs: ["10.96.0.10"], ports: [port("http", 80)] }),
  slice("shop/web", {
    endpoints: [
      { addresses: ["10.244.1.1"], ready: true, podName: "web-0" },
      { addresses: ["10.244.1.2"], ready: false, podName: "web-1" },
    ],
  }),
  externalName("shop/pay", "api.example.com"),
  pod("shop/web-0"),
];
const TAKEN: Problem = {
  code: "duplicate-object",
  severity: "error",
  message: "is in two files",
  advice: "remove one",
  object: "Service shop/web",
  place: { file: "manifests/web.yaml", line: 3, column: 1 },
};

function statusOf(objects: readonly KubeObject[] = OBJECTS): ScriptedStatus {
  const status = new ScriptedStatus(objects);
  status.found = [TAKEN];
  return status;
}

async function get(path: string, status = statusOf()): Promise<{ code: number; text: string; headers: Headers }> {
  const response = await createStatusPage(status, onFault).app.request(path);
  return { code: response.status, text: await response.text(), headers: response.headers };
}

/** The text of a page without its tags, white space made single. */
function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

describe("pages", () => {
  test.each<[path: string, texts: readonly string[]]>([
    ["/", ["Ready all zones are served", "shop/ web ClusterIP 10.96.0.10 http 80/TCP ! 1 of 2", "ExternalName"]],
    ["/", ["manifests paths a.yaml,b.yaml, files 2 synced"]],
    ["/", ["error duplicate-object manifests/web.yaml:3:1 Service shop/web: is in two files remove one"]],
    ["/?query=pay", ["1 service ", "api.example.com"]],
    ["/?query=nowhere", ["0 services", "No service is found."]],
    [
      "/services/cluster.local/shop/web",
      ["web.shop.svc.cluster.local.", "10.244.1.2 not ready web-1", "is in two files"],
    ],
    ["/services/cluster.local/shop/pay", ["External name api.example.com", "This service has no endpoints."]],
    ["/resolv-conf?pod=shop/web-0", ["nameserver 10.96.0.10 search shop.svc.cluster.local"]],
    ["/resolv-conf?pod=shop", ["search shop.svc.cluster.local"]],
  ])("%s", async (path, texts) => {
    const { code, text } = await get(path);
    expect(code).toBe(200);
    for (const each of texts) expect(textOf(text)).toContain(each);
  });

  test.each([
    ["/services/cluster.local/shop/nobody", 404, "There is no service shop/nobody."],
    ["/resolv-conf?pod=shop/nobody", 404, "There is no pod shop/nobody."],
    ["/?page=two", 400, "page is not a whole number"],
  ])("%s says what is wrong", async (path, status, message) => {
    const { code, text } = await get(path);
    expect(code).toBe(status);
    expect(textOf(text)).toContain(message);
  });

  test.each(["/", "/services/cluster.local/shop/web", "/resolv-conf?pod=shop", "/explain?name=db&from=prod"])(
    "%s has no code and loads nothing foreign",
    async (path) => {
      const { text, headers } = await get(path);
      expect(headers.get("content-security-policy")).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';/,
      );
      expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:/i);
      // Neither a scheme nor another host: below a proxy's path, too.
      for (const [, url] of text.matchAll(/\s(?:href|src|action)="([^"]*)"/g))
        expect(url).not.toMatch(/^[a-z]+:|^\/|^\/\//i);
    },
  );

  test.each([
    ["/assets/status.css", "text/css"],
    ["/assets/status.js", "text/javascript"],
    ["/assets/icon.svg", "image/svg+xml"],
  ])("%s is there", async (path, type) => {
    const { code, text, headers } = await get(path);
    expect(code).toBe(200);
    expect(headers.get("content-type")).toContain(type);
    expect(text).not.toBe("");
  });

  test("no other file is", async () => {
    for (const name of ["tsconfig.json", "..%2Fmarkup.ts", "nothing"]) {
      expect((await get(`/assets/${name}`)).code).toBe(404);
    }
  });
});

test("several clusters: each service has its domain, and each pod its cluster", async () => {
  const status = new ScriptedStatus(OBJECTS, [service("shop/web", { clusterIPs: ["10.112.0.1"] }), pod("shop/east-0")]);
  const first = textOf((await get("/", status)).text);
  expect(first).toContain("1.2.3 for cluster.local, east.local");
  expect(first).toContain("shop/ web cluster.local ClusterIP 10.96.0.10");
  expect(first).toContain("shop/ web east.local ClusterIP 10.112.0.1");
  expect(textOf((await get("/services/east.local/shop/web", status)).text)).toContain("web.shop.svc.east.local.");
  const file = await get("/resolv-conf?pod=shop/east-0&cluster=east.local", status);
  expect(textOf(file.text)).toContain("search shop.svc.east.local");
  expect(file.text).toContain("<option selected>east.local</option>");
  expect((await get("/resolv-conf?pod=shop/east-0", status)).code).toBe(404);
  expect((await get("/resolv-conf?pod=shop/web-0&cluster=west.local", status)).code).toBe(404);
});

describe("events", () => {
  test.each(["/events?page=x", "/events?size=0"])("%s says what is wrong", async (path) => {
    expect(await get(path)).toMatchObject({ code: 400 });
  });

  test("are limited to sixteen readers; one that goes makes room, and its queries are watched no more", async () => {
    const status = statusOf();
    const { app } = createStatusPage(status, onFault);
    const open = async (): Promise<Response> => app.request("/events?queries=1");
    const all = await Promise.all(Array.from({ length: 16 }, open));
    expect(all.map((response) => response.status)).toEqual(all.map(() => 200));
    expect(status.watchers.size).toBe(16);
    const refused = await open();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(status.watchers.size).toBe(16);
    await all[0]!.body!.cancel();
    expect(status.watchers.size).toBe(15);
    const again = await open();
    expect(again.status).toBe(200);
    for (const { body } of [...all.slice(1), again]) await body!.cancel();
    expect(status.watchers.size).toBe(0);
  });

  test("a request for the headers alone opens no stream", async () => {
    const status = statusOf();
    const response = await createStatusPage(status, onFault).app.request("/events?queries=1", { method: "HEAD" });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(status.watchers.size).toBe(0);
  });
});

describe("what comes from outside", () => {
  const HOSTILE = `<img src=x onerror="alert(1)">'&\u001b[31m\u202e`;
  const SHOWN = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;\\u{1b}[31m\\u{202e}";

  test.each<[what: string, path: string, change: (status: ScriptedStatus) => void]>([
    ["a problem", "/", (status) => (status.found = [{ ...TAKEN, message: HOSTILE, advice: HOSTILE, object: HOSTILE }])],
    ["a file", "/", (status) => (status.found = [{ ...TAKEN, place: { file: HOSTILE, line: 1, column: 1 } }])],
    ["a source", "/", (status) => (status.state.sources = [{ id: HOSTILE, state: "stale", reason: HOSTILE }])],
    [
      "an upstream",
      "/",
      (status) =>
        (status.upstreamRows = [{ domain: HOSTILE, upstream: HOSTILE, state: "up", rttMs: 1, queries: 1, failed: 0 }]),
    ],
    [
      "a name that is asked",
      "/",
      (status) => status.counter.count({ name: HOSTILE, client: "::1", isMissing: true, weight: 1 }, 0),
    ],
    ["a search", `/?query=${encodeURIComponent(HOSTILE)}`, () => undefined],
    ["the name of a pod", `/resolv-conf?pod=${encodeURIComponent(`shop/${HOSTILE}`)}`, () => undefined],
    ["a name that is explained", `/explain?name=${encodeURIComponent(HOSTILE)}`, () => undefined],
    ["who asks for it", `/explain?name=web&from=${encodeURIComponent(HOSTILE)}`, () => undefined],
    ["the name of a service", `/services/cluster.local/shop/${encodeURIComponent(HOSTILE)}`, () => undefined],
  ])("%s is shown as it is, and is no code", async (_, path, change) => {
    const status = statusOf();
    change(status);
    const { text } = await get(path, status);
    expect(text).toContain(SHOWN);
    expect(text).not.toContain("<img");
    expect(text).not.toContain("\u001b");
  });
});

test("ten thousand services: a page has no more than few have", async () => {
  const many = Array.from({ length: 10_000 }, (_, i) => service(`team-${i % 100}/service-${i}`));
  const page = createStatusPage(new ScriptedStatus(many), onFault).app;
  const few = await get("/", new ScriptedStatus(many.slice(0, 100)));
  const response = await page.request("/?query=service-99");
  const text = await response.text();
  expect(textOf(text)).toContain("111 services, page 1 of 5 next");
  expect(text.length).toBeLessThan(few.text.length * 1.1);
  expect(text.match(/href="services\//g)).toHaveLength(25);
});
