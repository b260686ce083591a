// Lists and watches of the scripted API server, as Kubernetes' API documents have them. The client is node:http.
import { afterEach, describe, expect, test, vi } from "vitest";
import { ApiServer, type ApiServerSettings } from "./api-server.ts";
import { ask, read, WatchReader, type ApiValue } from "./plain-client.ts";
import type { KubernetesObject } from "./resources.ts";

const SERVICES = "/api/v1/services";
let server: ApiServer;
const readers: WatchReader[] = [];

afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await server.close();
});

const service = (name: string, labels: Record<string, string> = {}, namespace = "default"): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace, labels },
  spec: { clusterIP: "10.96.0.1" },
});
const namespace = (name: string): KubernetesObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const names = ({ items = [] }: ApiValue): unknown[] => items.map(({ metadata }) => metadata.name);

async function start(objects: readonly KubernetesObject[], settings: ApiServerSettings = {}): Promise<void> {
  server = await ApiServer.start(settings);
  server.put(...objects);
}

async function watch(query: string, path = SERVICES): Promise<WatchReader> {
  const reader = await WatchReader.open(server, `${path}?watch=true&${query}`);
  readers.push(reader);
  return reader;
}

describe("objects", () => {
  test("get what a server adds, and keep it while they live", async () => {
    await start([service("a")]);
    const first = (await read(server, "/api/v1/namespaces/default/services/a")).metadata;
    expect(first["creationTimestamp"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(first["managedFields"]).toMatchObject([{ fieldsV1: { "f:spec": { "f:clusterIP": {} } } }]);
    expect(BigInt(first.resourceVersion!)).toBeGreaterThan(2n ** 53n);
    server.put(service("a", { new: "yes" }));
    const second = (await read(server, "/api/v1/namespaces/default/services/a")).metadata;
    expect(second["uid"]).toBe(first["uid"]);
    expect(second.resourceVersion).toBe(String(BigInt(first.resourceVersion!) + 1n));
    server.remove(service("a"));
    server.put(service("a"));
    expect((await read(server, "/api/v1/namespaces/default/services/a")).metadata["uid"]).not.toBe(first["uid"]);
  });

  test("are replaced all at once", async () => {
    await start([service("a"), service("b"), namespace("n")]);
    const reader = await watch(`resourceVersion=${server.version}`);
    server.replaceAll([service("b"), service("c")]);
    expect(await reader.names(3)).toEqual(["DELETED a", "MODIFIED b", "ADDED c"]);
    expect(names(await read(server, SERVICES))).toEqual(["b", "c"]);
    expect(names(await read(server, "/api/v1/namespaces"))).toEqual([]);
  });

  test.each([
    ["/api/v1/namespaces/default/services/b", 404, 'services "b" not found'],
    ["//", 404, "the server could not find the requested resource"],
    ["/api/v1/namespaces/%zz/services/a", 404, 'services "a" not found'],
    ["/api/v1/services/a", 404, "the server could not find the requested resource"],
    ["/api/v1/nodes", 404, "the server could not find the requested resource"],
  ])("%s is not there", async (path, status, message) => {
    await start([service("a")]);
    const answer = await ask(server, path);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ kind: "Status", code: status, reason: "NotFound", message });
  });
});

