// Kubeconfigs of every kind of user, against a scripted API server that wants to know who asks; and what is wrong in one.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { SourceError } from "../../../src/files/source-error.ts";
import { accessOfPod } from "../../../src/sources/kubernetes/api-access.ts";
import type { Credentials } from "../../../src/sources/kubernetes/api-access.ts";
import { ApiConnection } from "../../../src/sources/kubernetes/api-connection.ts";
import { accessOfKubeconfig } from "../../../src/sources/kubernetes/kubeconfig.ts";
import { ApiServer } from "../../support/api-server/api-server.ts";
import type { KubeconfigOptions } from "../../support/api-server/kubeconfig.ts";
import { makeCertificate } from "../../support/certificates.ts";

/** For what takes a moment on an idle machine. */
const WAIT = { timeout: 20_000 };

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
});

/** A provider of tokens; the kubeconfig has an ID token of it that has expired. `forms`: what it was asked with. */
async function startProvider(
  api: ApiServer,
  answer: (reply: ServerResponse, tokens: string) => void,
): Promise<{ kubeconfig: string; forms: string[] }> {
  const identity = makeCertificate({ names: ["localhost"] });
  const forms: string[] = [];
  const provider = createServer(identity, (asked, reply) => {
    const { port } = provider.address() as AddressInfo;
    const found = { token_endpoint: `https://localhost:${port}/token` };
    asked.on("data", (chunk) => forms.push(String(chunk)));
    asked.on("end", () => {
      if (asked.method === "POST") answer(reply, JSON.stringify({ id_token: "secret", refresh_token: "next" }));
      else reply.end(JSON.stringify(found));
    });
  }).listen(0, "127.0.0.1");
  await once(provider, "listening");
  ends.push(() => provider.close().closeAllConnections());
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
  return { kubeconfig, forms };
}

describe("an ID token that has expired", () => {
  test("is replaced by another one for the refresh token", async () => {
    const api = await startApi();
    const { kubeconfig, forms } = await startProvider(api, (reply, tokens) => reply.end(tokens));
    // What the provider gives is no token with an end, so it is taken as it is.
    await expect(userSeen(api, kubeconfig)).resolves.toBe("system:dns");
    expect(new URLSearchParams(forms[0]).get("refresh_token")).toBe("last");
  });

  test("is replaced once for many requests", async () => {
    const { kubeconfig, forms } = await startProvider(await startApi(), (reply, tokens) => reply.end(tokens));
    const { credentials } = await accessOfKubeconfig(file("config", kubeconfig), undefined);
    const headers = await Promise.all([credentials.authorization(), credentials.authorization()]);
    expect(headers).toEqual(["Bearer secret", "Bearer secret"]);
    // Of a request with the token before.
    credentials.refresh("Bearer old");
    await credentials.authorization();
    expect(forms).toHaveLength(1);
    credentials.refresh("Bearer secret");
    await credentials.authorization();
    expect(forms.map((form) => new URLSearchParams(form).get("refresh_token"))).toEqual(["last", "next"]);
  });

  test("holds up no end of the source", async () => {
    const { kubeconfig, forms } = await startProvider(await startApi(), () => undefined);
    const { credentials } = await accessOfKubeconfig(file("config", kubeconfig), undefined);
    const closing = new AbortController();
    const asked = credentials.authorization(closing.signal);
    await expect.poll(() => forms.length, WAIT).toBe(1);
    closing.abort();
    await expect(asked).rejects.toMatchObject({ cause: closing.signal.reason });
  });

  test.each(["no JSON", "null"])("is told when the provider answers with %s", async (answer) => {
    const { kubeconfig } = await startProvider(await startApi(), (reply) => reply.end(answer));
    const { credentials } = await accessOfKubeconfig(file("config", kubeconfig), undefined);
    await expect(credentials.authorization()).rejects.toThrow(SourceError);
  });
});

