// Requests and responses without sockets: the probes, the parts, and what the guard refuses.
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { createAdminApp, createHealthApp, createReadyApp } from "../../src/admin/admin-app.ts";
import type { AdminParts } from "../../src/admin/admin-app.ts";
import type { Readiness, StalledWorker } from "../../src/admin/admin-view.ts";

const READY: Readiness = {
  ready: true,
  reasons: [],
  sources: [{ id: "manifests", state: "synced" }],
  zones: [{ name: "cluster.local.", ready: true, serial: 7 }],
  workers: ["udp 127.0.0.1:53 #0"],
  addresses: ["127.0.0.1:53"],
};

interface Given extends Partial<Omit<AdminParts, "view">> {
  readonly stalled?: readonly StalledWorker[];
  readonly readiness?: Partial<Readiness>;
}

const partsOf = ({ stalled = [], readiness = {}, ...parts }: Given = {}): AdminParts => ({
  view: { health: () => ({ stalled }), readiness: () => ({ ...READY, ...readiness }) },
  hosts: [],
  onFault: (fault) => {
    throw fault;
  },
  ...parts,
});

function ask(path: string, given: Given = {}, init: RequestInit = {}): Response | Promise<Response> {
  return createAdminApp(partsOf(given)).request(`http://127.0.0.1${path}`, {
    ...init,
    headers: { host: "127.0.0.1:9053", ...init.headers },
  });
}

async function answerOf(asked: Response | Promise<Response>): Promise<[status: number, text: string]> {
  const response = await asked;
  return [response.status, await response.text()];
}

const syncing = ["source kubernetes has not synced"];

describe("probes", () => {
  test.each<[path: string, given: Given, status: number, text: string]>([
    ["/health", {}, 200, "OK"],
    [
      "/health",
      { stalled: [{ name: "udp 127.0.0.1:53 #1", seconds: 6 }] },
      503,
      "worker udp 127.0.0.1:53 #1 has not moved for 6 s\n",
    ],
    ["/ready", {}, 200, "OK"],
    ["/ready", { readiness: { ready: false, reasons: syncing } }, 503, `${syncing[0]}\n`],
    ["/health/", {}, 404, "there is nothing here\n"],
  ])("%s with %o", async (path, given, status, text) => {
    expect(await answerOf(ask(path, given))).toEqual([status, text]);
  });

  test.each([true, false])("/ready?verbose is the state as JSON, ready: %s", async (ready) => {
    const response = await ask("/ready?verbose", { readiness: { ready } });
    expect(response.status).toBe(ready ? 200 : 503);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({ ...READY, ready });
  });

  test("each probe can be served alone", async () => {
    const parts = partsOf();
    const statusOf = async (app: Hono, path: string): Promise<number> => (await app.request(path)).status;
    expect(await statusOf(createHealthApp(parts), "/health")).toBe(200);
    expect(await statusOf(createHealthApp(parts), "/ready")).toBe(404);
    expect(await statusOf(createReadyApp(parts), "/ready")).toBe(200);
    expect(await statusOf(createReadyApp(parts), "/health")).toBe(404);
  });
});

describe("parts", () => {
  test("metrics come in the format that the client accepts", async () => {
    const metrics = { render: (accept = "") => Promise.resolve({ contentType: `for ${accept}`, body: "a 1\n" }) };
    const response = await ask("/metrics", { metrics }, { headers: { accept: "text/plain" } });
    expect(response.headers.get("content-type")).toBe("for text/plain");
    expect(await response.text()).toBe("a 1\n");
  });

  test("a page keeps its own headers", async () => {
    const page = new Hono().get("/", (c) => c.html("<p>", 200, { "content-security-policy": "default-src 'self'" }));
    const { headers } = await ask("/", { page });
    expect(headers.get("content-security-policy")).toBe("default-src 'self'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("what a part throws is reported, and is status 500", async () => {
    const faults: Error[] = [];
    const metrics = { render: () => Promise.reject(new Error("broken")) };
    const answer = await answerOf(ask("/metrics", { metrics, onFault: (fault) => void faults.push(fault) }));
    expect(answer).toEqual([500, "internal server error\n"]);
    expect(faults.map(({ message }) => message)).toEqual(["broken"]);
  });
});

describe("the guard", () => {
  test.each([
    "127.0.0.1:9053",
    "10.96.0.10",
    "[::1]:9053",
    "[fd00::10]",
    "localhost",
    "LOCALHOST:9053",
    "localhost.",
    "dns.example:9053",
    "DNS.example",
    "",
  ])("lets the host %j pass", async (host) => {
    expect((await ask("/health", { hosts: ["dns.example"] }, { headers: { host } })).status).toBe(200);
  });

  test.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.1", "a:b:c", "[::1", "::1"])(
    "refuses the host %j",
    async (host) => {
      const [status, text] = await answerOf(ask("/health", { hosts: ["dns.example"] }, { headers: { host } }));
      expect(status).toBe(421);
      expect(text).toContain(`${JSON.stringify(host)} is no name of this server: use its address`);
    },
  );

  test.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("refuses %s", async (method) => {
    const response = await ask("/health", {}, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test.each([{ "content-length": "1" }, { "transfer-encoding": "chunked" }])("refuses a body: %o", async (headers) => {
    const response = await ask("/health", {}, { headers });
    expect([response.status, response.headers.get("connection")]).toEqual([413, "close"]);
  });

  test.each(["/health", "/nothing"])("no site may read or embed %s", async (path) => {
    const { headers } = await ask(path);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});