describe("lists", () => {
  test("have types of their own, and items without", async () => {
    await start([service("b"), service("a"), service("c", {}, "another")]);
    const list = await read(server, SERVICES);
    expect(list).toMatchObject({ kind: "ServiceList", apiVersion: "v1" });
    expect(list.metadata.resourceVersion).toBe(server.version);
    expect(names(list)).toEqual(["c", "a", "b"]);
    expect(Object.keys(list.items![0]!)).toEqual(["metadata", "spec"]);
    expect(await read(server, "/apis/discovery.k8s.io/v1/endpointslices")).toMatchObject({
      kind: "EndpointSliceList",
      apiVersion: "discovery.k8s.io/v1",
      items: [],
    });
  });

  test.each([
    ["/api/v1/namespaces/another/services", ["c"]],
    [`${SERVICES}?labelSelector=app%3Dx`, ["c", "a"]],
    [`${SERVICES}?labelSelector=app!%3Dx`, ["b"]],
    [`${SERVICES}?labelSelector=app%3D%3Dx,!tier`, ["c"]],
    [`${SERVICES}?labelSelector=tier%20in%20(front,%20back),app`, ["a", "b"]],
    [`${SERVICES}?labelSelector=tier%20notin%20(front)`, ["c", "b"]],
    [`${SERVICES}?labelSelector=tier`, ["a", "b"]],
    [`${SERVICES}?fieldSelector=metadata.name%3Da`, ["a"]],
    [`${SERVICES}?fieldSelector=metadata.namespace!%3Ddefault,metadata.name%3Dc`, ["c"]],
    [`${SERVICES}?fieldSelector=spec.clusterIP%3DNone`, []],
  ])("of %s are %s", async (path, expected) => {
    await start([
      service("a", { app: "x", tier: "front" }),
      service("b", { app: "y", tier: "back" }),
      service("c", { app: "x" }, "another"),
    ]);
    expect(names(await read(server, path))).toEqual(expected);
  });

  test("come in pages of one snapshot", async () => {
    await start(["a", "b", "c", "d", "e"].map((name) => service(name)));
    const first = await read(server, `${SERVICES}?limit=2`);
    const version = server.version;
    server.put(service("c", { late: "yes" }), service("bb"));
    server.remove(service("d"));
    expect(first.metadata).toMatchObject({ remainingItemCount: 3, resourceVersion: version });
    const second = await read(server, `${SERVICES}?limit=2&continue=${String(first.metadata["continue"])}`);
    expect(names(second)).toEqual(["c", "d"]);
    expect(second.items![0]!.metadata["labels"]).toEqual({});
    expect(second.metadata.resourceVersion).toBe(version);
    const third = await read(server, `${SERVICES}?limit=2&continue=${String(second.metadata["continue"])}`);
    expect(names(third)).toEqual(["e"]);
    expect(Object.keys(third.metadata)).toEqual(["resourceVersion"]);
  });

  test("have no more items than the server wants", async () => {
    await start(
      ["a", "b", "c"].map((name) => service(name)),
      { pageSizeMax: 2 },
    );
    const first = await read(server, SERVICES);
    expect(names(first)).toEqual(["a", "b"]);
    const second = await read(server, `${SERVICES}?limit=500&continue=${String(first.metadata["continue"])}`);
    expect(names(second)).toEqual(["c"]);
    const selected = await read(server, `${SERVICES}?limit=1&labelSelector=!x`);
    expect(Object.keys(selected.metadata)).toEqual(["resourceVersion", "continue"]);
  });

  test("give 410 for a page whose snapshot is gone, with a token for the rest of what there is", async () => {
    await start(["a", "b", "c"].map((name) => service(name)));
    const { continue: token } = (await read(server, `${SERVICES}?limit=1`)).metadata;
    server.put(service("bb"), service("aa"));
    server.compact();
    const gone = await ask(server, `${SERVICES}?limit=1&continue=${String(token)}`);
    const status = JSON.parse(gone.text) as ApiValue;
    expect([gone.status, status["code"], status["reason"]]).toEqual([410, 410, "Expired"]);
    const rest = await read(server, `${SERVICES}?continue=${String(status.metadata["continue"])}`);
    expect(names(rest)).toEqual(["aa", "b", "bb", "c"]);
    expect(rest.metadata.resourceVersion).toBe(server.version);
  });

  test("are of the version that is asked for", async () => {
    await start([service("a"), service("c"), namespace("n")]);
    const old = server.version;
    server.put(service("b"), service("a", { late: "yes" }));
    server.remove(service("c"), namespace("n"));
    const ofVersion = async (query: string): Promise<unknown[]> =>
      (await read(server, `${SERVICES}?${query}`)).items!.map(({ metadata: { name, labels } }) => [name, labels]);
    const before = [
      ["a", {}],
      ["c", {}],
    ];
    const now = [
      ["a", { late: "yes" }],
      ["b", {}],
    ];
    expect(await ofVersion(`resourceVersion=${old}&resourceVersionMatch=Exact`)).toEqual(before);
    expect(await ofVersion(`resourceVersion=${old}&limit=5`)).toEqual(before);
    expect(await ofVersion(`resourceVersion=${old}&resourceVersionMatch=NotOlderThan`)).toEqual(now);
    expect(await ofVersion(`resourceVersion=${old}`)).toEqual(now);
    expect(await ofVersion("resourceVersion=0&limit=1")).toEqual(now);
    server.compact();
    const { status } = await ask(server, `${SERVICES}?resourceVersion=${old}&resourceVersionMatch=Exact`);
    expect(status).toBe(410);
  });

  test("are compressed for clients that ask", async () => {
    await start([{ ...service("a"), spec: { externalName: "x".repeat(200_000) } }]);
    const zipped = await ask(server, SERVICES, { headers: { "Accept-Encoding": "gzip" } });
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    expect((await ask(server, SERVICES)).headers["content-encoding"]).toBeUndefined();
  });

  test.each([
    ["resourceVersion=x", 400],
    ["limit=x", 400],
    ["continue=x", 400],
    ["labelSelector=a b", 400],
    ["fieldSelector=spec.ports%3D1", 400],
    ["fieldSelector=metadata.name", 400],
    ["resourceVersionMatch=Exact", 422],
    ["resourceVersion=0&resourceVersionMatch=Exact", 422],
    ["resourceVersion=1&resourceVersionMatch=Other", 422],
    ["sendInitialEvents=true", 422],
    ["resourceVersion=99999999999999999999", 504],
  ])("refuse %s with %i", async (query, status) => {
    await start([]);
    expect((await ask(server, `${SERVICES}?${encodeURI(query)}`)).status).toBe(status);
  });
});

