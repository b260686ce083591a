// The files of deploy/helm/ and deploy/kubernetes/: the chart renders them, `check` finds nothing, and the server does with
// them what they are for: it asks the API only for what the role permits, and a cache on a node answers as the cluster.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { run as runCheck } from "../src/cli/check.ts";
import { parseOptions } from "../src/config/parse-options.ts";
import { RESOURCES } from "../src/sources/kubernetes/resources.ts";
import { renderChart, renderManifests } from "../tools/render-manifests.ts";
import { capture } from "./cli/captured-io.ts";
import { ApiServer } from "./support/api-server/api-server.ts";
import { skipAll, whyNot } from "./support/optional-programs.ts";
import { freePort, LAUNCHER, ROOT, ServerProcess } from "./support/process.ts";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly securityContext: object;
}

interface Probe {
  readonly httpGet: { readonly host?: string; readonly path: string; readonly port: string };
}

interface Workload extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: object;
        readonly topologySpreadConstraints?: readonly { readonly labelSelector: { readonly matchLabels: Labels } }[];
        readonly initContainers?: readonly Container[];
        readonly containers: readonly [Container];
      };
    };
  };
}

interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

type Labels = Readonly<Record<string, string>>;
type Rules = readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];

const fileOf = (folder: string): string => readFileSync(`${ROOT}deploy/kubernetes/${folder}/cluster-dns.yaml`, "utf8");
const objectsOf = (text: string): KubeObject[] => parseAllDocuments(text).map((each) => each.toJS() as KubeObject);
const base = objectsOf(fileOf("base"));
const nodeLocal = objectsOf(fileOf("node-local"));

