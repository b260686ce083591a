// The source that follows an API server, against a scripted one: every way in which the server can fail it.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { MemoryRoom } from "../../../src/std/memory-room.ts";
import { badRequest, expired, serverError, tooManyRequests } from "../../support/api-server/api-failure.ts";
import { ApiServer } from "../../support/api-server/api-server.ts";
import type { ApiServerSettings } from "../../support/api-server/api-server.ts";
import type { Fault, RequestMatch } from "../../support/api-server/script.ts";
import { follow, liveService, NAMESPACE, SHORT } from "./mirror.ts";
import type { Following } from "./mirror.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function startApi(settings: ApiServerSettings = {}): Promise<ApiServer> {
  const api = await ApiServer.start(settings);
  ends.push(() => api.close());
  api.put(NAMESPACE, liveService("web", "10.96.0.80"));
  return api;
}

const start = (api: ApiServer, ...rest: [Parameters<typeof follow>[2]?, Parameters<typeof follow>[3]?]): Following =>
  follow(api, (end) => ends.push(end), ...rest);

const WEB = { "default/web": "10.96.0.80" };
const API = { "default/api": "10.96.0.81" };
const api81 = liveService("api", "10.96.0.81");

describe("a cluster", () => {
  test.each<[title: string, settings: ApiServerSettings]>([
    ["streams its first state", {}],
    ["refuses to stream it", { watchList: "refused" }],
    ["ignores the wish to stream it", { watchList: "ignored" }],
    ["has pages of one object", { watchList: "refused", pageSizeMax: 1 }],
    ["speaks TLS", { tls: true }],
  ])("%s: it is followed", async (_title, settings) => {
    const api = await startApi(settings);
    api.put(liveService("old", "10.96.0.9"));
    const { mirror, started, until } = start(api, { times: { ...SHORT, replyMs: 5_000 } });
    await started;
    expect(mirror.statuses.at(-1)).toEqual({ state: "synced" });
    expect(mirror.services).toEqual({ ...WEB, "default/old": "10.96.0.9" });
    expect(mirror.objects.has("Namespace /default")).toBe(true);
    api.remove(liveService("old", ""));
    api.put(api81);
    await until({ ...WEB, ...API });
    api.put(liveService("web", "10.96.0.99"));
    await until({ "default/web": "10.96.0.99", ...API });
    expect(mirror.codes).toEqual([]);
  });

  test("is asked for no more than what is needed", async () => {
    const api = await startApi();
    const { started } = start(api);
    await started;
    expect(new Set(api.requests.map(({ verb, path }) => `${verb} ${path}`))).toEqual(
      new Set(["watch /api/v1/namespaces", "watch /api/v1/services", "watch /apis/discovery.k8s.io/v1/endpointslices"]),
    );
  });

  test("is asked for pods only where they are wanted", async () => {
    const api = await startApi();
    const { started } = start(api, { hasPods: true });
    await started;
    expect(api.requests.map(({ path }) => path)).toContain("/api/v1/pods");
  });
});

describe("what is served can be limited", () => {
  const shop = (name: string): ReturnType<typeof liveService> => liveService(name, "10.96.0.90", { namespace: "shop" });
  const namespace = (name: string, labels = {}): typeof NAMESPACE => ({ ...NAMESPACE, metadata: { name, labels } });

  test("to namespaces", async () => {
    const api = await startApi();
    api.put(namespace("shop"), shop("cart"));
    const { started, mirror } = start(api, { namespaces: ["shop"] });
    await started;
    expect(mirror.services).toEqual({ "shop/cart": "10.96.0.90" });
    expect(api.requests.map(({ path }) => path).toSorted()).toEqual([
      "/api/v1/namespaces",
      "/api/v1/namespaces/shop/services",
      "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
    ]);
  });

  test("to services with labels", async () => {
    const api = await startApi();
    api.put(liveService("open", "10.96.0.91", { labels: { exposed: "true" } }));
    const { started, mirror, until } = start(api, { serviceSelector: "exposed in (true)" });
    await started;
    expect(mirror.services).toEqual({ "default/open": "10.96.0.91" });
    api.put(liveService("open", "10.96.0.91"));
    await until({});
  });

  test("to namespaces with labels, which come and go", async () => {
    const api = await startApi();
    api.put(namespace("shop", { team: "a" }), shop("cart"));
    const { started, mirror, until } = start(api, { namespaceSelector: "team=a" });
    await started;
    const cart = { "shop/cart": "10.96.0.90" };
    expect(mirror.services).toEqual(cart);
    api.put(namespace("shop", { team: "b" }));
    await until({});
    api.put(shop("basket"));
    api.put(namespace("shop", { team: "a" }));
    await until({ ...cart, "shop/basket": "10.96.0.90" });
    api.remove(shop("cart"));
    await until({ "shop/basket": "10.96.0.90" });
  });
});