describe("watches", () => {
  test("show changes after a version, in order, and those of selectors as additions and deletions", async () => {
    await start([service("a")]);
    const from = server.version;
    server.put(service("b", { app: "x" }));
    const all = await watch(`resourceVersion=${from}`);
    const some = await watch(`resourceVersion=${from}&labelSelector=app%3Dx`);
    expect(await all.names(1)).toEqual(["ADDED b"]);
    server.put(service("a", { app: "x" }), service("b"), namespace("n"));
    server.remove(service("a"));
    expect(await all.names(3)).toEqual(["MODIFIED a", "MODIFIED b", "DELETED a"]);
    expect(await some.names(3)).toEqual(["ADDED b", "ADDED a", "DELETED b"]);
    const last = (await some.event())!;
    expect(last).toMatchObject({ type: "DELETED", object: { kind: "Service", apiVersion: "v1" } });
    expect(last.object.metadata).toMatchObject({ name: "a", labels: { app: "x" }, resourceVersion: server.version });
  });

  test.each([["resourceVersion=0"], [""]])("begin with all objects for %j", async (query) => {
    await start([service("a"), service("b", {}, "n")]);
    const reader = await watch(query, "/api/v1/namespaces/n/services");
    expect(await reader.names(1)).toEqual(["ADDED b"]);
    server.remove(service("a"), service("b", {}, "n"));
    expect(await reader.names(1)).toEqual(["DELETED b"]);
  });

  test("send bookmarks to clients that want them", async () => {
    await start([service("a")]);
    const wanting = await watch(`resourceVersion=${server.version}&allowWatchBookmarks=true`);
    const other = await watch(`resourceVersion=${server.version}`);
    server.put(namespace("n"));
    server.sendBookmarks();
    server.put(service("b"));
    expect(await wanting.event()).toMatchObject({
      type: "BOOKMARK",
      object: { kind: "Service", apiVersion: "v1", metadata: { resourceVersion: String(BigInt(server.version) - 1n) } },
    });
    expect(await wanting.names(1)).toEqual(["ADDED b"]);
    expect(await other.names(1)).toEqual(["ADDED b"]);
  });

  test("stream a list, and say where it ends", async () => {
    await start([service("a"), service("b")]);
    const query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=";
    const reader = await watch(query);
    expect(await reader.names(2)).toEqual(["ADDED a", "ADDED b"]);
    expect((await reader.event())!.object.metadata).toMatchObject({
      resourceVersion: server.version,
      annotations: { "k8s.io/initial-events-end": "true" },
    });
    server.put(service("c"));
    expect(await reader.names(1)).toEqual(["ADDED c"]);
  });

  test.each<[string, ApiServerSettings, string, number]>([
    ["sendInitialEvents without a match", {}, "sendInitialEvents=true", 422],
    ["a match without sendInitialEvents", {}, "resourceVersion=1&resourceVersionMatch=NotOlderThan", 422],
    [
      "a stream, where WatchList is off",
      { watchList: "refused" },
      "sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
      422,
    ],
    [
      "a stream of a version to come",
      {},
      "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999999999999999999",
      504,
    ],
  ])("refuse %s", async (_, settings, query, status) => {
    await start([], settings);
    expect((await ask(server, `${SERVICES}?watch=1&${query}`)).status).toBe(status);
  });

  test("know nothing of streams where the server ignores them", async () => {
    await start([service("a")], { watchList: "ignored" });
    const query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const reader = await watch(query);
    expect(await reader.names(1)).toEqual(["ADDED a"]);
    server.put(service("b"));
    expect(await reader.names(1)).toEqual(["ADDED b"]);
  });

  test("of a version that is forgotten get 410 as an event", async () => {
    await start([service("a")]);
    const old = server.version;
    server.put(service("b"));
    server.compact();
    const reader = await watch(`resourceVersion=${old}`);
    expect(await reader.event()).toMatchObject({
      type: "ERROR",
      object: { kind: "Status", code: 410, reason: "Expired", message: expect.stringContaining(old) as string },
    });
    expect(await reader.event()).toBeUndefined();
    const current = await watch(`resourceVersion=${server.version}`);
    server.put(service("c"));
    expect(await current.names(1)).toEqual(["ADDED c"]);
  });

  test("end after the time that the client wants, with a bookmark", async () => {
    await start([service("a")]);
    const reader = await watch(`resourceVersion=${server.version}&allowWatchBookmarks=true&timeoutSeconds=1`);
    expect(await reader.names(2)).toEqual(["BOOKMARK", "(end)"]);
    await vi.waitFor(() => expect(server.watches).toEqual([]));
  });

  test("of a version to come show nothing before it", async () => {
    await start([service("a")]);
    const reader = await watch(`resourceVersion=${BigInt(server.version) + 2n}`);
    server.put(service("b"), service("c"), service("d"));
    expect(await reader.names(1)).toEqual(["ADDED d"]);
  });
});