function find<Kind extends KubeObject>(objects: readonly KubeObject[], kind: string): Kind {
  const found = objects.filter((each) => each.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} of kind ${kind}`);
  return found[0] as Kind;
}

const deployment = find<Workload>(base, "Deployment");
const daemonSet = find<Workload>(nodeLocal, "DaemonSet");
const workloads = [deployment, daemonSet].map((workload) => ({
  ...workload,
  pod: workload.spec.template,
  container: workload.spec.template.spec.containers[0],
}));

/** `GROUP RESOURCE VERB`, each that rules permit. */
function rightsOf(objects: readonly KubeObject[]): string[] {
  const { rules } = find<KubeObject & { readonly rules: Rules }>(objects, "ClusterRole");
  return rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((name) => verbs.map((verb) => `${group} ${name} ${verb}`))),
    )
    .toSorted();
}

const isMatch = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

describe("helm", () => {
  skipAll(whyNot("helm"));

  test("renders what the kustomizations have", () => {
    expect(renderManifests()).toEqual({ base: fileOf("base"), "node-local": fileOf("node-local") });
  });

  test("finds nothing in the chart", () => {
    const { status, stdout } = spawnSync("helm", ["lint", "--strict", `${ROOT}deploy/helm/cluster-dns`], {
      encoding: "utf8",
    });
    expect(status, stdout).toBe(0);
  });

  test.each([
    ["replica=3", /replica\b.* not allowed/],
    ["nodeLocal.address=fd00::10", /nodeLocal.address/],
    ["lameduckSeconds=301", /lameduckSeconds/],
    ["extraArgs={log-level}", /extraArgs/],
  ])("refuses %s", (value, message) => {
    expect(() => renderChart(["--set", value])).toThrow(message);
  });

  test.each([[["pods=verified"]], [["autopath=true"]]])("permits pods to be read with %j", (values) => {
    const pods = ["list", "watch"].map((verb) => ` pods ${verb}`);
    const rendered = objectsOf(renderChart(values.flatMap((value) => ["--set", value])));
    expect(rightsOf(rendered)).toEqual([...rightsOf(base), ...pods].toSorted());
  });

  test("leaves out what is not wanted", () => {
    const flags = ["service.create=false", "replicas=null", "nodeLocal.enabled=true", "nodeLocal.addressImage="];
    const rendered = objectsOf(renderChart(flags.flatMap((value) => ["--set", value])));
    expect(rendered.filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata.name)).toEqual([
      "kube-dns-upstream",
    ]);
    expect(find<Workload>(rendered, "Deployment").spec.replicas).toBeUndefined();
    expect(find<Workload>(rendered, "DaemonSet").spec.template.spec.initContainers).toBeUndefined();
  });
});

test("the chart and its images have the version of the package", () => {
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { version: string };
  const chart = parseAllDocuments(readFileSync(`${ROOT}deploy/helm/cluster-dns/Chart.yaml`, "utf8"))
    .at(-1)!
    .toJS() as object;
  expect(chart).toMatchObject({ version, appVersion: version });
  expect(workloads.map(({ container }) => container.image)).toEqual(Array(2).fill(`cluster-dns:${version}`));
});

test.for(["base", "node-local"])("kubectl builds the kustomization %s", (folder, { skip }) => {
  const missing = whyNot("kubectl");
  skip(missing !== undefined, missing);
  const built = execFileSync("kubectl", ["kustomize", `${ROOT}deploy/kubernetes/${folder}`], { encoding: "utf8" });
  const byName = (objects: readonly KubeObject[]): KubeObject[] =>
    objects.toSorted((a, b) => `${a.kind} ${a.metadata.name}`.localeCompare(`${b.kind} ${b.metadata.name}`));
  expect(byName(objectsOf(built))).toEqual(byName(objectsOf(fileOf(folder))));
});

test("check finds nothing in deploy/", async () => {
  const { exitCode, stdout } = await capture((io) => runCheck([`${ROOT}deploy`, "--strict"], io));
  expect(exitCode, stdout).toBe(0);
  expect(stdout).toMatch(/with 18 objects.*: 0 errors, 0 warnings, 0 hints, 2 ignored\n$/);
});

describe("the role", () => {
  test("has the two verbs of the source for each of its resources but pods", () => {
    const { pods: _, ...others } = RESOURCES;
    const wanted = Object.values(others).flatMap(({ name, group }) =>
      ["list", "watch"].map(
        (verb) => `${group.split("/")[3] === undefined ? "" : group.split("/")[2]} ${name} ${verb}`,
      ),
    );
    expect(rightsOf(base)).toEqual(wanted.toSorted());
  });

  test("belongs to the account of the pods", () => {
    const [account, role] = ["ServiceAccount", "ClusterRole"].map((kind) => find(base, kind).metadata);
    const binding = find<KubeObject & { subjects: object[]; roleRef: object }>(base, "ClusterRoleBinding");
    expect(binding.subjects).toEqual([{ kind: "ServiceAccount", ...account }]);
    expect(binding.roleRef).toMatchObject({ kind: "ClusterRole", name: role!.name });
    expect(deployment.spec.template.spec).toMatchObject({ serviceAccountName: account!.name });
  });
});

describe.each(workloads)("the $kind", ({ spec, pod, container }) => {
  test("has options that the server knows", () => {
    const [command, ...args] = container.args.map((each) =>
      each.replace("$(KUBE_DNS_UPSTREAM_SERVICE_HOST)", "10.96.7.7"),
    );
    expect(command).toBe("serve");
    const parsed = parseOptions(args, {});
    if ("errors" in parsed) throw new Error(parsed.errors.join("; "));
    // The probes reach the admin server, at the port that the container names.
    const { readinessProbe, livenessProbe, ports } = container;
    for (const { httpGet } of [readinessProbe, livenessProbe]) {
      const port = ports.find(({ name }) => name === httpGet.port)!.containerPort;
      const hosts = parsed.options.admin.filter((each) => each.port === port).map(({ host }) => host);
      expect(hosts).toEqual(httpGet.host === undefined ? ["0.0.0.0", "::"] : [httpGet.host]);
    }
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(parsed.options.lameduckSeconds + 10);
  });

  test("has the rights that it needs: a user, one capability, a root that nobody writes", () => {
    const user = { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532 };
    expect({ ...pod.spec.securityContext, ...container.securityContext }).toEqual({
      ...user,
      seccompProfile: { type: "RuntimeDefault" },
      ...(spec.replicas === 2 && { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "53" }] }),
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    });
    const dockerfile = readFileSync(`${ROOT}Dockerfile`, "utf8");
    expect(dockerfile).toContain(`USER ${user.runAsUser}:${user.runAsGroup}\n`);
  });

  test("selects its own pods, and has resources", () => {
    const others = workloads.filter((each) => each.pod !== pod);
    const selectors = [spec.selector, ...(pod.spec.topologySpreadConstraints ?? []).map((each) => each.labelSelector)];
    for (const { matchLabels } of selectors) {
      expect(isMatch(matchLabels, pod.metadata.labels)).toBe(true);
      expect(others.some((each) => isMatch(matchLabels, each.pod.metadata.labels))).toBe(false);
    }
    for (const { resources } of [container, ...(pod.spec.initContainers ?? [])]) {
      expect(Object.keys(resources.requests).toSorted()).toEqual(["cpu", "memory"]);
      expect(Object.keys(resources.limits)).toEqual(["memory"]);
    }
  });
});

test("services and the disruption budget select the pods of the Deployment alone", () => {
  const budget = find<KubeObject & { spec: { selector: { matchLabels: Labels } } }>(base, "PodDisruptionBudget").spec;
  const services = [base, nodeLocal].map(
    (all) => find<KubeObject & { spec: { selector: Labels } }>(all, "Service").spec,
  );
  for (const selector of [budget.selector.matchLabels, ...services.map((each) => each.selector)])
    expect(workloads.map(({ pod }) => isMatch(selector, pod.metadata.labels))).toEqual([true, false]);
});

test("the Service has the port that Prometheus is told of, as that of CoreDNS has", () => {
  type Service = KubeObject & { metadata: { annotations: object }; spec: { ports: object[] } };
  const { metadata, spec } = find<Service>(base, "Service");
  expect(metadata.annotations).toEqual({ "prometheus.io/scrape": "true", "prometheus.io/port": "9153" });
  expect(spec.ports).toContainEqual({ name: "metrics", port: 9153, protocol: "TCP" });
});

describe("the server", () => {
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-deploy-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const closing: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
  });

  async function start(args: readonly string[], name: string): Promise<number> {
    const port = await freePort();
    const command = [LAUNCHER, ...args.filter((each) => !each.startsWith("--listen=")), `--listen=127.0.0.1:${port}`];
    const server = await ServerProcess.start(command as [string, ...string[]], { port, name });
    closing.push(() => server.stop());
    return port;
  }

  /** Starts what a container starts, with its admin server on a free port, and asks its probes. */
  async function startContainer({ args, readinessProbe, livenessProbe }: Container, name: string): Promise<number> {
    const adminPort = await freePort();
    const port = await start(
      args.map((each) => each.replace(/^--admin=.*/, `--admin=${adminPort}`)),
      name,
    );
    for (const { httpGet } of [readinessProbe, livenessProbe])
      await expect.poll(async () => (await fetch(`http://127.0.0.1:${adminPort}${httpGet.path}`)).status).toBe(200);
    return port;
  }

  test.each([
    ["as deployed", [], [] as string[]],
    ["with pods", ["--pods=verified"], [" pods list", " pods watch"]],
  ])("asks the API for what the role permits, and for all of it: %s", async (_, flags, more) => {
    // Without WatchList, so that the server has to list.
    const api = await ApiServer.start({
      watchList: "refused",
      tls: true,
      tokens: { secret: "system:serviceaccount:kube-system:cluster-dns" },
    });
    closing.push(() => api.close());
    const [apiVersion, namespace] = ["v1", "default"];
    const ports = [{ name: "http", port: 80 }];
    api.put({ apiVersion, kind: "Namespace", metadata: { name: namespace } });
    api.put({
      apiVersion,
      kind: "Service",
      metadata: { name: "web", namespace },
      spec: { clusterIP: "10.96.0.80", ports },
    });
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, api.kubeconfig({ token: "secret" }));
    const { container } = workloads[0]!;
    const args = [...container.args, ...flags, "--kubeconfig", kubeconfig];
    await startContainer({ ...container, args }, "web.default.svc.cluster.local");
    const asked = api.requests.map(
      ({ target, verb }) => `${target?.resource.group} ${target?.resource.plural} ${verb}`,
    );
    expect([...new Set(asked)].toSorted()).toEqual([...rightsOf(base), ...more].toSorted());
  });

  test("is a cache on a node that answers as the cluster does", async () => {
    const name = "web.default.svc.cluster.local";
    const central = await start(["serve", `${ROOT}zones`], name);
    const { container } = workloads[1]!;
    const args = container.args.map((each) =>
      each.replace("$(KUBE_DNS_UPSTREAM_SERVICE_HOST)", `127.0.0.1:${central}`).replace(/^\/empty$/, folder),
    );
    const cache = await startContainer({ ...container, args }, name);
    const [atCentral, atCache] = [central, cache].map((port) => {
      const resolver = new Resolver({ timeout: 5_000, tries: 1 });
      resolver.setServers([`127.0.0.1:${port}`]);
      return resolver;
    });
    const ask = async (resolver: Resolver): Promise<unknown> => [
      await resolver.resolve4(name),
      await resolver.reverse("10.96.12.80"),
      (await resolver.reverse("10.244.1.10")).toSorted(),
      await resolver.reverse("fd00:10:96::1e07"),
      (await resolver.resolveSrv("_postgres._tcp.db.data.svc.cluster.local")).map((each) => each.name).toSorted(),
      await resolver.resolve4("nobody.default.svc.cluster.local").catch((error: { code: string }) => error.code),
    ];
    expect(await ask(atCache!)).toEqual(await ask(atCentral!));
    expect(await atCache!.resolveTxt("dns-version.node-local.internal")).toEqual([["1.1.0"]]);
  });
});

