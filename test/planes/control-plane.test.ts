// Several sources at once, as scripts: what is answered while they are late, fail, come back, disagree or withdraw.
// Asked over the network, as readiness is seen there.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as untilNextTurn } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { SourceError } from "../../src/files/source-error.ts";
import { createLog } from "../../src/observe/log.ts";
import { ProblemLog } from "../../src/observe/problem-log.ts";
import { ControlPlane } from "../../src/planes/control-plane.ts";
import type { ControlPlaneParts } from "../../src/planes/control-plane.ts";
import { startServer } from "../../src/planes/server.ts";
import type { Server } from "../../src/planes/server.ts";
import { writeState } from "../../src/state/state-file.ts";
import { TableWriter } from "../../src/table/writer.ts";
import type { ZoneContents } from "../../src/zonefile/choose-zones.ts";
import { service } from "../support/cluster.ts";
import { hostsOf, zoneOf } from "../support/core/static-zone.ts";
import { keptLog } from "../support/kept-log.ts";
import { UdpClient } from "../support/network.ts";
import { ScriptedSource } from "../support/scripted-source.ts";
import { NamedUpstream } from "../support/forwarding.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const LIVE = { isControlled: false, precedence: 5 } as const;
const ZONES_ONLY = { feeds: { cluster: false, zoneFiles: true } } as const;
const WEB = "web.default.svc.cluster.local.";
const FOREIGN = "foreign.example.";
const NOT_READY = 14;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Running {
  readonly server: Server;
  /** `RCODE/EDE` or the answer's data, in order. */
  readonly ask: (name: string, type?: string) => Promise<string>;
}

/** A server of these sources that forwards to an upstream which knows `foreign.example.` alone. */
async function run(sources: readonly ScriptedSource[]): Promise<Running> {
  const upstream = await NamedUpstream.open();
  closing.push(() => upstream.close());
  const options = optionsFromSettings({ upstream: upstream.address });
  const server = startServer(options, { paths: [], log: createLog("silent"), sources });
  closing.push(() => server.close());
  await Promise.all(sources.map(({ started }) => started));
  const client = await UdpClient.open(server.addresses[0]!);
  closing.push(async () => client.close());
  let id = 0;
  const ask = async (name: string, type = "A"): Promise<string> => {
    const message = readMessage(await client.ask(writeQuery({ name, type, id: ++id, opt: { size: 1232 } })));
    const ede = message.opt?.options.find(({ code }) => code === 15)?.data.readUInt16BE();
    // Every denial has code 0, with its reason.
    if (message.rcode !== "NOERROR") return (ede ?? 0) === 0 ? message.rcode : `${message.rcode}/${ede}`;
    return message.answer.map(({ rdata }) => rdata).join(" ");
  };
  return { server, ask };
}

function zoneFile(origin: string, address: string, from: ScriptedSource): ZoneContents {
  const zone = zoneOf(origin, `@ 60 SOA ns admin 1 2 3 4 10\n@ 60 NS ns\nns 60 A 192.0.2.53\nwww 60 A ${address}\n`);
  return new Map([[`${origin}.zone`, { origin: from.origin, content: { kind: "zone", zone } }]]);
}

const SERVFAIL_NOT_READY = `SERVFAIL/${NOT_READY}`;

