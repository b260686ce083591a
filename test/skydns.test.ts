// deploy/skydns/: what the containers start is started here, with an etcd, an API server and, where COREDNS names it,
// CoreDNS: a service of the cluster is answered, beside a record of external-dns.
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { RESOURCES } from "../src/sources/kubernetes/resources.ts";
import { Started } from "./conformance/started.ts";
import { ApiServer } from "./support/api-server/api-server.ts";
import { whyNot } from "./support/optional-programs.ts";
import { freePort, LAUNCHER, ROOT } from "./support/process.ts";
import { StartedEtcd } from "./support/started-etcd.ts";
import { Workspace } from "./support/workspace.ts";

const COREDNS = process.env["COREDNS"] ?? "";
const DEADLINE = { timeout: 30_000, interval: 20 };
const FOLDER = `${ROOT}deploy/skydns/`;
const SERVICE_HOST = "$(ETCD_SERVICE_HOST)";

interface Part {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: { readonly Corefile: string };
  readonly rules?: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
  readonly spec?: {
    readonly template?: { readonly spec: { readonly containers: readonly { readonly args: string[] }[] } };
  };
}

const read = (name: string): string => readFileSync(`${FOLDER}${name}`, "utf8");
const partsOf = (name: string): readonly Part[] =>
  parseAllDocuments(read(`kubernetes/${name}.yaml`)).map((each) => each.toJS() as Part);
const registrar = partsOf("registrar");
const corefile = partsOf("server").find(({ kind }) => kind === "ConfigMap")!.data!.Corefile;
const registrarArgs = registrar.find(({ kind }) => kind === "Deployment")!.spec!.template!.spec.containers[0]!.args;
const compose = parse(read("compose.yaml")) as {
  readonly services: Readonly<Record<"etcd" | "registrar" | "server", { readonly command: string[] }>>;
  readonly configs: { readonly corefile: { readonly content: string } };
};

test("kubectl builds the kustomization", ({ skip }) => {
  const missing = whyNot("kubectl");
  skip(missing !== undefined, missing);
  const built = execFileSync("kubectl", ["kustomize", `${FOLDER}kubernetes`], { encoding: "utf8" });
  const all = ["etcd", "registrar", "server"].flatMap(partsOf);
  const names = (parts: readonly Part[]): string[] =>
    parts.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
  expect(names(parseAllDocuments(built).map((each) => each.toJS() as Part))).toEqual(names(all));
});

test("the compose file has the same parts", () => {
  expect(compose.configs.corefile.content.replace("http://etcd:2379", "http://{$ETCD_SERVICE_HOST}:2379")).toBe(
    corefile,
  );
  const [command, , ...flags] = compose.services.registrar.command;
  expect([command, ...flags]).toEqual(["register", "--etcd-endpoint", "http://etcd:2379"]);
  const etcd = partsOf("etcd").find(({ kind }) => kind === "Deployment")!.spec!.template!.spec.containers[0]!;
  const { command: inCluster } = etcd as unknown as { command: string[] };
  for (const flag of compose.services.etcd.command.filter((each) => !each.includes("advertise")))
    expect(inCluster).toContain(flag);
});

const missing = whyNot("etcd");
describe.skipIf(missing !== undefined)(`with etcd${missing === undefined ? "" : ` (${missing})`}`, () => {
  const running: ChildProcess[] = [];
  let workspace: Workspace;
  let etcd: StartedEtcd;
  let api: ApiServer;
  beforeAll(async () => {
    etcd = await StartedEtcd.start();
    api = await ApiServer.start({
      // So that the registrar has to list.
      watchList: "refused",
      tls: true,
      tokens: { secret: "system:serviceaccount:skydns:registrar" },
    });
    const [apiVersion, namespace] = ["v1", "default"];
    const spec = { clusterIP: "10.96.0.80", ports: [{ name: "http", port: 80 }] };
    api.put({ apiVersion, kind: "Namespace", metadata: { name: namespace } });
    api.put({ apiVersion, kind: "Service", metadata: { name: "web", namespace }, spec });
  });
  afterAll(async () => {
    await etcd.stop();
    await api.close();
  });
  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(async () => {
    for (const child of running.splice(0)) {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    }
    workspace.remove();
  });

  function startRegistrar(): void {
    workspace.write("kubeconfig", api.kubeconfig({ token: "secret" }));
    const args = registrarArgs.map((each) => each.replace(`http://${SERVICE_HOST}:2379`, etcd.endpoint));
    expect(args).toContain(`--etcd-endpoint=${etcd.endpoint}`);
    running.push(spawn(LAUNCHER, [...args, "--kubeconfig", join(workspace.folder, "kubeconfig")], { stdio: "ignore" }));
  }

  const untilRegistered = (): Promise<void> =>
    vi.waitFor(async () => expect(await etcd.keys("/skydns/local/cluster/svc/default/web/")).not.toEqual([]), DEADLINE);

  test("the registrar asks the API for what the role permits, and for all of it", async () => {
    startRegistrar();
    await untilRegistered();
    const { rules } = registrar.find(({ kind }) => kind === "ClusterRole")!;
    const permitted = rules!.flatMap(({ apiGroups: [group], resources, verbs }) =>
      resources.flatMap((name) => verbs.map((verb) => `${group} ${name} ${verb}`)),
    );
    expect(permitted).toHaveLength(2 * (Object.keys(RESOURCES).length - 1));
    await vi.waitFor(() => {
      const now = api.requests.map(
        ({ target, verb }) => `${target?.resource.group} ${target?.resource.plural} ${verb}`,
      );
      expect([...new Set(now)].toSorted()).toEqual(permitted.toSorted());
    }, DEADLINE);
  });

  test.skipIf(COREDNS === "")(
    `the server answers it, and external-dns's records${COREDNS === "" ? " (COREDNS names no program)" : ""}`,
    async () => {
      startRegistrar();
      await untilRegistered();
      // As its provider `coredns` writes an Ingress with two addresses: a random label each, which `targetstrip` takes off.
      for (const [label, host] of [
        ["1c5a73f1", "192.0.2.10"],
        ["5b2d1f0e", "192.0.2.11"],
      ] as const)
        await etcd.put(`/skydns/org/example/www/${label}`, JSON.stringify({ host, ttl: 60, targetstrip: 1 }));
      const port = await freePort();
      const text = corefile
        .replace(".:53 {", `.:${port} {\n    bind 127.0.0.1`)
        .replace("cluster.local in-addr.arpa", "cluster.local example.org in-addr.arpa")
        .replace("http://{$ETCD_SERVICE_HOST}:2379", etcd.endpoint)
        .replace(/^ *(health|ready|forward .*)$/gm, "");
      workspace.write("Corefile", text);
      const server = new Started(COREDNS, ["-conf", join(workspace.folder, "Corefile")]);
      try {
        await server.until(() => (/CoreDNS-/.test(server.output) ? true : undefined));
        const resolver = new Resolver({ timeout: 5_000, tries: 1 });
        resolver.setServers([`127.0.0.1:${port}`]);
        expect(await resolver.resolve4("web.default.svc.cluster.local")).toEqual(["10.96.0.80"]);
        expect(await resolver.reverse("10.96.0.80")).toEqual(["web.default.svc.cluster.local"]);
        expect((await resolver.resolve4("www.example.org")).toSorted()).toEqual(["192.0.2.10", "192.0.2.11"]);
      } finally {
        await server.end();
      }
    },
  );
});
