// Several clusters in one server, each with an API server of its own: what is answered while one of them is away, comes,
// dies, or has the addresses of another. Asked over the network.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLUSTERS_MAX } from "../../src/compile/zone-numbers.ts";
import { NAMED_CLUSTERS_MAX } from "../../src/config/cluster-conflicts.ts";
import { optionsFromSettings, SettingsError } from "../../src/config/settings.ts";
import { SourceError } from "../../src/files/source-error.ts";
import { createLog } from "../../src/observe/log.ts";
import { clusterFeeds, optionsOfCluster } from "../../src/planes/cluster-feeds.ts";
import { startServer } from "../../src/planes/server.ts";
import type { Server, ServerInput } from "../../src/planes/server.ts";
import { NO_RESOLV_CONF } from "../../src/resolv-conf/resolv-conf.ts";
import { MemoryRoom } from "../../src/std/memory-room.ts";
import { liveService, Mirror, NAMESPACE } from "../sources/kubernetes/mirror.ts";
import { ApiServer } from "../support/api-server/api-server.ts";
import type { KubernetesObject } from "../support/api-server/resources.ts";
import { service } from "../support/cluster.ts";
import type { EngineSettings } from "../support/engine.ts";
import { NamedUpstream } from "../support/forwarding.ts";
import { UdpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

/** The start does not wait for an API. */
const AWAY = { startupTimeout: 0 };
const NOT_READY = "SERVFAIL/14";
const EAST_RANGES = "service-cidr=10.1.0.0/16,pod-cidr=10.11.0.0/16";
const WEST_RANGES = "service-cidr=10.2.0.0/16,pod-cidr=10.12.0.0/16";

let folder = "";
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "clusters-"));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true });
});

/** An API server with these objects, and the value of `--cluster` that serves it below `NAME.local`. */
async function startCluster(
  name: string,
  objects: readonly KubernetesObject[],
  keys = "",
): Promise<{ readonly api: ApiServer; readonly value: string }> {
  const api = await ApiServer.start();
  closing.push(() => api.close());
  api.put(NAMESPACE, ...objects);
  const kubeconfig = join(folder, name);
  writeFileSync(kubeconfig, api.kubeconfig());
  return { api, value: `${name}=kubeconfig:${kubeconfig},domain=${name}.local${keys === "" ? "" : `,${keys}`}` };
}

interface Running {
  readonly server: Server;
  /** `RCODE/EDE`, the data of the answer, or the rcode with the owner and the MNAME of the SOA. */
  readonly ask: (name: string, type?: string) => Promise<string>;
}

/** A server as the command starts it: without `objects`, and a first cluster only if there is something for it. */
async function run({ paths = [], ...settings }: EngineSettings, input: Partial<ServerInput> = {}): Promise<Running> {
  const options = optionsFromSettings({ startupTimeout: 60, ...settings });
  const server = startServer(options, { paths, log: createLog("silent"), ...input });
  closing.push(() => server.close());
  const client = await UdpClient.open((await server.ready)[0]!);
  closing.push(async () => client.close());
  let id = 0;
  const ask = async (name: string, type = "A"): Promise<string> => {
    const message = readMessage(await client.ask(writeQuery({ name, type, id: ++id, opt: { size: 1232 } })));
    const ede = message.opt?.options.find(({ code }) => code === 15)?.data.readUInt16BE();
    // Every denial has code 0, with its reason.
    if ((ede ?? 0) > 0) return `${message.rcode}/${ede}`;
    if (message.answer.length > 0) return message.answer.map(({ rdata }) => rdata).join(" ");
    const [soa] = message.authority;
    return soa === undefined ? message.rcode : `${message.rcode} ${soa.owner} ${soa.rdata.split(" ")[0]}`;
  };
  return { server, ask };
}

