// Who may ask the scripted API server, and how kubeconfig files say it. The client is node:http.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { makeCertificate } from "../certificates.ts";
import { ApiServer, type ApiServerSettings } from "./api-server.ts";
import { ask } from "./plain-client.ts";

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, unknown>> }[];
  readonly contexts: readonly { readonly context: Readonly<Record<string, string>> }[];
}

const PODS = "/api/v1/pods";
const bearer = (token: string): { Authorization: string } => ({ Authorization: `Bearer ${token}` });
let server: ApiServer;

afterEach(() => server.close());

async function start(settings: ApiServerSettings = {}): Promise<void> {
  server = await ApiServer.start(settings);
}

const kubeconfig = (...options: Parameters<ApiServer["kubeconfig"]>): Kubeconfig =>
  parse(server.kubeconfig(...options)) as Kubeconfig;
const decode = (text: unknown): string => Buffer.from(String(text), "base64").toString();

describe("tokens", () => {
  test("are those of now, and requests tell whose they are", async () => {
    await start({ tokens: { old: "system:serviceaccount:dns:reader" } });
    const status = async (token?: string): Promise<number> =>
      (await ask(server, PODS, { headers: token === undefined ? {} : bearer(token) })).status;
    expect([await status(), await status("other"), await status("toString"), await status("old")]).toEqual([
      401, 401, 401, 200,
    ]);
    server.tokens = { fresh: "system:serviceaccount:dns:reader" };
    expect([await status("old"), await status("fresh")]).toEqual([401, 200]);
    expect(server.requests.at(-1)).toMatchObject({
      user: "system:serviceaccount:dns:reader",
      authorization: "Bearer fresh",
      verb: "list",
      status: 200,
    });
    expect(JSON.parse((await ask(server, PODS)).text)).toMatchObject({ kind: "Status", reason: "Unauthorized" });
  });

  test("are not asked for by default", async () => {
    await start();
    expect((await ask(server, "/version")).status).toBe(200);
    expect(server.requests[0]).toMatchObject({ user: "system:admin", verb: "get" });
  });
});

test("client certificates are verified", async () => {
  await start({ tls: true, tokens: {} });
  const { user } = kubeconfig({ clientCertificate: true }).users[0]!;
  const identity = { cert: decode(user["client-certificate-data"]), key: decode(user["client-key-data"]) };
  const statuses = [];
  for (const options of [{}, { identity: makeCertificate() }, { identity }]) {
    statuses.push((await ask(server, PODS, options)).status);
  }
  expect(statuses).toEqual([401, 401, 200]);
});

describe("forbidden requests name what is missing", () => {
  test.each([
    [
      "/apis/discovery.k8s.io/v1/endpointslices?watch=true",
      'endpointslices is forbidden: User "u" cannot watch resource "endpointslices" in API group "discovery.k8s.io" ' +
        "at the cluster scope",
    ],
    [
      "/api/v1/namespaces/n/pods/p",
      'pods "p" is forbidden: User "u" cannot get resource "pods" in API group "" in the namespace "n"',
    ],
    ["/version", 'forbidden: User "u" cannot get path "/version"'],
  ])("%s", async (path, message) => {
    await start({ tokens: { t: "u" } });
    server.script.next({}, { failure: "forbidden" });
    const answer = await ask(server, path, { headers: bearer("t") });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([403, { reason: "Forbidden", code: 403, message }]);
  });
});

describe("kubeconfig files", () => {
  test("name the server, its certificate and the namespace", async () => {
    await start({ tls: true });
    const { clusters, contexts } = kubeconfig({ namespace: "n" });
    expect(clusters[0]!.cluster["server"]).toBe(server.url);
    expect(decode(clusters[0]!.cluster["certificate-authority-data"])).toBe(server.ca);
    expect(contexts[0]!.context).toEqual({ cluster: "scripted", user: "scripted", namespace: "n" });
  });

  test("name tokens, their files and programs", async () => {
    await start();
    expect(kubeconfig().clusters[0]!.cluster).toEqual({ server: server.url });
    expect(kubeconfig({ token: "t", tokenFile: "/run/token" }).users[0]!.user).toEqual({
      token: "t",
      tokenFile: "/run/token",
    });
    const exec = { command: "./login", args: ["now"], env: [{ name: "A", value: "b" }] };
    expect(kubeconfig({ exec }).users[0]!.user["exec"]).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      interactiveMode: "Never",
      ...exec,
    });
  });

  test("refer to files", async () => {
    await start({ tls: true });
    const folder = mkdtempSync(join(tmpdir(), "api-server-"));
    try {
      const identity = makeCertificate();
      const { clusters, users } = kubeconfig({ clientCertificate: identity, folder });
      const file = (name: unknown): string => readFileSync(join(folder, String(name)), "utf8");
      expect(file(clusters[0]!.cluster["certificate-authority"])).toBe(server.ca);
      const { user } = users[0]!;
      expect([file(user["client-certificate"]), file(user["client-key"])]).toEqual([identity.cert, identity.key]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
