// The client with a real etcd: keys, transactions and leases; members that are away; users and certificates.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { EtcdClient } from "../../src/etcd/etcd-client.ts";
import type { EtcdAccess } from "../../src/etcd/http-json.ts";
import { makeCertificate } from "../support/certificates.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { freePort } from "../support/process.ts";
import { StartedEtcd } from "../support/started-etcd.ts";

const missing = whyNot("etcd");
skipAll(missing);

const clients: EtcdClient[] = [];
let etcd: StartedEtcd;
beforeAll(async () => {
  if (missing === undefined) etcd = await StartedEtcd.start();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => etcd?.stop());

function open(endpoints: readonly string[] = [etcd.endpoint], more: Partial<EtcdAccess> = {}): EtcdClient {
  const client = new EtcdClient({ endpoints: endpoints.map((endpoint) => new URL(endpoint)), ...more });
  clients.push(client);
  return client;
}

describe("keys", () => {
  test("are read one by one, or all with a prefix, in pages of one revision", async () => {
    const client = open();
    await etcd.put("/a/x", "ä");
    await etcd.put("/ab", "2");
    const [x] = await etcd.keys("/a/x");
    const found = { key: "/a/x", value: "ä", createRevision: x!.modRevision, modRevision: x!.modRevision, lease: "0" };
    expect(await client.range("/a/x")).toEqual({ value: [found] });
    expect(await client.range("/a/", true)).toEqual({ value: [found] });
    expect(await client.range("/a")).toEqual({ value: [] });
    await etcd.replace("/many/", new Map(Array.from({ length: 2_500 }, (_, i) => [`/many/${i}`, String(i)])));
    const all = await client.range("/many/", true);
    expect("value" in all && new Set(all.value.map(({ key }) => key)).size).toBe(2_500);
  });

  test("change in transactions, all or none, on conditions", async () => {
    const client = open();
    const lease = "0";
    const put = (key: string, value: string) => ({ put: key, value, lease });
    const first = await client.transact([{ key: "/t/x", createRevision: "0" }], [put("/t/x", "1"), put("/t/y", "1")]);
    const revision = ("value" in first && first.value) as string;
    expect(revision).toMatch(/^\d+$/);
    expect(await client.transact([{ key: "/t/x", modRevision: "0" }], [put("/t/x", "2")])).toEqual({
      value: undefined,
    });
    const second = await client.transact([{ key: "/t/x", modRevision: revision }], [{ delete: "/t/x" }]);
    expect("value" in second && Number(second.value)).toBeGreaterThan(Number(revision));
    expect((await etcd.keys("/t/")).map(({ key, value }) => `${key}=${value}`)).toEqual(["/t/y=1"]);
  });
});

test("a lease is granted, renewed, and removes its keys when it is revoked", async () => {
  const client = open();
  const granted = await client.grant(60);
  const lease = ("value" in granted && granted.value) as string;
  await client.transact([], [{ put: "/l/x", value: "1", lease }]);
  expect((await etcd.keys("/l/"))[0]?.lease).toBe(lease);
  expect(await client.keepAlive(lease)).toEqual({ value: 60 });
  await client.revoke(lease);
  expect(await etcd.keys("/l/")).toEqual([]);
  expect(await client.keepAlive(lease)).toEqual({ value: 0 });
});

describe("faults", () => {
  test("of etcd have its words", async () => {
    const tooMany = Array.from({ length: 129 }, (_, i) => ({ delete: `/${i}` }));
    expect(await open().transact([], tooMany)).toMatchObject({
      fault: `etcd at ${new URL(etcd.endpoint).host}: etcdserver: too many operations in txn request`,
    });
    expect(await open().transact([], [{ put: "/x", value: "", lease: "12345" }])).toMatchObject({
      fault: expect.stringContaining("requested lease not found"),
    });
  });

  test("a member that is away is passed over, and told where there is no other", async () => {
    const away = `http://127.0.0.1:${await freePort()}`;
    expect(await open([away]).range("/x")).toMatchObject({ fault: `etcd at ${new URL(away).host}: ECONNREFUSED` });
    expect(await open([away, etcd.endpoint]).range("/none")).toEqual({ value: [] });
  });

  test.each([
    ["no JSON", "<html>", "its answer is no JSON (HTTP status 200)"],
    ["JSON of another kind", "[", "its answer is no JSON (HTTP status 200)"],
    ["an error in a stream", '{"error":{"grpc_code":8,"message":"no space"}}', "no space"],
  ])("a server that says %s", async (_, text, fault) => {
    const server: Server = createServer((__, response) => response.end(text)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    expect(await open([`http://127.0.0.1:${port}`]).range("/x")).toMatchObject({
      fault: `etcd at 127.0.0.1:${port}: ${fault}`,
    });
    server.closeAllConnections();
    server.close();
  });
});

describe("with users", () => {
  const root = { user: "root", password: "secret" };
  const login = (password: string): Partial<EtcdAccess> => ({ login: { ...root, password } });
  let guarded: StartedEtcd;
  beforeAll(async () => {
    if (missing !== undefined) return;
    guarded = await StartedEtcd.start(["--auth-token-ttl=2"]);
    await guarded.post("auth/user/add", { name: root.user, password: root.password });
    await guarded.post("auth/role/add", { name: "root" });
    await guarded.post("auth/user/grant", { user: root.user, role: "root" });
    await guarded.post("auth/enable", {});
  });
  afterAll(() => guarded?.stop());

  test("who has none, or a wrong password, is refused", async () => {
    expect(await open([guarded.endpoint]).range("/x")).toMatchObject({
      fault: expect.stringContaining("user name is empty"),
    });
    expect(await open([guarded.endpoint], login("wrong")).range("/x")).toMatchObject({
      fault: expect.stringContaining("authentication failed"),
    });
  });

  test("logs in, and again when etcd has forgotten", async () => {
    const client = open([guarded.endpoint], login(root.password));
    expect(await client.range("/x")).toEqual({ value: [] });
    // Tokens are lost with the process.
    await guarded.halt();
    await guarded.start();
    expect(await client.range("/x")).toEqual({ value: [] });
  });
});

describe("with certificates", () => {
  const folder = mkdtempSync(join(tmpdir(), "etcd-client-"));
  const pem = makeCertificate({ addresses: ["127.0.0.1"] });
  let secure: StartedEtcd;
  beforeAll(async () => {
    if (missing !== undefined) return;
    for (const name of ["cert", "key"] as const) writeFileSync(join(folder, name), pem[name]);
    const file = (name: string): string => join(folder, name);
    secure = await StartedEtcd.start([
      "--cert-file",
      file("cert"),
      "--key-file",
      file("key"),
      "--client-cert-auth",
      "--trusted-ca-file",
      file("cert"),
    ]);
  });
  afterAll(async () => {
    await secure?.stop();
    rmSync(folder, { recursive: true });
  });

  test("both sides show theirs", async () => {
    const tls = { ca: pem.cert, ...pem };
    expect(await open([secure.secureEndpoint], { tls }).range("/x")).toEqual({ value: [] });
    expect(await open([secure.secureEndpoint], { tls: { ca: pem.cert } }).range("/x")).toHaveProperty("fault");
    expect(await open([secure.secureEndpoint]).range("/x")).toMatchObject({
      fault: expect.stringContaining("SELF_SIGNED"),
    });
  });
});