/** Credentials of a plugin that is a shell script; `runs` has a line for each run: its process. */
async function startPlugin(script: string): Promise<{ credentials: Credentials; runs: () => string[] }> {
  const log = file("runs", "");
  const command = file("plugin", `#!/bin/sh\necho $$ >> ${log}\n${script}\n`);
  chmodSync(command, 0o755);
  const kubeconfig = (await startApi()).kubeconfig({ exec: { command } });
  const { credentials } = await accessOfKubeconfig(file("config", kubeconfig), undefined);
  return { credentials, runs: () => readFileSync(log, "utf8").split("\n").slice(0, -1) };
}

/** A script whose tokens are the numbers of its runs. */
const numbered = (status = ""): string =>
  `printf '{"status":{"token":"%d"${status}}}' "$(wc -l < ${join(folder, "runs")})"`;

describe("an exec plugin", () => {
  test("runs once for many refusals of its token, however late they come", async () => {
    const { credentials, runs } = await startPlugin(numbered());
    expect(await credentials.authorization()).toBe("Bearer 1");
    credentials.refresh("Bearer 1");
    const asked = [credentials.authorization()];
    credentials.refresh("Bearer 1");
    asked.push(credentials.authorization());
    expect(await Promise.all(asked)).toEqual(["Bearer 2", "Bearer 2"]);
    credentials.refresh("Bearer 1");
    expect(await credentials.authorization()).toBe("Bearer 2");
    expect(runs()).toHaveLength(2);
  });

  test("runs once for many requests when its token has expired", async () => {
    const { credentials, runs } = await startPlugin(numbered(',"expirationTimestamp":"2001-01-01T00:00:00Z"'));
    await credentials.authorization();
    expect(await Promise.all([1, 2, 3].map(() => credentials.authorization()))).toEqual(Array(3).fill("Bearer 2"));
    expect(runs()).toHaveLength(2);
  });

  test("that fails runs again after a while, not for each request", async () => {
    const { credentials, runs } = await startPlugin("exit 3");
    for (const _ of [1, 2, 3]) await expect(credentials.authorization()).rejects.toThrow(/plugin failed \(3\)/);
    expect(runs()).toHaveLength(1);
    const later = performance.now() + 6_000;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => later);
    ends.push(() => clock.mockRestore());
    await expect(credentials.authorization()).rejects.toThrow(SourceError);
    expect(runs()).toHaveLength(2);
  });

  test("ends with the source", async () => {
    const { credentials, runs } = await startPlugin("trap '' TERM; while :; do sleep 1; done");
    const closing = new AbortController();
    const asked = credentials.authorization(closing.signal);
    await expect.poll(() => runs().length, WAIT).toBe(1);
    closing.abort();
    await expect(asked).rejects.toThrow(SourceError);
    const isRunning = (): boolean => {
      try {
        return process.kill(Number(runs()[0]), 0);
      } catch {
        return false;
      }
    };
    await expect.poll(isRunning, WAIT).toBe(false);
  });

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
    ["can't be started", { exec: { command: folder } }, /failed \(EACCES\)/],
    ["has too many arguments", { exec: { command: "true", args: ["x".repeat(1 << 18)] } }, /true failed \(E2BIG\)/],
    ["says what is no token", PLUGIN({ token: 7 }), /gave no token and no certificate/],
    ["says nothing", { exec: { command: "true" } }, /true gave no token and no certificate/],
  ])("that %s", async (_title, options, message) => {
    const api = await startApi();
    await expect(userSeen(api, api.kubeconfig(options))).rejects.toThrow(message);
  });
});

const configOf = (cluster: object, user: object = {}): object => ({
  "current-context": "here",
  contexts: [{ name: "here", context: { cluster: "c", user: "u" } }],
  clusters: [{ name: "c", cluster }],
  users: [{ name: "u", user }],
});

