// Requests that change the objects of the scripted API server, by node:http and by kubectl, and the forms in which a client
// can have objects.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { skipAll, whyNot } from "../optional-programs.ts";
import { ApiServer } from "./api-server.ts";
import { ask, read, WatchReader, type ApiValue } from "./plain-client.ts";

const NAMESPACES = "/api/v1/namespaces";
const SERVICES = `${NAMESPACES}/default/services`;
let server: ApiServer;

beforeEach(async () => {
  server = await ApiServer.start({ tls: true, tokens: { t: "u" } });
  server.tokens = undefined;
});
afterEach(() => server.close());

const service = (name: string, spec: object = {}, metadata: object = {}): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, ...metadata },
  spec,
});

async function send(method: string, path: string, body: object, type = "application/json"): Promise<ApiValue> {
  const answer = await ask(server, path, { method, body: JSON.stringify(body), headers: { "Content-Type": type } });
  return { ...(JSON.parse(answer.text) as ApiValue), httpStatus: answer.status };
}

describe("requests that write", () => {
  test("create a Service with an address and defaults", async () => {
    const made = await send("POST", SERVICES, service("a", { ports: [{ port: 80 }] }));
    expect(made).toMatchObject({
      httpStatus: 201,
      kind: "Service",
      metadata: { namespace: "default", resourceVersion: server.version },
      spec: {
        type: "ClusterIP",
        clusterIP: "10.96.1.0",
        clusterIPs: ["10.96.1.0"],
        ipFamilies: ["IPv4"],
        ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
      },
    });
    expect(await read(server, `${SERVICES}/a`)).toMatchObject({ spec: made["spec"] });
  });

  test.each<[object, object | undefined]>([
    [{ clusterIP: "None" }, { clusterIP: "None", clusterIPs: ["None"] }],
    [{ clusterIP: "10.96.0.10" }, { clusterIP: "10.96.0.10" }],
    [{ clusterIP: "fd00::1" }, { clusterIPs: ["fd00::1"], ipFamilies: ["IPv6"] }],
    [{ type: "LoadBalancer" }, { clusterIP: "10.96.1.1" }],
    [{ clusterIP: "10.96.1.0" }, undefined],
  ])("give the spec %j an address", async (spec, expected) => {
    await send("POST", SERVICES, service("first"));
    const made = await send("POST", SERVICES, service("a", spec));
    expect(made).toMatchObject(expected === undefined ? { httpStatus: 422, reason: "Invalid" } : { spec: expected });
    const external = await send("POST", SERVICES, service("x", { type: "ExternalName", externalName: "x.example" }));
    expect(external["spec"]).not.toHaveProperty("clusterIP");
  });

  test("patch: by merge, and element by element where a strategic patch says so", async () => {
    const ports = [
      { name: "a", port: 80 },
      { name: "b", port: 443 },
    ];
    await send("POST", SERVICES, service("s", { ports }, { labels: { old: "1", kept: "2" } }));
    const patch = {
      metadata: { labels: { old: null, new: "3" } },
      spec: { "$setElementOrder/ports": [{ port: 80 }, { port: 8443 }], ports: [{ name: "b", port: 8443 }] },
    };
    const { metadata, spec } = await send("PATCH", `${SERVICES}/s`, patch, "application/strategic-merge-patch+json");
    expect(metadata["labels"]).toEqual({ kept: "2", new: "3" });
    expect(spec).toMatchObject({ clusterIP: "10.96.1.0", ports: [{ name: "a" }, { name: "b", port: 8443 }] });
    expect((spec as { ports: object[] }).ports).toHaveLength(2);
    expect(JSON.stringify(spec)).not.toContain("$");
    const merge = { spec: { ports: [{ port: 1 }] } };
    const merged = await send("PATCH", `${SERVICES}/s`, merge, "application/merge-patch+json");
    expect(merged["spec"]).toMatchObject({ ports: [{ port: 1 }] });
    const version = server.version;
    await send("PATCH", `${SERVICES}/s`, merge, "application/merge-patch+json");
    expect(server.version).toBe(version);
  });

  test("apply: what is missing is made", async () => {
    const type = "application/apply-patch+yaml";
    expect(await send("PATCH", `${SERVICES}/s`, service("s"), type)).toMatchObject({ httpStatus: 201 });
    expect(await send("PATCH", `${SERVICES}/s`, service("s", { type: "NodePort" }), type)).toMatchObject({
      httpStatus: 200,
      spec: { type: "NodePort", clusterIP: "10.96.1.0" },
    });
  });

  test("replace, and keep what the server wrote", async () => {
    const { metadata } = await send("POST", SERVICES, service("s", { clusterIP: "10.96.0.10" }));
    const put = await send("PUT", `${SERVICES}/s`, service("s", { selector: { a: "b" } }));
    expect(put).toMatchObject({ httpStatus: 200, metadata: { uid: metadata["uid"] } });
    expect(put["spec"]).toMatchObject({ clusterIP: "10.96.0.10", selector: { a: "b" } });
  });

  test("delete one and many", async () => {
    for (const name of ["a", "b", "c"]) {
      await send("POST", SERVICES, service(name, {}, { labels: { is: name === "b" ? "b" : "other" } }));
    }
    const watch = await WatchReader.open(server, `${SERVICES}?watch=1&resourceVersion=${server.version}`);
    expect(await send("DELETE", `${SERVICES}/a`, {})).toMatchObject({
      httpStatus: 200,
      status: "Success",
      details: { name: "a", kind: "services" },
    });
    await send("DELETE", `${SERVICES}?labelSelector=is%3Dother`, {});
    expect(await watch.names(2)).toEqual(["DELETED a", "DELETED c"]);
    expect((await read(server, SERVICES)).items).toHaveLength(1);
  });

  test("change nothing for a dry run", async () => {
    await send("POST", SERVICES, service("a"));
    const { version } = server;
    expect(await send("POST", `${SERVICES}?dryRun=All`, service("b"))).toMatchObject({ httpStatus: 201 });
    for (const path of [`${SERVICES}/a`, SERVICES]) {
      expect(await send("DELETE", `${path}?dryRun=All`, {})).toMatchObject({ httpStatus: 200 });
    }
    expect(server.version).toBe(version);
  });

  test.each<[what: string, method: string, path: string, body: object, status: number, type?: string]>([
    ["an object that is there", "POST", SERVICES, service("there"), 409],
    ["an old version", "PUT", `${SERVICES}/there`, service("there", {}, { resourceVersion: "1" }), 409],
    ["an object that is not there", "PUT", `${SERVICES}/a`, service("a"), 404],
    ["a namespace that is not there", "POST", `${NAMESPACES}/no/services`, service("a"), 404],
    ["a subresource", "PUT", `${SERVICES}/there/status`, service("there"), 404],
    ["another kind", "POST", `${NAMESPACES}/default/pods`, service("a"), 400],
    ["another namespace", "POST", SERVICES, service("a", {}, { namespace: "b" }), 400],
    ["another name", "PUT", `${SERVICES}/there`, service("a"), 400],
    ["no name", "POST", SERVICES, service(""), 400],
    ["no YAML", "PATCH", `${SERVICES}/there`, ["a"], 400, "application/apply-patch+yaml"],
    ["a JSON patch", "PATCH", `${SERVICES}/there`, [], 415, "application/json-patch+json"],
  ])("fail for %s", async (_, method, path, body, status, type) => {
    await send("POST", SERVICES, service("there"));
    expect(await send(method, path, body, type)).toMatchObject({ httpStatus: status, kind: "Status", code: status });
  });
});