/** Waits until the name has this answer. */
async function until(ask: Running["ask"], name: string, answer: string, type?: string): Promise<void> {
  await expect.poll(() => ask(name, type), { timeout: 20_000, interval: 10 }).toBe(answer);
}

const webOf = (domain: string): string => `web.default.svc.${domain}.`;
/** The answer for a name that does not exist in a zone of the cluster. */
const missingIn = (zone: string, domain = zone): string => `NXDOMAIN ${zone}. ns.dns.${domain}.`;

describe("clusters with domains of their own", () => {
  test("have objects of the same name, beside manifests", async () => {
    const east = await startCluster("east", [liveService("web", "10.1.0.80")]);
    const west = await startCluster("west", [liveService("web", "10.2.0.80"), liveService("only", "10.2.0.81")]);
    const { ask, server } = await run(
      { cluster: [east.value, west.value] },
      { objects: [service("web", "10.96.0.80")] },
    );
    expect(await ask(webOf("cluster.local"))).toBe("10.96.0.80");
    expect(await ask(webOf("east.local"))).toBe("10.1.0.80");
    expect(await ask(webOf("west.local"))).toBe("10.2.0.80");
    expect(await ask("only.default.svc.west.local.")).toBe("10.2.0.81");
    for (const domain of ["cluster.local", "east.local"])
      expect(await ask(`only.default.svc.${domain}.`)).toBe(missingIn(domain));
    expect(await ask("_http._tcp.web.default.svc.east.local.", "SRV")).toBe("0 100 80 web.default.svc.east.local.");
    for (const domain of ["cluster.local", "east.local", "west.local"]) {
      expect(await ask(`${domain}.`, "NS")).toBe(`ns.dns.${domain}.`);
      expect(await ask(`${domain}.`, "SOA")).toMatch(`ns.dns.${domain}. hostmaster.${domain}. `);
      expect(await ask(`dns-version.${domain}.`, "TXT")).toBe('"1.1.0"');
    }
    expect(server.problems).toEqual([]);
    const explained = await server.explain({ name: webOf("east.local"), type: "A" }, NO_RESOLV_CONF);
    const { resourceVersion } = east.api.objects.find(({ metadata }) => metadata.name === "web")!.metadata;
    const place = `source kubernetes/east, resourceVersion ${resourceVersion}`;
    expect(explained).toMatchObject({
      sentence: `${webOf("east.local")} resolves to 10.1.0.80: service web in namespace default (${place}).`,
    });
    west.api.put(liveService("web", "10.2.0.99"));
    await until(ask, webOf("west.local"), "10.2.0.99");
    expect(await ask(webOf("east.local"))).toBe("10.1.0.80");
  });

  test("alone, they leave the domain of the first cluster to others", async () => {
    const east = await startCluster("east", [liveService("web", "10.1.0.80")]);
    const upstream = await NamedUpstream.open();
    closing.push(() => upstream.close());
    const first = "kubernetes.default.svc.k8s.example.";
    const { ask } = await run({ cluster: east.value, clusterDomain: "k8s.example", upstream: upstream.address });
    expect(await ask(webOf("east.local"))).toBe("10.1.0.80");
    expect(await ask(first)).toBe("192.0.2.1");
    expect(upstream.askedFor(first)).toHaveLength(1);
  });

  test("alone, one may have the domain that the first cluster would have", async () => {
    const { value } = await startCluster("east", [liveService("web", "10.1.0.80")]);
    const { ask } = await run({ cluster: value.replace("east.local", "cluster.local") });
    expect(await ask(webOf("cluster.local"))).toBe("10.1.0.80");
  });

  test("one may lie below another", async () => {
    const outer = await startCluster("outer", [liveService("web", "10.1.0.80")]);
    const inner = await startCluster("inner", [liveService("web", "10.2.0.80")]);
    const below = inner.value.replace("domain=inner.local", "domain=inner.outer.local");
    const { ask } = await run({ cluster: [outer.value, below] });
    expect(await ask(webOf("outer.local"))).toBe("10.1.0.80");
    expect(await ask(webOf("inner.outer.local"))).toBe("10.2.0.80");
    expect(await ask("none.svc.inner.outer.local.")).toBe(missingIn("inner.outer.local"));
    expect(await ask("none.outer.local.")).toBe(missingIn("outer.local"));
  });

  test("each has namespaces of its own choice", async () => {
    const shop = liveService("cart", "10.1.0.81", { namespace: "shop" });
    const east = await startCluster("east", [liveService("web", "10.1.0.80"), shop], "namespaces=shop,other");
    const west = await startCluster("west", [liveService("web", "10.2.0.80")]);
    const { ask } = await run({ cluster: [east.value, west.value] });
    expect(await ask("cart.shop.svc.east.local.")).toBe("10.1.0.81");
    expect(await ask(webOf("east.local"))).toBe(missingIn("east.local"));
    expect(await ask(webOf("west.local"))).toBe("10.2.0.80");
    expect(new Set(east.api.requests.map(({ target }) => target?.namespace))).toEqual(
      new Set([undefined, "shop", "other"]),
    );
  });

  test("a domain that manifests have is refused", async () => {
    const { value } = await startCluster("east", []);
    const start = (): Server =>
      startServer(optionsFromSettings({ cluster: value, clusterDomain: "east.local" }), {
        paths: [],
        objects: [],
        log: createLog("silent"),
      });
    expect(start).toThrow(SettingsError);
    expect(start).toThrow(
      "--cluster east has the domain east.local, as --cluster-domain does: each needs one of its own",
    );
  });

  test("a kubeconfig that can't be read ends the start, and says of which cluster it is", async () => {
    const started = run({ cluster: `east=kubeconfig:${join(folder, "none")},domain=east.local` });
    await expect(started).rejects.toThrow(SourceError);
    await expect(started).rejects.toThrow(/^cluster east: .*none can't be read \(ENOENT\)$/);
  });
});

describe("a cluster that is away at the start", () => {
  test("is SERVFAIL with EDE 14 while all others answer; then it comes", async () => {
    const east = await startCluster("east", [liveService("web", "10.1.0.80")], EAST_RANGES);
    const west = await startCluster("west", [liveService("web", "10.2.0.80")], WEST_RANGES);
    await east.api.close();
    const upstream = await NamedUpstream.open();
    closing.push(() => upstream.close());
    const { ask } = await run({ ...AWAY, cluster: [east.value, west.value], upstream: upstream.address });
    await until(ask, webOf("west.local"), "10.2.0.80");
    expect(await ask("none.default.svc.west.local.")).toBe(missingIn("west.local"));
    expect(await ask("80.0.2.10.in-addr.arpa.", "PTR")).toBe("web.default.svc.west.local.");
    expect(await ask("81.0.2.10.in-addr.arpa.", "PTR")).toBe(missingIn("2.10.in-addr.arpa", "west.local"));
    expect(await ask("foreign.example.")).toBe("192.0.2.1");
    // Any cluster may have an endpoint there.
    for (const name of [webOf("east.local"), "none.east.local.", "80.0.1.10.in-addr.arpa.", "1.0.9.10.in-addr.arpa."])
      expect(await ask(name), name).toBe(NOT_READY);
    await east.api.restart();
    await until(ask, webOf("east.local"), "10.1.0.80");
    expect(await ask("none.east.local.")).toBe(missingIn("east.local"));
    expect(await ask("80.0.1.10.in-addr.arpa.", "PTR")).toBe("web.default.svc.east.local.");
    expect(await ask("81.0.1.10.in-addr.arpa.", "PTR")).toBe(missingIn("1.10.in-addr.arpa", "east.local"));
    expect(await ask("1.0.9.10.in-addr.arpa.", "PTR")).toBe(missingIn("10.in-addr.arpa", "east.local"));
  });

  test("of a range that it shares, what others have is answered, and what it may have is not denied", async () => {
    const east = await startCluster("east", [liveService("web", "10.96.0.80")]);
    const west = await startCluster("west", [liveService("web", "10.96.0.81")]);
    await west.api.close();
    const { ask } = await run({ ...AWAY, cluster: [east.value, west.value] });
    await until(ask, "80.0.96.10.in-addr.arpa.", "web.default.svc.east.local.", "PTR");
    expect(await ask("81.0.96.10.in-addr.arpa.", "PTR")).toBe(NOT_READY);
    await west.api.restart();
    await until(ask, "81.0.96.10.in-addr.arpa.", "web.default.svc.west.local.", "PTR");
    expect(await ask("82.0.96.10.in-addr.arpa.", "PTR")).toBe(missingIn("96.10.in-addr.arpa", "east.local"));
  });
});

describe("a cluster that fails later", () => {
  test("keeps its last answers while others change, and is followed again when it is back", async () => {
    const east = await startCluster("east", [liveService("web", "10.1.0.80")]);
    const west = await startCluster("west", [liveService("web", "10.2.0.80")]);
    const { ask } = await run({ cluster: [east.value, west.value] });
    await east.api.close();
    west.api.put(liveService("web", "10.2.0.99"));
    await until(ask, webOf("west.local"), "10.2.0.99");
    expect(await ask(webOf("east.local"))).toBe("10.1.0.80");
    await east.api.restart([NAMESPACE, liveService("web", "10.1.0.99")]);
    await until(ask, webOf("east.local"), "10.1.0.99");
  });

  test("its problems tell its name", async () => {
    const east = await startCluster("east", [liveService("web", "10.1.0.80")]);
    const west = await startCluster("west", [liveService("web", "10.2.0.80")]);
    east.api.script.next({ resource: "services" }, { failure: "forbidden" }, Infinity);
    const { ask, server } = await run({ ...AWAY, cluster: [east.value, west.value] });
    await until(ask, webOf("west.local"), "10.2.0.80");
    await expect.poll(() => server.problems.map(({ code }) => code)).toEqual(["api-forbidden"]);
    expect(server.problems[0]!.message).toMatch(/^cluster east: the API server forbids to read services: /);
    expect(await ask(webOf("east.local"))).toBe(NOT_READY);
    east.api.script.clear();
    await until(ask, webOf("east.local"), "10.1.0.80");
    await expect.poll(() => server.problems).toEqual([]);
  });
});

describe("an address that several clusters have", () => {
  test("has the name in the first of them, for as long as that one has it", async () => {
    const east = await startCluster("east", [liveService("web", "10.96.0.80")]);
    const west = await startCluster("west", [liveService("api", "10.96.0.80")]);
    const { ask } = await run({ cluster: [east.value, west.value] });
    const reverse = "80.0.96.10.in-addr.arpa.";
    expect(await ask("api.default.svc.west.local.")).toBe("10.96.0.80");
    expect(await ask(reverse, "PTR")).toBe("web.default.svc.east.local.");
    east.api.remove(liveService("web", ""));
    await until(ask, reverse, "api.default.svc.west.local.", "PTR");
    east.api.put(liveService("other", "10.96.0.80"));
    await until(ask, reverse, "other.default.svc.east.local.", "PTR");
    west.api.remove(liveService("api", ""));
    await until(ask, "api.default.svc.west.local.", missingIn("west.local"));
    expect(await ask(reverse, "PTR")).toBe("other.default.svc.east.local.");
    east.api.remove(liveService("other", ""));
    await until(ask, reverse, missingIn("96.10.in-addr.arpa", "east.local"), "PTR");
  });

  test("the first one is that of manifests", async () => {
    const east = await startCluster("east", [liveService("web", "10.96.0.80")]);
    const { ask } = await run({ cluster: east.value }, { objects: [service("mine", "10.96.0.80")] });
    expect(await ask(webOf("east.local"))).toBe("10.96.0.80");
    expect(await ask("80.0.96.10.in-addr.arpa.", "PTR")).toBe("mine.default.svc.cluster.local.");
  });
});

describe("zone files beside clusters", () => {
  test("one for the domain of a cluster, or for names that it has, is not served; others are", async () => {
    const east = await startCluster("east", [liveService("web", "10.1.0.80")]);
    const zone = (origin: string): void =>
      writeFileSync(
        join(folder, `${origin}.zone`),
        "@ 60 SOA ns admin 1 2 3 4 10\n@ NS ns\nns A 192.0.2.53\nfile A 192.0.2.1\n",
      );
    for (const origin of ["east.local", "web.default.svc.east.local", "free.east.local", "example.org"]) zone(origin);
    const { ask, server } = await run({ cluster: east.value, paths: [folder] });
    expect(await ask(webOf("east.local"))).toBe("10.1.0.80");
    expect(await ask("file.free.east.local.")).toBe("192.0.2.1");
    expect(await ask("file.example.org.")).toBe("192.0.2.1");
    expect(await ask("file.east.local.")).toBe(missingIn("east.local"));
    const taken = server.problems.filter(({ code }) => code === "zone-taken").map(({ message }) => message);
    expect(taken.toSorted()).toEqual(
      ["east.local.", "web.default.svc.east.local."].map(
        (name) => `the zone ${name} is not served: the cluster has that name or names below it`,
      ),
    );
  });

  test("one below the domain of a cluster that is away waits for it", async () => {
    const east = await startCluster("east", []);
    await east.api.close();
    const text = "@ 60 SOA ns admin 1 2 3 4 10\n@ NS ns\nns A 192.0.2.53\nfile A 192.0.2.1\n";
    for (const origin of ["free.east.local", "free.cluster.local"]) writeFileSync(join(folder, `${origin}.zone`), text);
    writeFileSync(join(folder, "hosts"), "192.0.2.7 host.east.local host.cluster.local\n");
    const { ask } = await run({ ...AWAY, cluster: east.value, paths: [folder] });
    expect(await ask("file.free.cluster.local.")).toBe("192.0.2.1");
    expect(await ask("host.cluster.local.")).toBe("192.0.2.7");
    expect(await ask("file.free.east.local.")).toBe(NOT_READY);
    await east.api.restart();
    await until(ask, "file.free.east.local.", "192.0.2.1");
    expect(await ask("host.east.local.")).toBe("192.0.2.7");
  });
});

describe("snapshots", () => {
  const serveOnce = async (settings: EngineSettings): Promise<void> => (await run(settings)).server.close();

  test("each cluster has its own, beside that of the first or where it says", async () => {
    const snapshot = join(folder, "snapshot");
    const east = await startCluster("east", [liveService("web", "10.1.0.80")]);
    const west = await startCluster("west", [liveService("web", "10.1.0.80")], `snapshot=${join(folder, "of-west")}`);
    const settings = { cluster: [east.value, west.value], snapshot };
    await serveOnce(settings);
    expect(readFileSync(`${snapshot}.east`, "utf8")).toContain("web");
    expect(readFileSync(join(folder, "of-west"), "utf8")).toContain("web");
    await east.api.close();
    await west.api.close();
    const { ask } = await run({ ...AWAY, ...settings });
    expect(await ask(webOf("east.local"))).toBe("10.1.0.80");
    expect(await ask(webOf("west.local"))).toBe("10.1.0.80");
    expect(await ask("none.east.local.")).toBe(missingIn("east.local"));
    await east.api.restart([NAMESPACE, liveService("web", "10.1.0.99")]);
    await until(ask, webOf("east.local"), "10.1.0.99");
  });

  test("that of another cluster is refused, and the problem tells the name", async () => {
    const snapshot = join(folder, "snapshot");
    const east = await startCluster("east", [liveService("web", "10.1.0.80")]);
    await serveOnce({ cluster: east.value, snapshot });
    const west = await startCluster("west", [liveService("web", "10.2.0.80")], `snapshot=${snapshot}.east`);
    await west.api.close();
    const { ask, server } = await run({ ...AWAY, cluster: west.value });
    await expect.poll(() => server.problems.map(({ code }) => code)).toContain("snapshot");
    expect(server.problems.find(({ code }) => code === "snapshot")!.message).toMatch(
      /^cluster west: the snapshot is of another cluster/,
    );
    expect(await ask(webOf("west.local"))).toBe(NOT_READY);
  });
});

test("a pod's search list is of its own cluster, and an address of two clusters identifies no pod", async () => {
  const pod = (name: string, podIP: string): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [] },
    status: { phase: "Running", podIP, podIPs: [{ ip: podIP }] },
  });
  const web = liveService("web", "10.1.0.80");
  const east = await startCluster("east", [web, pod("client", "127.0.0.1")]);
  const west = await startCluster("west", [web]);
  const upstream = await NamedUpstream.open();
  closing.push(() => upstream.close());
  const settings = { cluster: [west.value, east.value], autopath: true, upstream: upstream.address };
  const { ask } = await run(settings);
  // The second search domain has the name.
  const found = "web.default.svc.svc.east.local.";
  await until(ask, "web.default.default.svc.east.local.", `${found.replace(".svc.svc", ".svc")} 10.1.0.80`);
  west.api.put(pod("other", "127.0.0.1"));
  await until(ask, "web.default.default.svc.east.local.", missingIn("east.local"));
});

