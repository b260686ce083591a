import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoadCluster } from "../../src/cli/load-reported.ts";
import { loadObjects } from "../support/loaded-cluster.ts";
import { runCli } from "../../src/cli/cli.ts";
import { run } from "../../src/cli/resolv-conf.ts";
import type { KubeObject, Pod, Service } from "../../src/objects/kube-object.ts";
import type { Problem } from "../../src/objects/problem.ts";
import { SourceError } from "../../src/files/source-error.ts";
import type { Outcome } from "./captured-io.ts";
import { capture } from "./captured-io.ts";

let folder: string;
let nodeFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-dns-resolv-conf-"));
  nodeFile = join(folder, "node.conf");
  writeFileSync(nodeFile, "nameserver 192.0.2.1\nsearch example.com\noptions rotate\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

function pod(namespace: string, name: string, rest: Partial<Pod> = {}): Pod {
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
    enableServiceLinks: true,
    ...rest,
  };
}

function kubeDns(...clusterIPs: string[]): Service {
  return {
    kind: "Service",
    type: "ClusterIP",
    namespace: "kube-system",
    name: "kube-dns",
    headless: false,
    clusterIPs,
    ipFamilies: [],
    ports: [],
    publishNotReadyAddresses: false,
  };
}

interface Given {
  readonly objects?: readonly KubeObject[];
  readonly problems?: readonly Problem[];
  readonly env?: Readonly<Record<string, string>>;
}

function resolvConf(args: readonly string[], { objects = [], problems = [], env = {} }: Given = {}): Promise<Outcome> {
  const withNode = args.some((arg) => arg.startsWith("--node")) ? args : ["--node-resolv-conf", nodeFile, ...args];
  return capture((io) => run(withNode, io, loadObjects(objects, problems)), { env });
}

function text(nameserver: string, namespace = "default", domain = "cluster.local"): string {
  const searches = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain, "example.com"];
  return `nameserver ${nameserver}\nsearch ${searches.join(" ")}\noptions ndots:5\n`;
}

const nodesOwn = "nameserver 192.0.2.1\nsearch example.com\noptions rotate\n";
const manifests: readonly KubeObject[] = [
  kubeDns("10.96.0.10", "fd00::a"),
  pod("shop", "web-0"),
  pod("shop", "proxy", { hostNetwork: true }),
  pod("shop", "agent", { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }),
  pod("shop", "plain", { dnsPolicy: "Default" }),
  pod("shop", "own", {
    dnsPolicy: "None",
    dnsConfig: { nameservers: ["192.0.2.53"], searches: ["a.test"], options: [{ name: "ndots", value: "1" }] },
  }),
];

describe("resolv-conf prints", () => {
  const cases: readonly (readonly [string, readonly string[], Given, string])[] = [
    ["the listen address's default without anything", [], {}, text("127.0.0.1")],
    ["the cluster IP of kube-dns, the first of two", ["."], { objects: manifests }, text("10.96.0.10")],
    [
      "--nameserver rather than kube-dns",
      ["--nameserver", "192.0.2.7", "."],
      { objects: manifests },
      text("192.0.2.7"),
    ],
    [
      "every --nameserver in canonical form",
      ["--nameserver", "192.0.2.7,192.0.2.8", "--nameserver=FD00:0::7"],
      {},
      text("192.0.2.7\nnameserver 192.0.2.8\nnameserver fd00::7"),
    ],
    ["the address that a kube-dns without one is given", ["."], { objects: [kubeDns()] }, text("10.96.0.10")],
    ["--listen", ["--listen", "192.0.2.3"], {}, text("192.0.2.3")],
    ["both families of --listen", ["--listen", "192.0.2.3:53,[fd00::3]:53"], {}, text("192.0.2.3\nnameserver fd00::3")],
    ["CLUSTER_DNS_LISTEN", [], { env: { CLUSTER_DNS_LISTEN: "192.0.2.4" } }, text("192.0.2.4")],
    ["--namespace", ["--namespace", "shop"], {}, text("127.0.0.1", "shop")],
    ["--cluster-domain", ["--cluster-domain", "K8s.Test."], {}, text("127.0.0.1", "default", "k8s.test")],
    [
      "flags over variables",
      ["--namespace", "shop"],
      { env: { CLUSTER_DNS_NAMESPACE: "office", CLUSTER_DNS_CLUSTER_DOMAIN: "k8s.test" } },
      text("127.0.0.1", "shop", "k8s.test"),
    ],
    ["a pod of its namespace", [".", "--pod", "shop/web-0"], { objects: manifests }, text("10.96.0.10", "shop")],
    [
      "a pod named within --namespace",
      [".", "--namespace", "shop", "--pod", "web-0"],
      { objects: manifests },
      text("10.96.0.10", "shop"),
    ],
    ["a pod on the host's network", [".", "--pod", "shop/proxy"], { objects: manifests }, nodesOwn],
    ["ClusterFirstWithHostNet", [".", "--pod", "shop/agent"], { objects: manifests }, text("10.96.0.10", "shop")],
    ["dnsPolicy Default", [".", "--pod", "shop/plain"], { objects: manifests }, nodesOwn],
    [
      "dnsPolicy None",
      [".", "--pod", "shop/own"],
      { objects: manifests },
      "nameserver 192.0.2.53\nsearch a.test\noptions ndots:1\n",
    ],
  ];
  it.each(cases)("%s", async (_name, args, given, stdout) => {
    expect(await resolvConf(args, given)).toEqual({ exitCode: 0, stdout, stderr: "" });
  });

  it("help", async () => {
    const { exitCode, stdout, stderr } = await capture((io) => runCli(["resolv-conf", "--pod", "--help"], io));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const flag of ["namespace", "pod", "nameserver", "node-resolv-conf", "cluster-domain", "listen", "config"]) {
      expect(stdout).toContain(`  --${flag} `);
    }
  });
});

