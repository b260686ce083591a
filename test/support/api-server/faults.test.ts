// What the scripted API server does wrong when a test tells it to, over HTTP and HTTPS: each fault as a client of node:http
// sees it.
import { once } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { expired, serverError, tooManyRequests, unauthorized } from "./api-failure.ts";
import { ApiServer } from "./api-server.ts";
import { ask, open, read, WatchReader } from "./plain-client.ts";
import type { KubernetesObject } from "./resources.ts";
import type { Break } from "./script.ts";

const SERVICES = "/api/v1/services";
const SLICES = "/apis/discovery.k8s.io/v1/endpointslices";
let server: ApiServer;

afterEach(() => server.close());

const service = (name: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default" },
});

async function start(tls = false): Promise<void> {
  server = await ApiServer.start({ tls });
  server.put(service("a"), service("b"));
}

const watch = (): Promise<WatchReader> =>
  WatchReader.open(server, `${SERVICES}?watch=1&resourceVersion=${server.version}`);

/** How the connection of a response ended, once it did. */
async function ending(message: Awaited<ReturnType<typeof open>>): Promise<string> {
  message.resume();
  return new Promise((resolve) => {
    message.on("end", () => resolve("end"));
    message.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

describe("requests", () => {
  test("fail as the script says, as often as it says", async () => {
    await start();
    server.script.next({ verb: "list", resource: "services" }, { failure: tooManyRequests(7) }, 2);
    server.script.next({ verb: "list" }, { failure: serverError(503, 3) });
    server.script.next({ where: ({ path }) => path === SLICES }, { failure: unauthorized() });
    const seen: unknown[] = [];
    for (const path of [SERVICES, SLICES, SERVICES, SLICES, SERVICES]) {
      const { status, headers } = await ask(server, path);
      seen.push([status, headers["retry-after"]]);
    }
    expect(seen).toEqual([
      [429, "7"],
      [503, "3"],
      [429, "7"],
      [401, undefined],
      [200, undefined],
    ]);
    expect(server.requests.map(({ verb, status }) => `${verb} ${status}`)).toEqual(
      [429, 503, 429, 401, 200].map((status) => `list ${status}`),
    );
  });

  test("fail until the script is cleared", async () => {
    await start();
    server.script.next({ verb: "watch", namespace: "default" }, { failure: expired() }, Infinity);
    const path = "/api/v1/namespaces/default/services?watch=1";
    expect([(await ask(server, path)).status, (await ask(server, path)).status]).toEqual([410, 410]);
    await read(server, "/api/v1/namespaces/default/services");
    (await WatchReader.open(server, "/api/v1/namespaces/other/services?watch=1")).close();
    server.script.nextConnections("reset");
    server.script.clear();
    expect(server.script.pending).toBe(0);
    (await WatchReader.open(server, path)).close();
  });

  test("wait as long as the script says", async () => {
    await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.script.next({ verb: "list" }, { hold: promise });
    const held = read(server, SERVICES);
    await read(server, SERVICES);
    server.put(service("c"));
    resolve();
    expect((await held).items).toHaveLength(3);
  });

  test("get any bytes", async () => {
    await start();
    server.script.next({}, { answer: { status: 299, headers: { "X-Odd": "yes" }, body: "{" } });
    expect(await ask(server, SERVICES)).toMatchObject({ status: 299, text: "{", headers: { "x-odd": "yes" } });
  });

  test("get their answer in pieces", async () => {
    await start();
    server.script.next({ verb: "list" }, { trickle: { bytes: 100, everyMs: 1 } });
    const pieces: number[] = [];
    const message = await open(server, SERVICES);
    message.on("data", ({ length }: Buffer) => pieces.push(length));
    await once(message, "end");
    expect(pieces.length).toBeGreaterThan(3);
    const whole = (await ask(server, SERVICES)).text.length;
    expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(whole);
  });
});

describe.each([false, true])("connections, with TLS: %s", (tls) => {
  test("break when they are accepted", async () => {
    await start(tls);
    server.script.nextConnections("reset", "close", "half-open");
    await expect(ask(server, SERVICES)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(ask(server, SERVICES)).rejects.toMatchObject({ code: "ECONNRESET" });
    const silent = ask(server, SERVICES).catch((error: NodeJS.ErrnoException) => error.code);
    await vi.waitFor(() => expect(server.script.pending).toBe(0));
    await read(server, SERVICES);
    expect(server.requests).toHaveLength(1);
    await server.close();
    expect(await silent).toBe("ECONNRESET");
  });

  test.each<["close" | "reset"]>([["close"], ["reset"]])("%s before an answer", async (by) => {
    await start(tls);
    server.script.next({}, { refuse: by });
    await expect(ask(server, SERVICES)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(server.requests[0]!.status).toBeUndefined();
  });

  test.each<[Break, string]>([
    ["end", "end"],
    ["close", "ECONNRESET"],
    ["reset", "ECONNRESET"],
  ])("%s within an answer", async (by, expected) => {
    await start(tls);
    server.script.next({ verb: "list" }, { cut: { afterBytes: 50, by } });
    const message = await open(server, SERVICES);
    const bytes: Buffer[] = [];
    message.on("data", (chunk: Buffer) => bytes.push(chunk));
    expect(await ending(message)).toBe(expected);
    const seen = Buffer.concat(bytes).toString();
    const first = (await ask(server, SERVICES)).text.slice(0, 50);
    // Node.js may drop what it has read when it learns of a broken connection.
    if (by === "end") expect(seen).toBe(first);
    else expect(first.startsWith(seen)).toBe(true);
  });

  test("stay open without a byte", async () => {
    await start(tls);
    server.script.next({ verb: "list", resource: "services" }, { refuse: "half-open" });
    const silent = ask(server, SERVICES).catch((error: NodeJS.ErrnoException) => error.code);
    server.script.next({ verb: "list", resource: "endpointslices" }, { cut: { afterBytes: 10, by: "half-open" } });
    const message = await open(server, SLICES);
    const [chunk] = (await once(message, "data")) as [Buffer];
    expect(chunk).toHaveLength(10);
    await read(server, "/api/v1/pods");
    await server.close();
    expect([await silent, await ending(message)]).toEqual(["ECONNRESET", "ECONNRESET"]);
  });

  test("of watches break in the middle of an event", async () => {
    await start(tls);
    server.script.next({ verb: "watch" }, { cut: { afterBytes: 30, by: "close" } });
    const message = await open(server, `${SERVICES}?watch=1`);
    expect(await ending(message)).toBe("ECONNRESET");
    expect(server.script.pending).toBe(0);
  });

  test("of open watches reset, close, end or fall silent", async () => {
    await start(tls);
    const endings = await Promise.all(
      (["reset", "close", "end"] as const).map(async (by) => {
        const message = await open(server, `${SERVICES}?watch=1&resourceVersion=${server.version}&by=${by}`);
        server.watches.find(({ request }) => request.query.get("by") === by)![by]();
        return ending(message);
      }),
    );
    expect(endings).toEqual(["ECONNRESET", "ECONNRESET", "end"]);
    const silent = await watch();
    server.watches.at(-1)!.halfOpen();
    server.put(service("c"));
    const other = await WatchReader.open(server, `${SERVICES}?watch=1`);
    expect(await other.names(3)).toEqual(["ADDED a", "ADDED b", "ADDED c"]);
    await server.close();
    await expect(silent.line()).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

describe("events", () => {
  test("are withheld from watches, and not from lists", async () => {
    await start();
    const from = server.version;
    const reader = await watch();
    server.withhold(() => server.remove(service("a")));
    server.put(service("c"));
    expect(await reader.names(1)).toEqual(["ADDED c"]);
    const late = await WatchReader.open(server, `${SERVICES}?watch=1&resourceVersion=${from}`);
    expect(await late.names(1)).toEqual(["ADDED c"]);
    expect((await read(server, SERVICES)).items!.map(({ metadata }) => metadata.name)).toEqual(["b", "c"]);
  });

  test("come twice and in another order", async () => {
    await start();
    const reader = await watch();
    server.rewrite(
      () => server.put(service("c"), service("d")),
      (events) => [...events.toReversed(), ...events],
    );
    expect(await reader.names(4)).toEqual(["ADDED d", "ADDED c", "ADDED c", "ADDED d"]);
  });

  test("are any text", async () => {
    await start();
    const reader = await watch();
    const [open] = server.watches;
    const huge = JSON.stringify({ type: "RENAMED", object: { metadata: { name: "x".repeat(1_000_000) } } });
    open!.send("{not json");
    open!.send(huge);
    open!.fail(expired());
    expect([await reader.line(), await reader.line()]).toEqual(["{not json", huge]);
    expect(await reader.event()).toMatchObject({ type: "ERROR", object: { code: 410 } });
    expect(await reader.event()).toBeUndefined();
  });
});

describe("restarts", () => {
  test("keep objects and versions, and forget the history", async () => {
    await start();
    const { url, version } = server;
    const reader = await watch();
    await server.restart();
    await expect(reader.line()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect([server.url, server.version]).toEqual([url, version]);
    expect((await read(server, SERVICES)).items).toHaveLength(2);
    const late = await WatchReader.open(server, `${SERVICES}?watch=1&resourceVersion=${BigInt(version) - 1n}`);
    expect(await late.names(1)).toEqual(["ERROR"]);
  });

  test("bring another state, whose versions may be older", async () => {
    await start();
    await server.close();
    await expect(ask(server, SERVICES)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.restart([service("z")], 10n);
    const list = await read(server, SERVICES);
    expect([list.items!.map(({ metadata }) => metadata.name), list.metadata.resourceVersion]).toEqual([["z"], "11"]);
  });
});