test("a cluster has the options of the server, apart from those that say where the first cluster is", () => {
  const shared = { ttl: 7, pods: "verified", autopath: true, startupTimeout: 9 } as const;
  const ofFirst = { source: "kubernetes", kubeconfig: "k", context: "c", namespaces: "a", state: "s" } as const;
  const selectors = { namespaceSelector: "a=b", serviceSelector: "c=d", serviceCidr: "10.7.0.0/16" };
  const cluster = "east=kubeconfig:east.yaml,domain=east.local,pod-cidr=10.8.0.0/16";
  const options = optionsFromSettings({ ...shared, ...ofFirst, ...selectors, cluster, snapshot: "f" });
  const own = optionsFromSettings({
    ...shared,
    source: "kubernetes",
    kubeconfig: "east.yaml",
    clusterDomain: "east.local",
    snapshot: "f.east",
    serviceCidr: "10.7.0.0/16",
    podCidr: "10.8.0.0/16",
  });
  // Those of clients are one list for the server.
  const { allowRecursion } = options;
  expect(optionsOfCluster(options, options.clusters[0]!)).toEqual({ ...own, allowRecursion });
});

test("the table has zones for as many clusters as the options take", () => {
  expect(NAMED_CLUSTERS_MAX + 1).toBe(CLUSTERS_MAX);
});

test("all clusters share the memory, each with an account of its own", async () => {
  const east = await startCluster("east", [liveService("web", "10.1.0.80")]);
  const west = await startCluster("west", [liveService("web", "10.2.0.80"), liveService("api", "10.2.0.81")]);
  const room = new MemoryRoom();
  const options = optionsFromSettings({ cluster: [east.value, west.value] });
  const sources = clusterFeeds(options, undefined, room).flatMap((feed) => feed.sources);
  for (const source of sources) {
    closing.push(() => source.close());
    await source.start(new Mirror());
  }
  expect(sources.map(({ id }) => id)).toEqual(["kubernetes/east", "kubernetes/west"]);
  const [ofEast, ofWest] = sources.map(({ id }) => room.heldBy(id));
  expect(ofEast).toBeGreaterThan(0);
  expect(ofWest).toBeGreaterThan(ofEast!);
});