describe("a fault of the server passes", () => {
  const services = { resource: "services" } as const;

  test.each<[title: string, match: RequestMatch, fault: Fault, times?: number]>([
    ["HTTP 500 to the first question", services, { failure: serverError() }, 2],
    ["HTTP 503 with a body that is no JSON", services, { answer: { status: 503, body: "<html>" } }],
    ["HTTP 429", services, { failure: tooManyRequests(0) }],
    ["HTTP 410 to the first question", services, { failure: expired() }],
    ["HTTP 410 again and again", services, { failure: expired() }, 3],
    ["HTTP 400 to a list by events", services, { failure: badRequest("no sendInitialEvents") }],
    ["no answer at all", services, { refuse: "half-open" }],
    ["a connection that is reset", services, { refuse: "reset" }, 2],
    ["a list that ends within an object", services, { cut: { afterBytes: 40, by: "close" } }],
    ["a list that ends as if it were complete", services, { cut: { afterBytes: 0, by: "end" } }],
    ["a list that is no JSON", services, { answer: { body: "}{\n" } }],
    ["a list of nothing that is an object", services, { answer: { body: '{"type":"ADDED","object":7}\n' } }],
    ["a slow trickle", services, { trickle: { bytes: 50, everyMs: 1 } }],
  ])("%s, at the start", async (_title, match, fault, times) => {
    const api = await startApi();
    api.script.next(match, fault, times);
    const { started, mirror } = start(api, { times: SHORT });
    await started;
    expect(mirror.services).toEqual(WEB);
    expect(api.script.pending).toBe(0);
  });

  test.each<[title: string, times: number]>([
    ["once", 1],
    ["as often as there are tries with pages", 2],
  ])("pages that expire %s", async (_title, times) => {
    const api = await startApi({ watchList: "refused", pageSizeMax: 1 });
    api.put(api81);
    const isNextPage: RequestMatch = { ...services, where: ({ query }) => query.has("continue") };
    api.script.next(isNextPage, { failure: expired() }, times);
    const { started, mirror } = start(api);
    await started;
    expect(mirror.services).toEqual({ ...WEB, ...API });
  });

  test("a list that stalls within its body", async () => {
    const api = await startApi({ watchList: "refused" });
    api.script.next({ resource: "services", verb: "list" }, { cut: { afterBytes: 40, by: "half-open" } });
    const { started, mirror } = start(api, { times: SHORT });
    await started;
    expect(mirror.services).toEqual(WEB);
  });

  test("pages that expire: what was deleted before the list began again is gone", async () => {
    const api = await startApi({ watchList: "refused", pageSizeMax: 1 });
    api.put(liveService("aaa", "10.96.0.1"));
    const isNextPage: RequestMatch = { ...services, where: ({ query }) => query.has("continue") };
    const held = Promise.withResolvers<void>();
    api.script.next(isNextPage, { hold: held.promise, failure: expired() });
    const { started, mirror } = start(api);
    await expect.poll(() => mirror.services).toEqual({ "default/aaa": "10.96.0.1" });
    api.remove(liveService("aaa", ""));
    held.resolve();
    await started;
    expect(mirror.services).toEqual(WEB);
  });

  const watchOf = (api: ApiServer): ApiServer["watches"][number] =>
    api.watches.find(({ request }) => request.path.endsWith("/services"))!;

  test.each<[title: string, break_: (api: ApiServer) => void]>([
    ["ends", (api) => watchOf(api).end()],
    ["is cut off", (api) => watchOf(api).close()],
    ["is reset", (api) => watchOf(api).reset()],
    ["has an event that is no JSON", (api) => watchOf(api).send("{]")],
    ["has an event of another form", (api) => watchOf(api).send('{"kind":"Service"}')],
    ["has an error", (api) => watchOf(api).fail(serverError())],
    ["has the error that the version is gone", (api) => watchOf(api).fail(expired())],
    ["goes silent", (api) => watchOf(api).halfOpen()],
  ])("a watch that %s", async (_title, break_) => {
    const api = await startApi();
    const { started, until } = start(api, { times: SHORT });
    await started;
    api.withhold(() => undefined);
    break_(api);
    // What no watch told of, while there was none, is found as well.
    api.put(api81);
    api.remove(liveService("web", ""));
    await until(API);
  });

  test("an object whose event is cut is news the next time", async () => {
    const api = await startApi();
    const { started, until } = start(api, { times: SHORT });
    await started;
    api.rewrite(
      () => api.put(liveService("new", "10.96.0.8")),
      () => [],
    );
    const metadata = { name: "new", namespace: "default", resourceVersion: "9".repeat(20) };
    const event = JSON.stringify({ type: "ADDED", object: { kind: "Service", apiVersion: "v1", metadata, spec: {} } });
    watchOf(api).send(event.slice(0, -3));
    await until({ ...WEB, "default/new": "10.96.0.8" });
  });

  test("a watch whose version is gone: what was deleted meanwhile goes", async () => {
    const api = await startApi();
    const { source, started, until } = start(api);
    await started;
    api.script.next({ verb: "watch", resource: "services" }, { hold: Promise.resolve(), failure: expired() });
    api.withhold(() => api.remove(liveService("web", "")));
    api.put(api81);
    api.compact();
    watchOf(api).close();
    await until(API);
    expect(source.describe()["lists"]).toBeLessThanOrEqual(6);
  });

  test.each<[title: string, line: string]>([
    [
      "of an unknown type",
      '{"type":"FOO","object":{"metadata":{"name":"web","namespace":"default","resourceVersion":"1"}}}',
    ],
    ["without an object", '{"type":"ADDED"}'],
    ["with an object that has no name", '{"type":"ADDED","object":{"metadata":{"resourceVersion":"9"}}}'],
    [
      "of an object that is older",
      '{"type":"MODIFIED","object":{"metadata":{"name":"web","namespace":"default","resourceVersion":"5"},"spec":{"clusterIP":"10.96.9.9"}}}',
    ],
    [
      "of a deletion that is older",
      '{"type":"DELETED","object":{"metadata":{"name":"web","namespace":"default","resourceVersion":"5"}}}',
    ],
  ])("an event %s changes nothing", async (_title, line) => {
    const api = await startApi();
    const { started, mirror, until } = start(api);
    await started;
    watchOf(api).send(line);
    api.put(api81);
    await until({ ...WEB, ...API });
    expect(mirror.codes).toEqual([]);
  });

  test("events that come twice, and in another order, end in the last state", async () => {
    const api = await startApi();
    const { started, until } = start(api);
    await started;
    api.rewrite(
      () => {
        api.put(liveService("a", "10.96.1.1"), liveService("a", "10.96.1.2"));
        api.put(liveService("b", "10.96.2.1"));
        api.remove(liveService("b", ""));
        api.put(api81);
      },
      (events) => [...events.toReversed(), ...events],
    );
    await until({ ...WEB, ...API, "default/a": "10.96.1.2" });
  });

  test("an object that can't be used is told, and its last good state stays", async () => {
    const api = await startApi();
    const { started, mirror, until } = start(api);
    await started;
    api.put(liveService("web", "10.96.0.300"));
    await expect.poll(() => mirror.codes).toEqual(["invalid-field"]);
    expect(mirror.services).toEqual(WEB);
    api.put(liveService("web", "10.96.0.82"));
    await until({ "default/web": "10.96.0.82" });
    expect(mirror.codes).toEqual([]);
  });

  test("words of a newer Kubernetes do not lose an object", async () => {
    const api = await startApi();
    const newer = liveService("1web", "10.96.0.77");
    api.put({ ...newer, spec: { ...(newer["spec"] as object), ipFamilyPolicy: "PreferQuadStack" } });
    const { started, mirror } = start(api);
    await started;
    expect(mirror.services).toEqual({ ...WEB, "default/1web": "10.96.0.77" });
    expect(mirror.codes).toEqual([]);
  });

  test("a restart with the state of an older backup", async () => {
    const api = await startApi();
    const { started, until } = start(api, { times: SHORT });
    await started;
    api.put(api81);
    await until({ ...WEB, ...API });
    await api.restart([NAMESPACE, liveService("web", "10.96.0.7")], 1_000n);
    await until({ "default/web": "10.96.0.7" });
    api.put(liveService("new", "10.96.0.8"));
    await until({ "default/web": "10.96.0.7", "default/new": "10.96.0.8" });
  });
});