describe("a source that is late", () => {
  test("its zone is SERVFAIL with EDE 14, while zone files and forwarding answer; then it is answered", async () => {
    const [live, files] = [new ScriptedSource("live", LIVE), new ScriptedSource("files", ZONES_ONLY)];
    const { server, ask } = await run([live, files]);
    // A zone file or hosts file that is still being read may have any of these.
    const early = ["www.example.org.", "printer.home.arpa.", "printer.local.", "3.2.1.10.in-addr.arpa.", "localhost."];
    for (const name of early) expect(await ask(name), name).toBe(SERVFAIL_NOT_READY);
    const hosts: ZoneContents = new Map([
      ["hosts", { origin: files.origin, content: { kind: "hosts", entries: hostsOf("192.0.2.7 printer.example") } }],
    ]);
    files.replaceZones(new Map([...zoneFile("example.org", "192.0.2.80", files), ...hosts]));
    files.sync();
    await expect.poll(() => ask("www.example.org.")).toBe("192.0.2.80");
    expect(await ask(FOREIGN)).toBe("192.0.2.1");
    expect(await ask("printer.example.")).toBe("192.0.2.7");
    expect(await ask("localhost.")).toBe("127.0.0.1");
    expect(await ask("nothing.invalid.")).toBe("NXDOMAIN");
    live.replace(service("web", "10.96.0.80"));
    for (const name of [
      WEB,
      "nothing.default.svc.cluster.local.",
      "80.0.96.10.in-addr.arpa.",
      "3.2.1.10.in-addr.arpa.",
    ])
      expect(await ask(name), name).toBe(SERVFAIL_NOT_READY);
    live.sync();
    await server.ready;
    expect(await ask(WEB)).toBe("10.96.0.80");
    expect(await ask("nothing.default.svc.cluster.local.")).toBe("NXDOMAIN");
    expect(await ask("80.0.96.10.in-addr.arpa.", "PTR")).toBe(WEB);
  });

  test("while zone files are not known, any name may be in one of them: nothing is forwarded or denied", async () => {
    const files = new ScriptedSource("files", ZONES_ONLY);
    const { server, ask } = await run([files]);
    expect(await ask(FOREIGN)).toBe(SERVFAIL_NOT_READY);
    files.sync();
    await server.ready;
    expect(await ask(FOREIGN)).toBe("192.0.2.1");
  });

  test("the first load is published as one: which source was quicker does not matter", async () => {
    const [first, second] = [new ScriptedSource("a", { precedence: 1 }), new ScriptedSource("b", { precedence: 2 })];
    const { server, ask } = await run([first, second]);
    second.replace(service("web", "10.96.0.2"));
    second.sync();
    first.replace(service("web", "10.96.0.1"));
    first.sync();
    await server.ready;
    expect(await ask(WEB)).toBe("10.96.0.1");
  });
});

describe("a remote source that is late", () => {
  const REMOTE = { isRemote: true, isControlled: false, precedence: 20 } as const;

  test("what others hold is answered, and what it may hold is SERVFAIL with EDE 14", async () => {
    const [local, remote] = [new ScriptedSource("local"), new ScriptedSource("remote", REMOTE)];
    const { server, ask } = await run([local, remote]);
    remote.replace(service("api", "10.96.0.81"), service("web", "10.96.0.82"));
    local.replace(service("web", "10.96.0.80"));
    expect(await ask(WEB)).toBe(SERVFAIL_NOT_READY);
    local.sync();
    await expect.poll(() => ask(WEB)).toBe("10.96.0.80");
    expect(await ask("api.default.svc.cluster.local.")).toBe(SERVFAIL_NOT_READY);
    expect(await ask(FOREIGN)).toBe("192.0.2.1");
    local.replace(service("web", "10.96.0.83"));
    await expect.poll(() => ask(WEB)).toBe("10.96.0.83");
    remote.sync();
    await server.ready;
    expect(await ask("api.default.svc.cluster.local.")).toBe("10.96.0.81");
    expect(await ask("none.default.svc.cluster.local.")).toBe("NXDOMAIN");
    // Its version of the other object waits behind.
    expect(await ask(WEB)).toBe("10.96.0.83");
    await expect.poll(() => server.problems.map(({ code }) => code)).toEqual(["duplicate-object"]);
    local.replace();
    await expect.poll(() => ask(WEB)).toBe("10.96.0.82");
  });

  test("comes after sources whose objects win over its own, however late these are", async () => {
    const [local, remote] = [new ScriptedSource("local"), new ScriptedSource("remote", REMOTE)];
    const { server, ask } = await run([local, remote]);
    remote.replace(service("web", "10.96.0.82"));
    remote.sync();
    expect(await ask(WEB)).toBe(SERVFAIL_NOT_READY);
    local.replace(service("web", "10.96.0.80"));
    local.sync();
    await server.ready;
    expect(await ask(WEB)).toBe("10.96.0.80");
  });
});