describe("clients choose a form", () => {
  const accept = (form: string): { headers: { Accept: string } } => ({
    headers: { Accept: `application/json;as=${form};v=v1;g=meta.k8s.io,application/json;q=0.5` },
  });

  test.each([
    ["Table", `${SERVICES}/a`, "Table"],
    ["Table", SERVICES, "Table"],
    ["PartialObjectMetadata", `${SERVICES}/a`, "PartialObjectMetadata"],
    ["PartialObjectMetadataList", SERVICES, "PartialObjectMetadataList"],
    ["Unknown", SERVICES, "ServiceList"],
  ])("%s of %s", async (form, path, kind) => {
    await send("POST", SERVICES, service("a"));
    const { text } = await ask(server, path, accept(form));
    expect(JSON.parse(text)).toMatchObject({ kind, metadata: { resourceVersion: server.version } });
    expect(text.includes('"sessionAffinity"')).toBe(kind === "ServiceList");
  });

  test("or have none", async () => {
    const { status } = await ask(server, SERVICES, { headers: { Accept: "application/vnd.kubernetes.protobuf" } });
    expect(status).toBe(406);
  });
});

describe("kubectl", () => {
  skipAll(whyNot("kubectl"));
  const MANIFESTS = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
    service("web", { ports: [{ name: "http", port: 80 }] }, { namespace: "shop" }),
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "web-1", namespace: "shop", labels: { "kubernetes.io/service-name": "web" } },
      addressType: "IPv4",
      ports: [{ name: "http", port: 8080 }],
      endpoints: [{ addresses: ["10.0.0.1"] }],
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web-0", namespace: "shop" },
      spec: { containers: [{ name: "web", image: "web" }] },
    },
  ];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "api-server-"));
    server.tokens = { t: "u" };
    writeFileSync(join(folder, "manifests.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items: MANIFESTS }));
    writeFileSync(join(folder, "token.yaml"), server.kubeconfig({ token: "t", folder }));
    writeFileSync(join(folder, "certificate.yaml"), server.kubeconfig({ clientCertificate: true }));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function kubectl(kubeconfig: string, ...args: readonly string[]): Promise<string[]> {
    const env = { ...process.env, HOME: folder };
    const file = join(folder, `${kubeconfig}.yaml`);
    const { stdout } = await promisify(execFile)("kubectl", ["--kubeconfig", file, ...args], { cwd: folder, env });
    return stdout.trim().split("\n");
  }

  test("applies, gets and deletes objects of all kinds", async () => {
    const NAMES = ["namespace/shop", "service/web", "endpointslice.discovery.k8s.io/web-1", "pod/web-0"];
    const all = ["get", "namespaces,services,endpointslices,pods", "-A", "-o", "name"];
    expect(await kubectl("token", "apply", "-f", "manifests.json")).toEqual(NAMES.map((name) => `${name} created`));
    expect(await kubectl("token", "apply", "-f", "manifests.json")).toEqual(NAMES.map((name) => `${name} unchanged`));
    expect((await kubectl("certificate", ...all)).toSorted()).toEqual(NAMES.toSorted());
    const [address] = await kubectl("token", "get", "service", "web", "-n", "shop", "-o", "jsonpath={.spec.clusterIP}");
    expect(address).toBe("10.96.1.0");
    expect((await kubectl("token", "get", "services", "-A"))[1]).toMatch(/^shop +web /);
    expect(await kubectl("token", "delete", "-f", "manifests.json")).toHaveLength(NAMES.length);
    expect(await kubectl("token", ...all)).toEqual([""]);
    const verbs = new Set(server.requests.map(({ verb }) => verb));
    expect(verbs).toEqual(new Set(["create", "delete", "get", "list"]));
  });
});