describe("what no event tells of", () => {
  test("the state of an older backup is found by comparison", async () => {
    const api = await startApi();
    const { started, until } = start(api, { times: { compareMs: 100 } });
    await started;
    await api.restart([NAMESPACE, liveService("web", "10.96.0.7")], 1_000n);
    await until({ "default/web": "10.96.0.7" });
  });

  test("is found by comparison, and counted", async () => {
    const api = await startApi();
    api.put(liveService("gone", "10.96.0.1"));
    const { source, started, until, mirror } = start(api, { times: { compareMs: 100 } });
    await started;
    api.withhold(() => {
      api.put(liveService("web", "10.96.0.83"), api81);
      api.remove(liveService("gone", ""));
    });
    expect(mirror.services).toEqual({ ...WEB, "default/gone": "10.96.0.1" });
    const bookmarks = setInterval(() => api.sendBookmarks(), 20);
    ends.push(async () => clearInterval(bookmarks));
    await until({ "default/web": "10.96.0.83", ...API });
    expect(source.describe()["drift"]).toBe(3);
  });

  test("is no drift where an event is only late", async () => {
    const api = await startApi();
    const { source, started, until } = start(api, { times: { compareMs: 50 } });
    await started;
    for (let i = 0; i < 100; i++) {
      api.put(liveService("web", `10.96.3.${i}`));
      if (i % 10 === 0) api.sendBookmarks();
      await until({ "default/web": `10.96.3.${i}` });
    }
    await expect.poll(() => api.requests.filter(({ verb }) => verb === "list").length).toBeGreaterThan(3);
    expect(source.describe()["drift"]).toBe(0);
  });
});