describe("resolv-conf prints with a warning", () => {
  const many = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
  const crowded = pod("shop", "crowded", {
    dnsPolicy: "None",
    dnsConfig: { nameservers: many, searches: [], options: [] },
    place: { file: "crowded.yaml", line: 2, column: 1 },
  });
  const badService: Problem = {
    code: "invalid-field",
    severity: "error",
    message: "spec.ports is not a list",
    advice: "write a list",
    place: { file: "web.yaml", line: 4, column: 3 },
    object: "Service shop/web",
  };
  const cases: readonly (readonly [string, readonly string[], Given, string, string])[] = [
    [
      "of a port other than 53",
      ["--listen", "127.0.0.1:5300"],
      {},
      text("127.0.0.1"),
      "warning: the server listens on port 5300 of 127.0.0.1, but resolv.conf can't set a port: resolvers use port 53; ",
    ],
    [
      "of a port other than 53 beside --nameserver",
      ["--listen", "127.0.0.1:5300", "--nameserver", "192.0.2.7"],
      {},
      text("192.0.2.7"),
      "warning: the server listens on port 5300 ",
    ],
    [
      "of a wildcard address",
      ["--listen", "0.0.0.0"],
      {},
      text("127.0.0.1"),
      "warning: 0.0.0.0 means all addresses of the machine; 127.0.0.1 works only on that machine; ",
    ],
    [
      "of an IPv6 wildcard address",
      ["--listen", "[::]:53"],
      {},
      text("::1"),
      "warning: :: means all addresses of the machine; ::1 works only on that machine; ",
    ],
    [
      "of entries over the limits, with the pod",
      [".", "--pod", "shop/crowded"],
      { objects: [crowded] },
      "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n",
      "warning: crowded.yaml:2:1: Pod shop/crowded: nameservers cut to 3: left out 192.0.2.4; ",
    ],
    [
      "of a namespace that is not in the manifests",
      [".", "--namespace", "shpo"],
      { objects: manifests },
      text("10.96.0.10", "shpo"),
      "warning: the manifests have no object in namespace shpo; " +
        "their namespaces are kube-system, shop; did you mean shop?\n",
    ],
    [
      "of the manifests' own problems",
      ["."],
      { objects: manifests, problems: [badService] },
      text("10.96.0.10"),
      "error: web.yaml:4:3: Service shop/web: spec.ports is not a list; write a list\n",
    ],
  ];
  it.each(cases)("%s", async (_name, args, given, stdout, stderr) => {
    const outcome = await resolvConf(args, given);
    expect(outcome).toMatchObject({ exitCode: 0, stdout });
    expect(outcome.stderr.slice(0, stderr.length)).toBe(stderr);
    expect(outcome.stderr.split("\n")).toHaveLength(2);
  });

  it.each([
    ["--listen of another port, with kube-dns's cluster IP", [".", "--listen", "127.0.0.1:5300"]],
    [
      "--listen of another port, for a pod that asks its node",
      [".", "--pod", "shop/plain", "--listen", "127.0.0.1:5300"],
    ],
    ["a wildcard, with --nameserver", ["--listen", "0.0.0.0", "--nameserver", "192.0.2.7"]],
  ])("but not of %s", async (_name, args) => {
    expect(await resolvConf(args, { objects: manifests })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("of a broken line in the node's file", async () => {
    const broken = join(folder, "broken.conf");
    writeFileSync(broken, "search example.com\nnameserver\n");
    expect(await resolvConf(["--node-resolv-conf", broken])).toMatchObject({
      exitCode: 0,
      stdout: text("127.0.0.1"),
      stderr: expect.stringContaining(`warning: ${broken}:2:1: nameserver without an address; `),
    });
  });
});

describe("resolv-conf fails", () => {
  const crowd = ["a", "b", "c", "d", "e", "web-0"].map((name) => pod("shop", name));
  const cases: readonly (readonly [string, readonly string[], Given, number, string])[] = [
    [
      "for a pod that does not exist, with the closest name",
      [".", "--pod", "shop/web-o"],
      { objects: crowd },
      1,
      "cluster-dns resolv-conf: no pod shop/web-o in the manifests; " +
        "they have shop/a, shop/b, shop/c, shop/d, shop/e and 1 more; did you mean shop/web-0?\n",
    ],
    [
      "for a pod of manifests without pods",
      [".", "--pod", "web-0"],
      {},
      1,
      "no pod default/web-0 in the manifests; they have no pods",
    ],
    ["for a pod without a PATH", ["--pod", "shop/web-0"], {}, 2, "--pod needs a PATH"],
    [
      "for a pod's name with two slashes",
      [".", "--pod", "a/b/c"],
      {},
      2,
      '--pod: "a/b/c" is not NAMESPACE/NAME or NAME',
    ],
    ["for a pod without a name", [".", "--pod", "shop/"], {}, 2, '--pod: "shop/" is not'],
    [
      "for an unknown flag",
      ["--nameservr", "192.0.2.1"],
      {},
      2,
      "unknown flag --nameservr; did you mean --nameserver?",
    ],
    ["for a flag without its value", ["--nameserver"], {}, 2, "--nameserver needs a value"],
    ["for a nameserver's name", ["--nameserver", "dns.test"], {}, 2, '--nameserver: "dns.test" is not an IP address'],
    [
      "for a nameserver's port",
      ["--nameserver", "192.0.2.1:53"],
      {},
      2,
      '--nameserver: "192.0.2.1:53" is not an IP address',
    ],
    ["for a bad namespace", ["--namespace", "No_Such"], {}, 2, '--namespace: "No_Such" is not a namespace'],
    ["for a bad domain", ["--cluster-domain", "a..b"], {}, 2, '--cluster-domain: "a..b" is not a domain'],
    ["for a bad listen address", ["--listen", "::1"], {}, 2, '--listen: "::1" is not an address'],
    [
      "for a bad variable",
      [],
      { env: { CLUSTER_DNS_LISTEN: "here" } },
      2,
      'CLUSTER_DNS_LISTEN: "here" is not an address',
    ],
    ["for a missing node file", ["--node-resolv-conf", "no/such.conf"], {}, 1, "can't read no/such.conf: "],
  ];
  it.each(cases)("%s", async (_name, args, given, exitCode, message) => {
    const outcome = await resolvConf(args, given);
    expect(outcome).toMatchObject({ exitCode, stdout: "", stderr: expect.stringContaining(message) });
    expect(outcome.stderr).toMatch(/^cluster-dns resolv-conf: /);
    expect(outcome.stderr.includes("cluster-dns resolv-conf --help")).toBe(exitCode === 2);
  });

  it("with one line for a path that can't be read", async () => {
    const load: LoadCluster = async () => {
      throw new SourceError("zones: no such file or folder");
    };
    const outcome = await capture((io) => run(["zones", "--node-resolv-conf", nodeFile], io, load));
    const stderr = "cluster-dns resolv-conf: zones: no such file or folder\n";
    expect(outcome).toEqual({ exitCode: 1, stdout: "", stderr });
  });
});