describe("docs/kubernetes.md", () => {
  const page = readFileSync(`${ROOT}docs/kubernetes.md`, "utf8");
  const commands = [...page.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].flatMap(([, block]) =>
    block!
      .trim()
      .split("\n")
      .map((line) => line.trim()),
  );

  test("names kustomizations and objects that there are", () => {
    const named = [...base, ...nodeLocal].map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
    const words = commands.flatMap((command) => command.split(" "));
    const objects = words.filter(
      (word) => /^[a-z]+\/(?!coredns|node)[a-z-]+$/.test(word) && !word.startsWith("deploy/"),
    );
    expect(objects.length).toBeGreaterThan(5);
    expect(objects.filter((each) => !named.includes(each))).toEqual([]);
    const folders = words.filter((word) => word.startsWith("deploy/kubernetes/"));
    expect(new Set(folders)).toEqual(new Set(["deploy/kubernetes/base", "deploy/kubernetes/node-local"]));
    for (const each of folders) expect(parse(readFileSync(`${ROOT}${each}/kustomization.yaml`, "utf8"))).toBeTruthy();
  });

  test.for(commands.filter((command) => command.startsWith("helm install")))("%s", (command, { skip }) => {
    const missing = whyNot("helm");
    skip(missing !== undefined, missing);
    expect(command).toContain("helm install cluster-dns deploy/helm/cluster-dns --namespace kube-system ");
    expect(renderChart(command.split(" ").slice(6)).length).toBeGreaterThan(1_000);
  });
});