describe("memory", () => {
  test("what does not fit is told, and the state with gaps is not taken for the whole", async () => {
    const api = await startApi();
    for (let i = 0; i < 20; i++) api.put(liveService(`s${i}`, `10.96.5.${i}`));
    const { started, mirror } = start(api, { room: new MemoryRoom(30_000), startupTimeoutMs: 1_000 });
    await expect.poll(() => mirror.codes).toEqual(["no-memory"]);
    await started;
    expect(mirror.statuses).toEqual([]);
    expect(mirror.told.get("memory")).toBeLessThan(10);
    expect(mirror.objects.size).toBeGreaterThan(1);
    expect(mirror.objects.size).toBeLessThan(22);
  });

  test("what does not fit is asked for again when there is room", async () => {
    const api = await startApi();
    for (let i = 0; i < 6; i++) api.put(liveService(`s${i}`, `10.96.5.${i}`));
    const room = new MemoryRoom(40_000);
    room.set("another holder", 25_000);
    const { source, mirror } = start(api, { room, times: SHORT });
    await expect.poll(() => mirror.codes).toEqual(["no-memory"]);
    room.set("another holder", 0);
    const bookmarks = setInterval(() => api.sendBookmarks(), 20);
    ends.push(async () => clearInterval(bookmarks));
    await expect.poll(() => mirror.statuses, { timeout: 15_000 }).toEqual([{ state: "synced" }]);
    expect(Object.keys(mirror.services).length).toBe(7);
    expect(mirror.codes).toEqual([]);
    expect(source.describe()["drift"]).toBe(0);
  }, 30_000);

  test("what does not fit is no matter once it is gone", async () => {
    const api = await startApi();
    for (let i = 0; i < 20; i++) api.put(liveService(`s${i}`, `10.96.5.${i}`));
    const { mirror } = start(api, { room: new MemoryRoom(30_000), times: SHORT });
    await expect.poll(() => mirror.codes).toEqual(["no-memory"]);
    for (let i = 0; i < 20; i++) api.remove(liveService(`s${i}`, ""));
    await expect.poll(() => mirror.statuses, { timeout: 15_000 }).toEqual([{ state: "synced" }]);
    expect(mirror.services).toEqual(WEB);
  }, 30_000);

  test("an object that outgrows it keeps its last state", async () => {
    const api = await startApi();
    const { started, mirror, until } = start(api, { room: new MemoryRoom(10_000) });
    await started;
    const web = liveService("web", "10.96.0.81");
    const ports = Array.from({ length: 50 }, (_, i) => ({ name: `p${i}`, protocol: "TCP", port: 1000 + i }));
    api.put({ ...web, spec: { ...(web["spec"] as object), ports } });
    await expect.poll(() => mirror.codes).toEqual(["no-memory"]);
    expect(mirror.services).toEqual(WEB);
    api.remove(web);
    await until({});
  });
});