describe("a source that fails", () => {
  test("at its start: ready rejects with its error", async () => {
    const source = new ScriptedSource("live");
    const { server } = await run([source]);
    source.fail(new SourceError("no such cluster"));
    await expect(server.ready).rejects.toThrow("no such cluster");
    expect(source.isClosed).toBe(true);
  });

  test("later: what it held stays in force, its problems are told, and it comes back", async () => {
    const source = new ScriptedSource("live", LIVE);
    const { server, ask } = await run([source]);
    source.replace(service("web", "10.96.0.80"));
    source.sync();
    await server.ready;
    source.setStatus({ state: "stale", sinceMs: Date.now(), reason: "connection refused" });
    expect(await ask(WEB)).toBe("10.96.0.80");
    source.setStatus({ state: "syncing" });
    expect(await ask(WEB)).toBe("10.96.0.80");
    source.replace(service("web", "10.96.0.81"), service("api", "10.96.0.82"));
    source.sync();
    await expect.poll(() => ask(WEB)).toBe("10.96.0.81");
    expect(await ask("api.default.svc.cluster.local.")).toBe("10.96.0.82");
  });
});

describe("two sources at once", () => {
  test("the one with the smaller precedence counts; when it withdraws, the other's objects come back", async () => {
    const [written, live] = [new ScriptedSource("written", { precedence: 1 }), new ScriptedSource("live", LIVE)];
    const { server, ask } = await run([written, live]);
    live.replace(service("web", "10.96.0.2"), service("only-live", "10.96.0.3"));
    written.replace(service("web", "10.96.0.1"));
    live.sync();
    written.sync();
    await server.ready;
    expect(await ask(WEB)).toBe("10.96.0.1");
    expect(await ask("only-live.default.svc.cluster.local.")).toBe("10.96.0.3");
    expect(server.problems.map(({ code }) => code)).toEqual(["duplicate-object"]);
    written.withdraw();
    await expect.poll(() => ask(WEB)).toBe("10.96.0.2");
    await expect.poll(() => server.problems).toEqual([]);
    live.withdraw();
    await expect.poll(() => ask(WEB)).toBe("NXDOMAIN");
  });

  test("controllers act on the manifests' objects and leave those of the live cluster alone", async () => {
    const [written, live] = [new ScriptedSource("written", { precedence: 1 }), new ScriptedSource("live", LIVE)];
    const { server, ask } = await run([written, live]);
    const deployment = (name: string): object => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
    });
    const headless = (name: string): object => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { clusterIP: "None", selector: { app: name }, ports: [{ port: 80 }] },
    });
    written.replace(deployment("web"), headless("web"));
    live.replace(deployment("api"), headless("api"));
    written.sync();
    live.sync();
    await server.ready;
    expect(await ask(WEB)).toMatch(/^10\.244\.\d+\.\d+$/);
    expect(await ask("api.default.svc.cluster.local.")).toBe("NXDOMAIN");
  });
});

