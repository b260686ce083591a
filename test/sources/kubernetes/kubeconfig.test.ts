// Kubeconfigs of every kind of user, against a scripted API server that wants to know who asks; and what is wrong in one.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { SourceError } from "../../../src/files/source-error.ts";
import { accessOfPod } from "../../../src/sources/kubernetes/api-access.ts";
import { ApiConnection } from "../../../src/sources/kubernetes/api-connection.ts";
import { accessOfKubeconfig } from "../../../src/sources/kubernetes/kubeconfig.ts";
import { ApiServer } from "../../support/api-server/api-server.ts";
import type { KubeconfigOptions } from "../../support/api-server/kubeconfig.ts";
import { makeCertificate } from "../../support/certificates.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

async function startApi(): Promise<ApiServer> {
  const api = await ApiServer.start({ tls: true, tokens: { secret: "system:dns" } });
  ends.push(() => api.close());
  return api;
}

/** The user whom the API server sees; undefined if it did not accept anybody. */
async function userSeen(api: ApiServer, kubeconfig: string): Promise<string | undefined> {
  const connection = new ApiConnection(await accessOfKubeconfig(file("config", kubeconfig), undefined));
  ends.push(() => connection.close());
  const reply = await connection.get(() => "/api/v1/namespaces", new AbortController().signal);
  if ("fault" in reply) throw new Error(reply.fault.message);
  reply.body.destroy();
  return api.requests.at(-1)!.user;
}

const PLUGIN = (status: object): KubeconfigOptions => ({
  exec: {
    command: process.execPath,
    args: ["-e", `console.log(JSON.stringify({kind:"ExecCredential",status:${JSON.stringify(status)}}))`],
  },
});

describe("a user with", () => {
  test.each<[title: string, options: KubeconfigOptions]>([
    ["a token", { token: "secret" }],
    ["a token in a file", { tokenFile: file("token", "secret\n") }],
    ["an exec plugin", PLUGIN({ token: "secret" })],
  ])("%s", async (_title, options) => {
    const api = await startApi();
    expect(await userSeen(api, api.kubeconfig(options))).toBe("system:dns");
  });

  test.each<[title: string, options: KubeconfigOptions]>([
    ["a client certificate", { clientCertificate: true }],
    ["a client certificate in files beside the kubeconfig", { clientCertificate: true, folder }],
  ])("%s", async (_title, options) => {
    const api = await startApi();
    expect(await userSeen(api, api.kubeconfig(options))).not.toMatch(/anonymous/);
  });

  test("an ID token that has expired: another one comes for the refresh token", async () => {
    const api = await startApi();
    const identity = makeCertificate({ names: ["localhost"] });
    const forms: string[] = [];
    const provider = createServer(identity, (asked, reply) => {
      const { port } = provider.address() as AddressInfo;
      const tokens = { id_token: "secret", refresh_token: "next" };
      const found = { token_endpoint: `https://localhost:${port}/token` };
      asked.on("data", (chunk) => forms.push(String(chunk)));
      asked.on("end", () => reply.end(JSON.stringify(asked.method === "POST" ? tokens : found)));
    }).listen(0, "127.0.0.1");
    await once(provider, "listening");
    ends.push(() => provider.close());
    const expired = `x.${Buffer.from(JSON.stringify({ exp: 1 })).toString("base64url")}.x`;
    const kubeconfig = api
      .kubeconfig({ token: "TOKEN" })
      .replace(/token: TOKEN/, () =>
        [
          "auth-provider:",
          "        name: oidc",
          "        config:",
          `          idp-issuer-url: https://localhost:${(provider.address() as AddressInfo).port}`,
          `          idp-certificate-authority-data: ${Buffer.from(identity.cert).toString("base64")}`,
          "          client-id: dns",
          "          refresh-token: last",
          `          id-token: ${expired}`,
        ].join("\n"),
      );
    // What the provider gives is no token with an end, so it is taken as it is.
    await expect(userSeen(api, kubeconfig)).resolves.toBe("system:dns");
    expect(new URLSearchParams(forms[0]).get("refresh_token")).toBe("last");
  });
});

