import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { run } from "../../src/cli/env.ts";
import type { Readable } from "node:stream";
import type { LoadCluster } from "../../src/cli/load-reported.ts";
import { loadObjects } from "../support/loaded-cluster.ts";
import type { KubeObject, Pod, Service } from "../../src/objects/kube-object.ts";
import type { Outcome } from "./captured-io.ts";
import { capture } from "./captured-io.ts";

function service(namespace: string, name: string, clusterIp: string, port: number): Service {
  return {
    kind: "Service",
    type: "ClusterIP",
    namespace,
    name,
    headless: false,
    clusterIPs: [clusterIp],
    ipFamilies: [],
    ports: [{ name: "http", protocol: "TCP", port, targetPort: port }],
    publishNotReadyAddresses: false,
  };
}

function pod(namespace: string, name: string, enableServiceLinks: boolean): Pod {
  return {
    kind: "Pod",
    namespace,
    name,
    labels: new Map(),
    ips: [],
    phase: "",
    ready: false,
    namedPorts: [],
    hostNetwork: false,
    dnsPolicy: "ClusterFirst",
    enableServiceLinks,
  };
}

function variables(name: string, ip: string, port: number): string {
  return `${name}_SERVICE_HOST=${ip}
${name}_SERVICE_PORT=${port}
${name}_SERVICE_PORT_HTTP=${port}
${name}_PORT=tcp://${ip}:${port}
${name}_PORT_${port}_TCP=tcp://${ip}:${port}
${name}_PORT_${port}_TCP_PROTO=tcp
${name}_PORT_${port}_TCP_PORT=${port}
${name}_PORT_${port}_TCP_ADDR=${ip}
`;
}

const objects: readonly KubeObject[] = [
  service("default", "kubernetes", "10.96.0.1", 443),
  service("default", "front-end", "10.96.0.2", 80),
  service("shop", "web", "10.96.1.1", 8080),
  pod("shop", "web-0", true),
  pod("shop", "quiet", false),
];
const kubernetes = variables("KUBERNETES", "10.96.0.1", 443);
const web = variables("WEB", "10.96.1.1", 8080);
const frontEnd = variables("FRONT_END", "10.96.0.2", 80);

function env(args: readonly string[], variablesOfCaller: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return capture((io) => run(args, io, loadObjects(objects)), { env: variablesOfCaller });
}

describe("env prints", () => {
  const cases: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>, string])[] = [
    ["the default namespace's", ["."], {}, frontEnd + kubernetes],
    ["another namespace's and default/kubernetes", [".", "--namespace", "shop"], {}, kubernetes + web],
    ["those of CLUSTER_DNS_NAMESPACE", ["."], { CLUSTER_DNS_NAMESPACE: "shop" }, kubernetes + web],
    ["a pod's", [".", "--pod", "shop/web-0"], {}, kubernetes + web],
    ["only default/kubernetes for a pod without service links", [".", "--pod", "shop/quiet"], {}, kubernetes],
  ];
  it.each(cases)("%s", async (_name, args, variablesOfCaller, stdout) => {
    expect(await env(args, variablesOfCaller)).toEqual({ exitCode: 0, stdout, stderr: "" });
  });

  it("what every cluster has, without manifests", async () => {
    const { stdout } = await capture((io) => run([], io));
    expect(stdout).toBe(kubernetes.replace("_PORT_HTTP=", "_PORT_HTTPS="));
  });

  it("help", async () => {
    const { exitCode, stdout } = await capture((io) => runCli(["env", "--help"], io));
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Usage: cluster-dns env [PATH...]");
  });
});

it("hands the loader the paths, the namespace and standard input", async () => {
  const seen: unknown[] = [];
  const load: LoadCluster = async (paths, options, stdin) => {
    seen.push(paths, options.namespace, stdin === undefined ? undefined : await text(stdin as Readable));
    return loadObjects([])(paths, options);
  };
  await capture((io) => run(["a.yaml", "--namespace", "shop", "-", "b"], io, load), { stdin: "kind: Pod" });
  expect(seen).toEqual([["a.yaml", "-", "b"], "shop", "kind: Pod"]);
});

it("does not open standard input without the path -", async () => {
  const load: LoadCluster = (paths, options, stdin) => loadObjects(stdin === undefined ? [] : objects)(paths, options);
  expect(await capture((io) => run(["a.yaml"], io, load))).toMatchObject({
    stdout: kubernetes.replace("_PORT_HTTP=", "_PORT_HTTPS="),
  });
});

it("warns of a namespace that is not in the manifests", async () => {
  expect(await env([".", "--namespace", "shpo"])).toEqual({
    exitCode: 0,
    stdout: kubernetes,
    stderr:
      "warning: the manifests have no object in namespace shpo; " +
      "their namespaces are default, shop; did you mean shop?\n",
  });
});

it.each([
  [
    "a pod that does not exist",
    [".", "--pod", "shop/web-1"],
    1,
    "they have shop/quiet, shop/web-0; did you mean shop/web-0?",
  ],
  ["an unknown flag", ["--pods", "a"], 2, "unknown flag --pods; did you mean --pod?"],
  ["a flag of the other command", ["--nameserver", "192.0.2.1"], 2, "unknown flag --nameserver"],
  ["several faults at once", ["--bogus", "--namespace=_"], 2, 'cluster-dns env: --namespace: "_" is not a namespace'],
])("fails for %s", async (_name, args, exitCode, message) => {
  const outcome = await env(args);
  expect(outcome).toMatchObject({ exitCode, stdout: "", stderr: expect.stringContaining(message) });
});

it("names of files can't control the terminal", async () => {
  const place = { file: "\u001b[2J.yaml", line: 1, column: 1 };
  const load = loadObjects(
    [],
    [{ code: "yaml-syntax", severity: "error", message: "bad", advice: "correct it", place }],
  );
  const { stderr } = await capture((io) => run(["shop.yaml"], io, load));
  expect(stderr).toBe("error: \\u{1b}[2J.yaml:1:1: bad; correct it\n");
});