test("a large change is applied in slices and seen as one: the first name and the last change together", async () => {
  const source = new ScriptedSource("live", LIVE);
  const { server, ask } = await run([source]);
  const COUNT = 3_000;
  const all = (address: string): object[] => Array.from({ length: COUNT }, (_, i) => service(`s${i}`, address));
  source.replace(...all("10.96.0.1"));
  source.sync();
  await server.ready;
  source.replace(...all("10.96.0.2"));
  const names = [`s0.default.svc.cluster.local.`, `s${COUNT - 1}.default.svc.cluster.local.`];
  const seen: string[] = [];
  let turns = 0;
  // The last name is asked first: what it shows, the first must show as well.
  while (seen.at(-1) !== "10.96.0.2 10.96.0.2") {
    const [last, first] = [await ask(names[1]!), await ask(names[0]!)];
    if (seen.at(-1) !== `${first} ${last}`) seen.push(`${first} ${last}`);
    turns++;
  }
  const pairs = seen.filter((pair) => pair !== "10.96.0.2 10.96.0.1");
  expect(pairs).toEqual(["10.96.0.1 10.96.0.1", "10.96.0.2 10.96.0.2"]);
  // The server runs in this thread: it answered while it applied the change.
  expect(turns).toBeGreaterThan(1);
});

/** A control plane of its own, without sockets; not started. */
async function openPlane(
  sources: readonly ScriptedSource[],
  more: { readonly stateFile?: string; readonly onZonesPublished?: () => void } = {},
): Promise<{ readonly plane: ControlPlane; readonly parts: ControlPlaneParts }> {
  const log = createLog("silent");
  const parts = {
    problems: new ProblemLog(log),
    log,
    table: new TableWriter([1, 2], () => undefined),
    serverAddresses: [],
    onZonesPublished: more.onZonesPublished ?? ((): void => undefined),
  };
  const { stateFile } = more;
  const options = { ...optionsFromSettings({}), ...(stateFile !== undefined && { stateFile }) };
  const plane = await ControlPlane.open([{ options, sources }], parts);
  closing.push(() => plane.close());
  return { plane, parts };
}

async function stateFileWith(podIps: ReadonlyMap<string, readonly string[]>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "control-plane-"));
  closing.push(() => rm(folder, { recursive: true }));
  const stateFile = join(folder, "state.json");
  expect(await writeState(stateFile, { clusterIps: new Map(), podIps })).toEqual([]);
  return stateFile;
}

describe("published", () => {
  test("waits for the sources that are late", async () => {
    const [live, files] = [new ScriptedSource("live", LIVE), new ScriptedSource("files", ZONES_ONLY)];
    const zones = Promise.withResolvers<void>();
    const { plane } = await openPlane([live, files], { onZonesPublished: zones.resolve });
    void plane.start();
    const hosts: ZoneContents = new Map([
      ["hosts", { origin: files.origin, content: { kind: "hosts", entries: hostsOf("192.0.2.7 printer.example") } }],
    ]);
    files.replaceZones(new Map([...zoneFile("example.org", "192.0.2.80", files), ...hosts]));
    files.sync();
    await zones.promise;
    let isPublished = false;
    const published = plane.published().then(() => (isPublished = true));
    await untilNextTurn();
    expect(isPublished).toBe(false);
    live.replace(service("web", "10.96.0.80"));
    live.sync();
    await published;
    expect(plane.cluster.registry.service("default", "web")).toBeDefined();
  });

  test("is released when the plane closes before the sources have synced", async () => {
    const { plane } = await openPlane([new ScriptedSource("live", LIVE)]);
    void plane.start();
    const published = plane.published();
    await plane.close();
    await published;
  });
});

test("a source that syncs while zone files are published: the first load is still to come, and taken as one", async () => {
  const [live, files] = [new ScriptedSource("live", LIVE), new ScriptedSource("files", ZONES_ONLY)];
  const { plane, parts } = await openPlane([live, files]);
  const started = plane.start();
  live.replace(service("web", "10.96.0.80"));
  live.replaceAt("other", service("web", "10.96.0.81"));
  // So many names that the publication pauses: `sync` comes in that pause.
  const names = Array.from({ length: 40_000 }, (_, i) => `n${i + 10_000}`);
  const hosts = { kind: "hosts" as const, entries: hostsOf(`192.0.2.80 ${names.join(" ")}`) };
  files.replaceZones(new Map([["hosts", { origin: files.origin, content: hosts }]]));
  const report = parts.problems.set.bind(parts.problems);
  vi.spyOn(parts.problems, "set").mockImplementation((origin, problems) => {
    if (origin === "zones") setImmediate(() => live.sync());
    report(origin, problems);
  });
  files.sync();
  await started;
  // In a first load nothing is being renamed: what is there twice is reported at once.
  expect(parts.problems.all.map(({ code }) => code)).toEqual(["duplicate-object"]);
});

