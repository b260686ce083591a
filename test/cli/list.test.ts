import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/list.ts";
import { service } from "../support/core/objects.ts";
import { ScriptedStatus } from "../status-page/scripted-status.ts";
import { serveStatus } from "../status-page/serve-status.ts";
import type { ServedStatus } from "../status-page/serve-status.ts";
import { freePort, ROOT } from "../support/process.ts";
import { capture } from "./captured-io.ts";
import type { Outcome } from "./captured-io.ts";

const MANIFESTS = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.0.80, ports: [{ name: http, port: 80 }, { name: dns, port: 53, protocol: UDP }] }
---
apiVersion: v1
kind: Endpoints
metadata: { name: web, namespace: shop }
subsets:
  - addresses: [{ ip: 10.0.0.1 }]
    notReadyAddresses: [{ ip: 10.0.0.2 }, { ip: 10.0.0.3 }]
    ports: [{ name: http, port: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: pay, namespace: shop }
spec: { type: ExternalName, externalName: api.example.com }
---
apiVersion: v1
kind: Service
metadata: { name: db, namespace: data }
spec: { clusterIP: None, selector: { app: db }, ports: [{ port: 5432 }] }
`;
const ALL = `NAMESPACE     NAME         TYPE           ADDRESS           PORTS                                        READY
data          db           Headless       -                 5432/TCP                                     0/0
default       kubernetes   ClusterIP      10.96.0.1         https:443/TCP                                0/0
kube-system   kube-dns     ClusterIP      10.96.0.10        dns:53/UDP,dns-tcp:53/TCP,metrics:9153/TCP   0/0
shop          pay          ExternalName   api.example.com   -                                            -
shop          web          ClusterIP      10.96.0.80        http:80/TCP,dns:53/UDP                       1/3
`;

const list = (args: readonly string[], stdin = "", env = {}): Promise<Outcome> =>
  capture((io) => run(args, io), { stdin, env });
const isShop = (line: string): boolean => line.startsWith("shop ");

describe("the services of manifests", () => {
  it("are all listed", async () => {
    expect(await list(["-"], MANIFESTS)).toEqual({ exitCode: 0, stdout: ALL, stderr: "" });
  });

  it("of one namespace", async () => {
    const { stdout } = await list(["shop", "-"], MANIFESTS);
    expect(
      stdout
        .split("\n")
        .slice(1, -1)
        .map((line) => line.split(/ +/)[1]),
    ).toEqual(["pay", "web"]);
  });

  it("as JSON", async () => {
    const { stdout } = await list(["data", "-", "--format", "json"], MANIFESTS);
    expect(JSON.parse(stdout)).toEqual([
      {
        domain: "cluster.local",
        namespace: "data",
        name: "db",
        type: "Headless",
        addresses: [],
        ports: [{ name: "", protocol: "TCP", port: 5432 }],
        endpoints: { ready: 0, total: 0 },
        file: "-",
        line: 19,
      },
    ]);
  });

  it("with the problems of the manifests on stderr", async () => {
    const { exitCode, stderr } = await list(["-"], MANIFESTS.replace("port: 80", "port: 70000"));
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^error: -:4:\d+: Service shop\/web: spec\.ports\[0\]\.port: /);
  });
});

describe("the services of a server", () => {
  let served: ServedStatus;
  beforeAll(async () => {
    const many = Array.from({ length: 1_001 }, (_, i) => service(`many/service-${i}`));
    served = await serveStatus(new ScriptedStatus([service("shop/web", { clusterIPs: ["10.96.0.10"] }), ...many]));
  });
  afterAll(() => served.close());

  it("are asked for page by page", async () => {
    const { exitCode, stdout } = await list(["--server", String(served.port)]);
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1 + 1 + 1_001);
    expect(stdout.split("\n").find(isShop)).toMatch(/^shop +web +ClusterIP +10\.96\.0\.10 +- +0\/0$/);
  });

  it("of one namespace; the server is that of CLUSTER_DNS_ADMIN", async () => {
    const { stdout } = await list(["shop", "--format=json"], "", { CLUSTER_DNS_ADMIN: `0.0.0.0:${served.port}` });
    expect(JSON.parse(stdout)).toMatchObject([{ namespace: "shop", name: "web" }]);
  });

  it("of several clusters have a column for the cluster", async () => {
    const several = await serveStatus(new ScriptedStatus([service("shop/web")], [service("shop/web")]));
    const { stdout } = await list(["--server", String(several.port)]);
    await several.close();
    expect(stdout.split("\n").map((line) => line.split(/ +/).slice(0, 3))).toEqual([
      ["CLUSTER", "NAMESPACE", "NAME"],
      ["cluster.local", "shop", "web"],
      ["east.local", "shop", "web"],
      [""],
    ]);
  });

  it("a server that is not there, or has no API, is a failure with advice", async () => {
    const port = await freePort();
    expect(await list(["--server", String(port)])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        `cluster-dns list: no answer from the admin server at 127.0.0.1:${port}: nothing listens there; ` +
        "start the server with --admin, and name it by --server\n",
    });
    const { stderr } = await list(["manifets"], "", { CLUSTER_DNS_ADMIN: String(port) });
    expect(stderr).toContain("there is no file manifets, so it is taken for a namespace\n");
  });
});

describe("a server that answers with other JSON, such as another program, is a failure with advice", () => {
  it.each(["{}", "null", "[]", '"text"', '{ "faults": 5 }', '{ "services": [] }'])("%s", async (body) => {
    const other = createServer((_, response) => {
      response.setHeader("content-type", "application/json").end(body);
    });
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as AddressInfo;
    const outcome = await list(["--server", String(port)]);
    other.close();
    expect(outcome).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        `cluster-dns list: no answer from the admin server at 127.0.0.1:${port}: it answers with something else: ` +
        "give the port of --admin, of a server of this version\n",
    });
  });
});

describe("usage", () => {
  it.each<[what: string, args: readonly string[], exitCode: number, error: string]>([
    [
      "an unknown namespace",
      ["shp", "-"],
      1,
      "no services in namespace shp; namespaces with services: data, default, kube-system, shop; did you mean shop?",
    ],
    ["a path that does not exist", ["none.yaml"], 1, "none.yaml: no such file or folder"],
    ["a path and a server", [`${ROOT}zones`, "--server", "9153"], 2, "give a PATH, or --server, not both"],
    ["a host name", ["--server", "localhost:9153"], 2, '--server: "localhost:9153" is not an address'],
    ["port 0", ["--server", "0"], 2, "--server: a server cannot have port 0"],
    ["a format", ["-", "--format", "yaml"], 2, '--format: "yaml" is not one of text, json'],
    ["a flag", ["--sever", "1"], 2, "unknown flag --sever; did you mean --server?"],
  ])("%s", async (_, args, exitCode, error) => {
    const outcome = await list(args, MANIFESTS);
    expect(outcome).toMatchObject({ exitCode, stdout: "" });
    expect(outcome.stderr).toContain(`cluster-dns list: ${error}`);
  });
});