describe("credentials", () => {
  test("that are refused are asked for again", async () => {
    const api = await startApi({ tls: true, tokens: { fresh: "system:dns" } });
    const folder = mkdtempSync(join(tmpdir(), "token-"));
    ends.push(async () => rmSync(folder, { recursive: true }));
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "stale\n");
    const { started, mirror } = start(api, {}, { tokenFile });
    await expect.poll(() => api.requests.some(({ status }) => status === 401)).toBe(true);
    writeFileSync(tokenFile, "fresh\n");
    await started;
    expect(mirror.services).toEqual(WEB);
  });

  test("of a program that takes its time do not hold up the end", async () => {
    const api = await startApi();
    const folder = mkdtempSync(join(tmpdir(), "plugin-"));
    ends.push(async () => rmSync(folder, { recursive: true }));
    const script = `touch ${join(folder, "runs")} && exec sleep 600`;
    const { source } = start(api, {}, { exec: { command: "sh", args: ["-c", script] } });
    await expect.poll(() => existsSync(join(folder, "runs"))).toBe(true);
    await source.close();
  });

  test("without a right: told once, with the verb and the resource", async () => {
    const api = await startApi({ tls: true, tokens: { dns: "system:dns" } });
    api.script.next({ resource: "endpointslices" }, { failure: "forbidden" }, Infinity);
    const { mirror, started } = start(api, {}, { token: "dns" });
    await expect.poll(() => mirror.codes, { timeout: 5_000 }).toEqual(["api-forbidden"]);
    const [problem] = [...mirror.problems.values()].flat();
    expect(problem!.message).toMatch(
      /forbids to read endpointslices: .*"system:dns" cannot watch resource "endpointslices"/,
    );
    expect(problem!.advice).toBe(
      'grant the verbs list and watch of endpointslices in the API group "discovery.k8s.io"',
    );
    api.script.clear();
    await started;
    expect(mirror.codes).toEqual([]);
  }, 20_000);
});