describe("close", () => {
  test("during the first load leaves the state file as it was", async () => {
    const stateFile = await stateFileWith(new Map([["default/web-0", ["10.244.0.9"]]]));
    const before = await readFile(stateFile, "utf8");
    const source = new ScriptedSource("manifests");
    const { plane } = await openPlane([source], { stateFile });
    const started = plane.start();
    await plane.close();
    source.replace(service("web", "10.96.0.80"));
    source.sync();
    await started;
    expect(await readFile(stateFile, "utf8")).toBe(before);
  });

  test("in the midst of a publication publishes what came since, and leaves no timer", async () => {
    const source = new ScriptedSource("live", LIVE);
    const { plane, parts } = await openPlane([source]);
    const started = plane.start();
    source.sync();
    await started;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      source.replace(...Array.from({ length: 5_000 }, (_, i) => service(`s${i}`, "10.96.0.1")));
      vi.advanceTimersByTime(100);
      const size = parts.table.size;
      source.replaceAt("other", service("web", "10.96.0.80"), service("s1", "10.96.0.1"));
      await plane.close();
      expect(parts.table.size).toBeGreaterThan(size);
      expect(plane.cluster.registry.service("default", "web")).toBeDefined();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

test("zone files that are published before the cluster is known do not write the state file", async () => {
  const stateFile = await stateFileWith(new Map([["default/web-0", ["10.244.0.9"]]]));
  const [live, files] = [new ScriptedSource("live", LIVE), new ScriptedSource("files", ZONES_ONLY)];
  const { promise, resolve } = Promise.withResolvers<void>();
  const { plane } = await openPlane([live, files], { stateFile, onZonesPublished: resolve });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const started = plane.start();
    const hosts: ZoneContents = new Map([
      ["hosts", { origin: files.origin, content: { kind: "hosts", entries: hostsOf("192.0.2.7 printer.example") } }],
    ]);
    files.replaceZones(new Map([...zoneFile("example.org", "192.0.2.80", files), ...hosts]));
    files.sync();
    vi.advanceTimersByTime(100);
    await promise;
    expect(vi.getTimerCount()).toBe(0);
    closing.push(() => started);
    live.sync();
    vi.advanceTimersByTime(100);
  } finally {
    vi.useRealTimers();
  }
});

test("the log tells of changes, and of a source that is away and back; not of the start", async () => {
  const source = new ScriptedSource("live", LIVE);
  const log = keptLog();
  const options = optionsFromSettings({ logLevel: "info" });
  const server = startServer(options, { paths: [], log: createLog("info", log.output), sources: [source] });
  closing.push(() => server.close());
  await source.started;
  source.replace(service("web", "10.96.0.80"));
  source.sync();
  await server.ready;
  source.setStatus({ state: "stale", sinceMs: 0, reason: "refused" });
  source.setStatus({ state: "synced" });
  source.setStatus({ state: "synced" });
  source.replace(service("web", "10.96.0.81"));
  const told = (): unknown[] => log.entries().map(({ msg, service: name, source: id }) => [msg, name ?? id]);
  await vi.waitFor(() =>
    expect(told()).toEqual([
      ["serving", undefined],
      ["source is unreachable: its last objects stay in force", "live"],
      ["source is reachable again", "live"],
      ["addresses of a service have changed", "default/web"],
    ]),
  );
});
