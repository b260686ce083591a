// What a real server tells of itself at /metrics: each number grows where the thing happens, and nowhere else.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { TRANSPORT_ROWS } from "../../src/metrics/transport-metrics.ts";
import { createLog } from "../../src/observe/log.ts";
import { startServer as startPlanes } from "../../src/planes/server.ts";
import { reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { makeCertificate } from "../support/certificates.ts";
import { headless, manyEndpoints, service } from "../support/cluster.ts";
import { startEngine } from "../support/engine.ts";
import type { EngineSettings, Server } from "../support/engine.ts";
import { NamedUpstream } from "../support/forwarding.ts";
import { keptLog } from "../support/kept-log.ts";
import { askTcp, frame, UdpClient } from "../support/network.ts";
import { Scrape } from "../support/scrape.ts";
import { ScriptedSource } from "../support/scripted-source.ts";
import { writeReply } from "../support/scripted-upstream.ts";
import { readMessage, writeHeader, writeQuery } from "../support/wire.ts";

const DOMAIN = "cluster.local.";
const folder = mkdtempSync(join(tmpdir(), "server-metrics-"));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(settings: EngineSettings): Promise<{ server: Server; udp: UdpClient }> {
  const server = startEngine({ admin: "0", ...settings });
  closing.push(() => server.close());
  await server.ready;
  const udp = await UdpClient.open(server.addresses[0]!);
  closing.push(() => udp.close());
  return { server, udp };
}

/** How much samples of a name grew while `asked` ran, by the values of their labels but server and le. */
async function growth(server: Server, name: string, asked: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await Scrape.of(server);
  await asked();
  const after = await Scrape.of(server);
  const grown: Record<string, number> = {};
  for (const each of after.samples.filter((sample) => sample.name === name)) {
    const { server: _, ...labels } = each.labels;
    const more = each.value - (before.value(name, each.labels) ?? 0);
    if (more !== 0) grown[Object.values(labels).join(" ")] = more;
  }
  return grown;
}

const POLL = { timeout: 10_000, interval: 20 } as const;

const transports = reasonAgainstBatches() === undefined ? (["dgram", "batch"] as const) : (["dgram"] as const);

describe.each(transports)("answers (%s)", (udpTransport) => {
  const identity = makeCertificate({ addresses: ["127.0.0.1"] });
  let server: Server;
  let udp: UdpClient;
  beforeAll(async () => {
    server = startEngine({
      admin: "0",
      listen: ["127.0.0.1:0", "tls://127.0.0.1:0", "127.0.0.2:0"],
      tlsCert: file("tls.crt", identity.cert),
      tlsKey: file("tls.key", identity.key),
      udpTransport,
      ...(udpTransport === "batch" && { udpWorkers: 2 }),
      objects: [service("web", "10.96.0.80"), ...headless("big", manyEndpoints(200))],
    });
    await server.ready;
    udp = await UdpClient.open(server.addresses[0]!);
  });
  afterAll(async () => {
    udp?.close();
    await server?.close();
  });

  const web = { name: `web.default.svc.${DOMAIN}`, type: "A" };
  const big = { name: `big.default.svc.${DOMAIN}`, type: "A" };
  const ask = (query: Parameters<typeof writeQuery>[0]): Promise<Buffer> => udp.ask(writeQuery(query));
  const answers = "cluster_dns_answers_total";

  async function askTls(query: Buffer): Promise<void> {
    const { host, port } = server.addresses[1]!;
    const socket = connect({ host, port, ca: identity.cert, ALPNProtocols: ["dot"] });
    await once(socket, "secureConnect");
    socket.write(frame(query));
    await once(socket, "data");
    socket.destroy();
  }

  test.each<[what: string, asked: () => Promise<unknown>, grown: string]>([
    ["a service", () => ask(web), "udp cluster A NOERROR"],
    ["a name that is not there", () => ask({ name: `no.${DOMAIN}`, type: "AAAA" }), "udp cluster AAAA NXDOMAIN"],
    ["a reverse name", () => ask({ name: "80.0.96.10.in-addr.arpa.", type: "PTR" }), "udp reverse PTR NOERROR"],
    ["localhost", () => ask({ name: "localhost.", type: "A" }), "udp special A NOERROR"],
    ["a rare type", () => ask({ ...web, type: "TYPE999" }), "udp cluster other NOERROR"],
    ["a name outside", () => ask({ name: "example.com.", type: "A" }), "udp none A REFUSED"],
    ["TCP", () => askTcp(server.addresses[0]!, writeQuery(web)), "tcp cluster A NOERROR"],
    ["TLS", () => askTls(writeQuery(web)), "tls cluster A NOERROR"],
  ])("%s", async (_, asked, grown) => {
    expect(await growth(server, answers, asked)).toEqual({ [grown]: 1 });
  });

  test("each address has its own", async () => {
    const other = await UdpClient.open(server.addresses[2]!);
    const before = await Scrape.of(server);
    await other.ask(writeQuery(web));
    other.close();
    const after = await Scrape.of(server);
    const [first, , third] = server.addresses.map(({ host, port }) => ({ server: `${host}:${port}` }));
    expect(after.value(answers, third)).toBe(1);
    expect(after.value(answers, first)).toBe(before.value(answers, first));
  });

  test("every answer is timed and sized once, and cut ones are told", async () => {
    const asked = (): Promise<unknown> => Promise.all(Array.from({ length: 50 }, (_, id) => ask({ ...web, id })));
    for (const name of ["query_size_bytes", "answer_size_bytes"])
      expect(await growth(server, `cluster_dns_${name}_count`, asked)).toEqual({ udp: 50 });
    // A thread counts the time of a batch when its replies have left.
    const timed = async (): Promise<boolean> => {
      const scrape = await Scrape.of(server);
      return scrape.value("cluster_dns_answer_duration_seconds_count") === scrape.value(answers);
    };
    await expect.poll(timed, POLL).toBe(true);
    expect(await growth(server, "cluster_dns_truncated_answers_total", () => ask(big))).toEqual({ udp: 1 });
    const wanting = { ...web, opt: { size: 1232, flags: 0x8000 } };
    expect(await growth(server, "cluster_dns_dnssec_queries_total", () => ask(wanting))).toEqual({ udp: 1 });
    // The bit of the query before must not count for one that can't be read.
    expect(
      await growth(server, "cluster_dns_dnssec_queries_total", async () => {
        await ask(wanting);
        await udp.ask(writeHeader(9, 0, 0, 0, 0, 0));
      }),
    ).toEqual({ udp: 1 });
  });

  test("what deserves no reply is dropped", async () => {
    const reply = writeHeader(1, 0x8000, 0, 0, 0, 0);
    const dropped = (): Promise<unknown> => {
      udp.send(reply);
      return ask(web);
    };
    expect(await growth(server, "cluster_dns_dropped_queries_total", dropped)).toEqual({ "udp unusable": 1 });
    expect(await growth(server, "cluster_dns_datagrams_received_total", dropped)).toEqual({ udp: 2 });
  });

  test("every number that a transport counts has a metric", async () => {
    const scrape = await Scrape.of(server);
    const { port } = server.addresses[0]!;
    const labels = { server: `127.0.0.1:${port}` };
    for (const name of ["accepted", "open", "chunks"])
      expect(scrape.value(TRANSPORT_ROWS[name]!.name, { ...labels, transport: "tcp" }), name).toBeDefined();
    expect(scrape.value("cluster_dns_workers", labels)).toBe(udpTransport === "batch" ? 2 : undefined);
  });

  test("the certificate's end", async () => {
    const expiry = (await Scrape.of(server)).value("cluster_dns_certificate_expiry_timestamp_seconds");
    expect(expiry).toBeGreaterThan(Date.now() / 1000);
  });
});

describe("forwarding", () => {
  test("hits, misses, entries; queries, replies, failures and health of each upstream", async () => {
    const [good, bad] = [await NamedUpstream.open(), await NamedUpstream.open()];
    closing.push(
      () => good.close(),
      () => bad.close(),
    );
    bad.say("*", ({ query }) => [{ bytes: writeReply(query, { rcode: 5 }) }]);
    const deadPort = await NamedUpstream.open();
    await deadPort.close();
    const stubs = { bad: bad.address, dead: deadPort.address };
    const { server, udp } = await start({
      upstream: good.address,
      stubDomain: [`bad.example=${stubs.bad}`, `dead.example=${stubs.dead}`],
    });
    const ask = async (name: string): Promise<string> =>
      readMessage(await udp.ask(writeQuery({ name, type: "A" }))).rcode;
    const rcodes = [await ask("www.example."), await ask("www.example."), await ask("www.bad.example.")];
    expect(rcodes).toEqual(["NOERROR", "NOERROR", "REFUSED"]);
    for (const name of ["a", "b"]) expect(await ask(`${name}.dead.example.`)).toBe("SERVFAIL");
    const scrape = await Scrape.of(server);
    const of = (name: string, labels?: Record<string, string>): number | undefined =>
      scrape.value(`cluster_dns_${name}`, labels);
    expect(of("answers_total", { answered_by: "upstream" })).toBe(4);
    expect(of("answers_total", { answered_by: "cache" })).toBe(1);
    expect([of("cache_hits_total", { kind: "answer" }), of("cache_misses_total")]).toEqual([1, 4]);
    expect([of("cache_entries", { kind: "answer" }), of("cache_entries", { kind: "denial" })]).toEqual([1, 3]);
    expect([of("forward_asked_total"), of("forward_failed_total")]).toEqual([4, 3]);
    const upstream = (text: string, domain: string) => ({ upstream: text, domain });
    const [first, second, third] = [
      upstream(good.address, "."),
      upstream(stubs.bad, "bad.example."),
      upstream(stubs.dead, "dead.example."),
    ];
    expect([first, second].map((labels) => of("upstream_queries_total", labels))).toEqual([1, 1]);
    expect(of("upstream_reply_duration_seconds_count", { ...first, rcode: "NOERROR" })).toBe(1);
    expect(of("upstream_reply_duration_seconds_count", { ...second, rcode: "REFUSED" })).toBe(1);
    expect(of("upstream_failures_total", { ...third, cause: "refused" })).toBeGreaterThanOrEqual(2);
    expect([first, second, third].map((labels) => of("upstream_up", labels))).toEqual([1, 1, 0]);
  });

  test("names that nobody has asked for before make no new series", async () => {
    const upstream = await NamedUpstream.open();
    closing.push(() => upstream.close());
    const { server, udp } = await start({ upstream: upstream.address });
    const ask = async (i: number): Promise<void> => {
      await udp.ask(writeQuery({ name: `n${i}.example.`, type: "A", id: i }));
      await udp.ask(writeQuery({ name: `n${i}.${DOMAIN}`, type: "A", id: i }));
    };
    await ask(0);
    const { samples } = await Scrape.of(server);
    for (let i = 1; i <= 500; i++) await ask(i);
    const after = await Scrape.of(server);
    expect(after.samples.length).toBe(samples.length);
    expect(after.text).not.toMatch(/n\d+\.(example|cluster)/);
  });
});

test("records of queries, while somebody wants them", async () => {
  const web = writeQuery({ name: `web.${DOMAIN}`, type: "A" });
  const { server, udp } = await start({ queryLog: "all", output: keptLog().output });
  for (let i = 0; i < 3; i++) await udp.ask(web);
  const of = async (name: string): Promise<number | undefined> => (await Scrape.of(server)).value(name);
  await expect.poll(() => of("cluster_dns_query_records_total"), POLL).toBe(3);
  expect(await of("cluster_dns_query_records_lost_total")).toBe(0);
});

describe("the control plane", () => {
  test("problems come and go; sources and objects are counted", async () => {
    const { server } = await start({ objects: [service("web", "10.96.0.80"), { kind: "Service", apiVersion: "v1" }] });
    const scrape = await Scrape.of(server);
    expect(scrape.value("cluster_dns_ready")).toBe(1);
    expect(scrape.value("cluster_dns_source_objects", { source: "program" })).toBe(1);
    expect(scrape.value("cluster_dns_objects", { kind: "Service" })).toBeGreaterThanOrEqual(1);
    expect(scrape.value("cluster_dns_problems", { severity: "error" })).toBeGreaterThan(0);
    await server.setObjects([service("web", "10.96.0.80")]);
    expect((await Scrape.of(server)).value("cluster_dns_problems", { severity: "error" })).toBeUndefined();
    expect((await Scrape.of(server)).value("cluster_dns_publication_duration_seconds_count")).toBeGreaterThan(1);
  });

  test("a source that is out of reach says since when", async () => {
    const live = new ScriptedSource("live");
    const server = startPlanes(optionsFromSettings({ admin: "0" }), {
      paths: [],
      log: createLog("silent"),
      sources: [live],
    });
    closing.push(() => server.close());
    await live.started;
    const of = async (name: string): Promise<number | undefined> =>
      (await Scrape.of(server)).value(`cluster_dns_source_${name}`, { source: "live" });
    expect([await of("synced"), (await Scrape.of(server)).value("cluster_dns_ready")]).toEqual([0, 0]);
    live.sync();
    await server.ready;
    expect([await of("synced"), await of("stale_seconds")]).toEqual([1, 0]);
    live.setStatus({ state: "stale", sinceMs: Date.now() - 60_000, reason: "gone" });
    expect(await of("synced")).toBe(0);
    expect(await of("stale_seconds")).toBeGreaterThanOrEqual(60);
  });

  test("a file's save is measured to its publication, and a bad one is a failed reload", async () => {
    const path = file("web.yaml", JSON.stringify(service("web", "10.96.0.1")));
    const { server } = await start({ paths: [path] });
    const latency = "cluster_dns_programming_duration_seconds_count";
    const reloads = async (result: string): Promise<number | undefined> =>
      (await Scrape.of(server)).value("cluster_dns_reloads_total", { what: "manifests", result });
    expect((await Scrape.of(server)).value(latency, { kind: "file" })).toBe(0);
    const next = file("web.yaml.new", JSON.stringify(service("web", "10.96.0.2")));
    renameSync(next, path);
    await expect.poll(async () => (await Scrape.of(server)).value(latency, { kind: "file" }), POLL).toBe(1);
    const seconds = (await Scrape.of(server)).value("cluster_dns_programming_duration_seconds_sum", { kind: "file" })!;
    // It must stand still for a while before it is read.
    expect(seconds).toBeGreaterThan(0.01);
    expect(seconds).toBeLessThan(60);
    expect(await reloads("succeeded")).toBe(1);
    writeFileSync(path, "kind: [");
    await expect.poll(() => reloads("failed"), POLL).toBe(1);
  });
});

test("all that a server can tell, in every state, is well-formed", async () => {
  const { server } = await start({ metricsNames: "coredns" });
  const { samples, names } = await Scrape.of(server);
  for (const { name, value } of samples) expect([name, Number.isFinite(value)]).toEqual([name, true]);
  expect(names).toContain("coredns_dns_requests_total");
  expect(names).toContain("process_resident_memory_bytes");
  server.announceClose();
  expect((await Scrape.of(server)).value("cluster_dns_ready")).toBe(0);
});