describe("a snapshot", () => {
  const folder = mkdtempSync(join(tmpdir(), "snapshot-"));
  const snapshotFile = join(folder, "snapshot");
  afterEach(() => rmSync(snapshotFile, { force: true }));

  /** The state of a cluster on disk, and its API server, which is down. */
  async function takeSnapshot(): Promise<ApiServer> {
    const api = await startApi();
    api.put(liveService("gone", "10.96.0.1"));
    const { source, started } = start(api, { snapshotFile });
    await started;
    await source.close();
    return api;
  }

  test("is served at a start while the API is away, marked as such, and replaced when it is back", async () => {
    const api = await takeSnapshot();
    api.remove(liveService("gone", ""));
    api.script.nextConnections(...Array.from({ length: 60 }, () => "reset" as const));
    const { started, mirror, until } = start(api, { snapshotFile, startupTimeoutMs: 1 });
    await started;
    expect(mirror.services).toEqual({ ...WEB, "default/gone": "10.96.0.1" });
    expect(mirror.statuses.map(({ state }) => state)).toEqual(["synced", "stale"]);
    api.script.clear();
    await until(WEB);
    expect(mirror.statuses.at(-1)).toEqual({ state: "synced" });
  });

  test("does not bring back what a state that is complete has not", async () => {
    const api = await takeSnapshot();
    api.remove(liveService("gone", ""));
    api.script.next({ resource: "endpointslices" }, { failure: "forbidden" }, Infinity);
    const { started, mirror } = start(api, { snapshotFile, startupTimeoutMs: 500 });
    await started;
    expect(mirror.services).toEqual(WEB);
  });

  test("loses what a selector leaves out by now", async () => {
    const api = await startApi();
    const shop = { ...NAMESPACE, metadata: { name: "shop", labels: { team: "a" } } };
    api.put(shop, liveService("cart", "10.96.0.90", { namespace: "shop" }));
    const settings = { snapshotFile, namespaceSelector: "team=a" };
    const first = start(api, settings);
    await first.started;
    await first.source.close();
    api.put({ ...shop, metadata: { name: "shop", labels: { team: "b" } } });
    api.script.nextConnections(...Array.from({ length: 60 }, () => "reset" as const));
    const { started, until, mirror } = start(api, { ...settings, startupTimeoutMs: 1 });
    await started;
    expect(mirror.services).toEqual({ "shop/cart": "10.96.0.90" });
    api.script.clear();
    await until({});
  });

  test("of other options is refused", async () => {
    const api = await takeSnapshot();
    api.script.nextConnections(...Array.from({ length: 60 }, () => "reset" as const));
    const { started, mirror } = start(api, { snapshotFile, startupTimeoutMs: 1, namespaces: ["shop"] });
    await started;
    expect(mirror.services).toEqual({});
    expect(mirror.problems.get("snapshot")).toMatchObject([{ message: expect.stringContaining("of other options") }]);
  });

  test("is not used where the API answers in time", async () => {
    const api = await takeSnapshot();
    api.remove(liveService("gone", ""));
    const { started, mirror } = start(api, { snapshotFile });
    await started;
    expect(mirror.services).toEqual(WEB);
    expect(mirror.statuses.map(({ state }) => state)).toEqual(["synced"]);
  });

  test.each<[title: string, damage: (text: string) => string, message: RegExp]>([
    ["damaged", (text) => text.replace("10.96.0.80", "10.96.0.66"), /damaged/],
    ["cut", (text) => text.slice(0, -80), /damaged/],
    ["empty", () => "", /damaged/],
  ])("that is %s is refused", async (_title, damage, message) => {
    const api = await takeSnapshot();
    writeFileSync(snapshotFile, damage(readFileSync(snapshotFile, "utf8")));
    api.script.nextConnections(...Array.from({ length: 20 }, () => "reset" as const));
    const { started, mirror } = start(api, { snapshotFile, startupTimeoutMs: 1 });
    await started;
    expect(mirror.services).toEqual({});
    expect(mirror.problems.get("snapshot")).toMatchObject([
      { code: "snapshot", message: expect.stringMatching(message) },
    ]);
  });

  test("of another cluster is refused", async () => {
    await takeSnapshot();
    const other = await ApiServer.start();
    ends.push(() => other.close());
    other.script.nextConnections(...Array.from({ length: 20 }, () => "reset" as const));
    const { started, mirror } = start(other, { snapshotFile, startupTimeoutMs: 1 });
    await started;
    expect(mirror.services).toEqual({});
    expect(mirror.problems.get("snapshot")).toMatchObject([{ message: expect.stringContaining("of another cluster") }]);
  });

  test("that can't be written is told, and ends nothing", async () => {
    const api = await startApi();
    const { started, mirror } = start(api, { snapshotFile: join(folder, "none", "snapshot") });
    await started;
    await expect.poll(() => mirror.codes).toEqual(["snapshot"]);
    expect(mirror.services).toEqual(WEB);
  });
});