describe("a kubeconfig is refused with its fault", () => {
  const config = (cluster: object, user?: object): string => stringify(configOf(cluster, user));
  const withExec = (exec: object): string =>
    config(CLUSTER, { exec: { command: "x", apiVersion: "client.authentication.k8s.io/v1", ...exec } });
  const CLUSTER = { server: "https://127.0.0.1:1" };

  test.each<[text: string, context: string | undefined, message: string]>([
    ["", undefined, "it is empty"],
    ["a: [", undefined, "line 1"],
    ["- a", undefined, "expected a mapping"],
    ["{}", undefined, "it has no current-context: use --context NAME"],
    [config(CLUSTER), "her", 'there is no context "her"; did you mean here?'],
    [config({}), undefined, "cluster: server: expected an URL"],
    [config({ server: 7 }), undefined, "cluster: server: expected a text"],
    [config({ server: "https://[" }), undefined, "cluster: server: expected an URL"],
    [config({ server: "https://127.0.0.1:99999" }), undefined, "cluster: server: expected an URL"],
    [
      config({ ...CLUSTER, "insecure-skip-tls-verify": "true" }),
      undefined,
      "cluster: insecure-skip-tls-verify: expected true or false",
    ],
    [config(CLUSTER, { token: "a\0" }), undefined, "user: token: expected a text"],
    [config(CLUSTER, { "auth-provider": [] }), undefined, "user: auth-provider: expected a mapping"],
    [config(CLUSTER, { exec: true }), undefined, "user: exec: expected a mapping"],
    [withExec({ command: "" }), undefined, "user: exec: command is missing"],
    [withExec({ args: "text" }), undefined, "user: exec: args: expected a list"],
    [withExec({ args: ["a", 7] }), undefined, "user: exec: args[1]: expected a text"],
    [withExec({ env: { A: "b" } }), undefined, "user: exec: env: expected a list"],
    [withExec({ env: [null] }), undefined, "user: exec: env[0]: expected a mapping"],
    [withExec({ env: [{ name: "A", value: 7 }] }), undefined, "user: exec: env[0]: value: expected a text"],
    [withExec({ env: [{ value: "b" }] }), undefined, "user: exec: env[0]: name is missing"],
    [withExec({ provideClusterInfo: "maybe" }), undefined, "user: exec: provideClusterInfo: expected true or false"],
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

/** The places of all values in a document of JSON. */
function placesIn(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...at, key]))];
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaceAt(copy[key], rest, by);
  return copy;
}

test("any value at any place of a kubeconfig gives an access, or a fault of the operator", async () => {
  const cluster = { server: "https://127.0.0.1:1", "certificate-authority": "ca", "tls-server-name": "a" };
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "./plugin",
    args: ["a"],
    env: [{ name: "A", value: "b" }],
    provideClusterInfo: true,
    installHint: "install it",
  };
  const provider = { name: "oidc", config: { "idp-issuer-url": "https://a", "id-token": "b" } };
  const configs = [
    configOf(cluster, { exec }),
    configOf({ ...cluster, "certificate-authority-data": "YQ==" }, { "auth-provider": provider }),
    configOf({ ...cluster, "insecure-skip-tls-verify": true }, { tokenFile: "token", "client-key-data": "YQ==" }),
    configOf(cluster, { username: "a", password: "b" }),
  ];
  for (const config of configs) await accessOfKubeconfig(file("good", JSON.stringify(config)), undefined);
  const places = configs.flatMap((config) => placesIn(config).map((place) => ({ config, place })));
  const odd = fc.constantFrom<unknown>(null, [], {}, [null], [{}], [[]], "", "https://[", 7, true);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), fc.oneof(odd, fc.jsonValue()), async ({ config, place }, value) => {
      const path = file("any", JSON.stringify(replaceAt(config, place, value)));
      const error = await accessOfKubeconfig(path, undefined).catch((reason: unknown) => reason);
      if (error instanceof Error) expect(error).toBeInstanceOf(SourceError);
    }),
    { numRuns: 1_000 },
  );
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