describe("an exec plugin", () => {
  test("is asked again when the API server refuses its token", async () => {
    const api = await startApi();
    const token = file("plugin-token", "stale");
    const script = file("plugin", `#!/bin/sh\nprintf '{"status":{"token":"%s"}}' "$(cat ${token})"\n`);
    chmodSync(script, 0o755);
    const access = await accessOfKubeconfig(file("config", api.kubeconfig({ exec: { command: script } })), undefined);
    const connection = new ApiConnection(access);
    ends.push(() => connection.close());
    const ask = () => connection.get(() => "/api/v1/namespaces", new AbortController().signal);
    expect(await ask()).toMatchObject({ fault: { kind: "unauthorized" } });
    writeFileSync(token, "secret");
    expect(await ask()).toMatchObject({ status: 200 });
  });

  test.each<[title: string, options: KubeconfigOptions, message: RegExp]>([
    ["is missing", { exec: { command: "no-such-program" } }, /no-such-program failed \(ENOENT\)/],
    ["fails", { exec: { command: "sh", args: ["-c", "echo no network >&2; exit 3"] } }, /sh failed \(no network\)/],
    ["says nothing", { exec: { command: "true" } }, /true gave no token and no certificate/],
  ])("that %s", async (_title, options, message) => {
    const api = await startApi();
    await expect(userSeen(api, api.kubeconfig(options))).rejects.toThrow(message);
  });
});

describe("a kubeconfig is refused with its fault", () => {
  const config = (cluster: object, user: object = {}): string =>
    stringify({
      "current-context": "here",
      contexts: [{ name: "here", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user }],
    });
  const CLUSTER = { server: "https://127.0.0.1:1" };

  test.each<[text: string, context: string | undefined, message: string]>([
    ["", undefined, "it is empty"],
    ["a: [", undefined, "line 1"],
    ["- a", undefined, "expected a mapping"],
    ["{}", undefined, "it has no current-context: use --context NAME"],
    [config(CLUSTER), "her", 'there is no context "her"; did you mean here?'],
    [config({}), undefined, "cluster: server: expected an URL"],
    [config({ server: 7 }), undefined, "cluster: server: expected a text"],
    [config({ ...CLUSTER, "proxy-url": "http://p" }), undefined, "cluster: proxy-url is not known here"],
    [config(CLUSTER, { tokn: "x" }), undefined, "user: tokn is not known here; did you mean token?"],
    [
      config(CLUSTER, { "auth-provider": { name: "gcp" } }),
      undefined,
      'user: auth-provider "gcp" is not known: use an exec plugin',
    ],
    [config(CLUSTER, { exec: { apiVersion: "v1" } }), undefined, "user: exec: command is missing"],
    [
      config(CLUSTER, { exec: { command: "x", apiVersion: "v0" } }),
      undefined,
      'user: exec: apiVersion "v0" is not known',
    ],
  ])("%j", async (content, context, message) => {
    const opened = accessOfKubeconfig(file("bad", content), context);
    await expect(opened).rejects.toThrow(SourceError);
    await expect(opened).rejects.toThrow(`kubeconfig ${join(folder, "bad")}: ${message}`);
  });

  test("that is not there", async () => {
    await expect(accessOfKubeconfig(join(folder, "none"), undefined)).rejects.toThrow(/none can't be read \(ENOENT\)/);
  });
});

describe("a pod", () => {
  test("has the address of the API and its service account", async () => {
    const api = await startApi();
    file("ca.crt", api.ca!);
    file("token", "secret");
    const { port } = new URL(api.url);
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: port };
    const connection = new ApiConnection(await accessOfPod(env, folder));
    ends.push(() => connection.close());
    expect(await connection.get(() => "/api/v1/namespaces", new AbortController().signal)).toMatchObject({
      status: 200,
    });
    expect(api.requests.at(-1)!.user).toBe("system:dns");
  });

  test.each<[env: Record<string, string>, folder: string, message: RegExp]>([
    [{}, folder, /this is not a pod of a cluster \(KUBERNETES_SERVICE_HOST is not set\): use --kubeconfig FILE/],
    [{ KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" }, "/none", /\/none\/token can't be read/],
  ])("that is none, or has no service account, is told (%j)", async (env, at, message) => {
    await expect(accessOfPod(env, at)).rejects.toThrow(message);
  });
});
