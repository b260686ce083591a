// The API of a cluster as the source, beside CoreDNS where there is one: time and memory to ready, time from an event to
// its answer, a rollout, and a full relist. Gives Markdown.
import { readFileSync, writeFileSync } from "node:fs";
import { expired } from "../test/support/api-server/api-failure.ts";
import type { ApiServer } from "../test/support/api-server/api-server.ts";
import { UdpClient } from "../test/support/network.ts";
import { readMessage, writeQuery } from "../test/support/wire.ts";
import { checkServers } from "./check-answers.ts";
import { ExpectedAnswers } from "./cluster-records.ts";
import { makeQuestions, makeServices, serviceName, serviceObject, sliceObjects } from "./cluster.ts";
import type { ClusterSize } from "./cluster.ts";
import { runLoad } from "./dnsperf.ts";
import type { LoadResult } from "./dnsperf.ts";
import { writeQuestions } from "./manifests.ts";
import { delay } from "./processes.ts";
import { treeUsage } from "./process-usage.ts";
import { startApiServer } from "./start-api-server.ts";
import { OURS_ALONE, startCoreDns, startOurs } from "./servers.ts";
import type { Bed, BenchServer } from "./servers.ts";
import { formatNumber, formatTable, median, percentile } from "./statistics.ts";

const LARGE: ClusterSize = { services: 10_000, endpoints: 10 };
const LARGER: ClusterSize = { services: 20_000, endpoints: 10 };
const SMALL: ClusterSize = { services: 1_000, endpoints: 10 };
const ROLLOUT: ClusterSize = { services: 4, endpoints: 5_000 };
const STARTS = 3;
const EVENTS_PER_SECOND = 500;
const EVENTS = 5_000;
const SLICES_PER_SECOND = 100;
/** How long a change may take before it counts as lost. */
const ANSWER_MS = 5_000;
const SETTLE_MS = 10_000;
const QUESTIONS = 20_000;
const RELIST_SECONDS = 4;

/** All of it; `coreDns` is a binary to be measured as well. */
export async function measureKubernetes(bed: Bed, coreDns: string | undefined): Promise<string> {
  return `## The API of a cluster as the source\n
${await measureStarts(bed, coreDns)}
${await measureEvents(bed, coreDns)}
${await measureRollout(bed)}
${await measureRelist(bed)}`;
}

function startByApi(bed: Bed, api: ApiServer): Promise<BenchServer> {
  const kubeconfig = `${bed.folder}/kubeconfig`;
  writeFileSync(kubeconfig, api.kubeconfig());
  const source = ["--source", "kubernetes", "--kubeconfig", kubeconfig, "--startup-timeout", "120"];
  return startOurs(bed, "cluster-dns", undefined, [...source, ...OURS_ALONE]);
}

async function measureStarts(bed: Bed, coreDns: string | undefined): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const size of [LARGE, LARGER]) {
    const services = makeServices(size);
    const api = await startApiServer(services);
    const starts = [
      { name: "cluster-dns", start: () => startByApi(bed, api) },
      ...(coreDns === undefined ? [] : [{ name: "CoreDNS", start: () => startCoreDns(bed, coreDns, api, services) }]),
    ];
    const samples = new Map(starts.map(({ name }) => [name, [] as Sample[]]));
    for (let round = 0; round < STARTS; round++) {
      for (const { name, start } of starts) samples.get(name)!.push(await sampleStart(start));
    }
    for (const [name, of] of samples) {
      const number = (pick: (sample: Sample) => number, digits: number): string =>
        formatNumber(median(of.map(pick)), digits);
      const peak = number(({ peakBytes }) => peakBytes / 1e6, 0);
      const cells = [number(({ readyMs }) => readyMs / 1000, 2), peak, number(({ cpuUs }) => cpuUs / 1e6, 2)];
      rows.push([`${name}, ${formatNumber(size.services)} services of ${size.endpoints}`, ...cells]);
    }
    await api.close();
  }
  return formatTable(["start", "ready s", "peak MB", "CPU s"], rows);
}

interface Sample {
  readonly readyMs: number;
  /** Of the whole process, from its start. */
  readonly peakBytes: number;
  readonly cpuUs: number;
}

async function sampleStart(start: () => Promise<BenchServer>): Promise<Sample> {
  const server = await start();
  const { cpuUs } = treeUsage(server.pid);
  const status = readFileSync(`/proc/${server.pid}/status`, "latin1");
  const peakBytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  await server.stop();
  return { readyMs: server.readyMs, peakBytes, cpuUs };
}

/** Services get new addresses, one after the other; each is asked for until the new one is answered. */
async function measureEvents(bed: Bed, coreDns: string | undefined): Promise<string> {
  const services = makeServices(SMALL);
  const changing = services.filter(({ clusterIp }) => clusterIp !== undefined);
  const api = await startApiServer(services);
  const servers = [
    await startByApi(bed, api),
    ...(coreDns === undefined ? [] : [await startCoreDns(bed, coreDns, api, services)]),
  ];
  const rows: (readonly string[])[] = [];
  for (const server of servers) {
    const client = await UdpClient.open({ host: "127.0.0.1", port: server.port });
    const ask = asker(client);
    const latencies: Promise<number>[] = [];
    const startedAtMs = performance.now();
    for (let i = 0; i < EVENTS; i++) {
      const service = changing[i % changing.length]!;
      const address = `10.97.${(i >> 8) & 0xff}.${i & 0xff}`;
      api.put(serviceObject({ ...service, clusterIp: address }));
      latencies.push(untilAnswered(ask, serviceName(service), address));
      await delay(Math.max(0, startedAtMs + ((i + 1) * 1000) / EVENTS_PER_SECOND - performance.now()));
    }
    const sorted = Float64Array.from(await Promise.all(latencies)).toSorted();
    client.close();
    await server.stop();
    const lost = sorted.filter((ms) => ms >= ANSWER_MS).length;
    const [half, most] = [0.5, 0.99].map((p) => formatNumber(percentile(sorted, p), 1));
    rows.push([server.name, half!, most!, formatNumber(lost)]);
  }
  await api.close();
  const head = ["event to answer", "median ms", "p99 ms", "lost"];
  return `${formatNumber(EVENTS)} events, ${EVENTS_PER_SECOND} a second:\n\n${formatTable(head, rows)}`;
}

/** Asks for the addresses of a name. */
type Ask = (name: string) => Promise<readonly string[]>;

function asker(client: UdpClient): Ask {
  let id = 0;
  return async (name) => {
    id = (id + 1) & 0xffff;
    const { answer } = readMessage(await client.ask(writeQuery({ name, type: "A", id })));
    return answer.map(({ rdata }) => rdata);
  };
}

/** Milliseconds until the name has exactly this address. */
async function untilAnswered(ask: Ask, name: string, address: string): Promise<number> {
  const startedAtMs = performance.now();
  for (;;) {
    const elapsedMs = performance.now() - startedAtMs;
    if (elapsedMs >= ANSWER_MS) return ANSWER_MS;
    const addresses = await ask(name);
    if (addresses.length === 1 && addresses[0] === address) return performance.now() - startedAtMs;
    await delay(1);
  }
}

/** All pods of a large service are replaced, slice by slice; each new pod's own name is asked for until it is there. */
async function measureRollout(bed: Bed): Promise<string> {
  const services = makeServices(ROLLOUT);
  const service = services.find(({ clusterIp }) => clusterIp === undefined)!;
  const api = await startApiServer([service]);
  const server = await startByApi(bed, api);
  const client = await UdpClient.open({ host: "127.0.0.1", port: server.port });
  const ask = asker(client);
  const nameOf = (address: string): string => `${address.replaceAll(".", "-")}.${serviceName(service)}`;
  const replaced = { ...service, endpoints: service.endpoints.map((address) => address.replace(/^10\.\d+/, "10.190")) };
  const latencies: Promise<number>[] = [];
  const startedAtMs = performance.now();
  for (const [i, slice] of sliceObjects(replaced).entries()) {
    api.put(slice);
    const last = replaced.endpoints[i * 100 + 99]!;
    latencies.push(untilAnswered(ask, nameOf(last), last));
    await delay(Math.max(0, startedAtMs + ((i + 1) * 1000) / SLICES_PER_SECOND - performance.now()));
  }
  const sorted = Float64Array.from(await Promise.all(latencies)).toSorted();
  let wrong = 0;
  for (const [i, old] of service.endpoints.entries()) {
    const now = replaced.endpoints[i]!;
    if ((await ask(nameOf(old))).length > 0 || (await ask(nameOf(now)))[0] !== now) wrong++;
  }
  client.close();
  await server.stop();
  await api.close();
  const [half, most] = [0.5, 0.99].map((p) => formatNumber(percentile(sorted, p), 1));
  return `A rollout of ${formatNumber(ROLLOUT.endpoints)} endpoints, ${SLICES_PER_SECOND} slices a second: median ${half} ms, p99 ${most} ms \
to the new pods' names; ${wrong} wrong at the end.\n`;
}

/** The API server has forgotten the version: everything is listed again, while clients ask at a steady rate. */
async function measureRelist(bed: Bed): Promise<string> {
  const services = makeServices(LARGE);
  const api = await startApiServer(services);
  const server = await startByApi(bed, api);
  await delay(SETTLE_MS);
  const file = `${bed.folder}/questions.txt`;
  const questions = makeQuestions(services, QUESTIONS);
  writeQuestions(file, questions);
  await checkServers([server], questions, new ExpectedAnswers(services));
  const load = { port: server.port, file, seconds: RELIST_SECONDS, clients: 16, outstanding: 100 };
  const ask = (): Promise<LoadResult> => runLoad(bed.processes, load, `${bed.folder}/dnsperf.txt`);
  await ask();
  const quiet = await ask();
  const before = treeUsage(server.pid).residentBytes;
  const listsBefore = countLists(api);
  for (const watch of api.watches) watch.fail(expired());
  const asked = ask();
  let most = 0;
  let isAsking = true;
  void asked.finally(() => (isAsking = false));
  while (isAsking) {
    most = Math.max(most, treeUsage(server.pid).residentBytes);
    await delay(20);
  }
  const busy = await asked;
  if (countLists(api) === listsBefore) throw new Error("nothing was listed again");
  if (JSON.stringify(Object.keys(busy.rcodes)) !== JSON.stringify(Object.keys(quiet.rcodes)))
    throw new Error(`other answers during a relist: ${JSON.stringify(busy.rcodes)}`);
  await server.stop();
  await api.close();
  const growth = formatNumber((100 * (most - before)) / before, 1);
  const ratio = formatNumber(busy.queriesPerSecond / quiet.queriesPerSecond, 2);
  return `A full relist of ${formatNumber(LARGE.services)} services: resident memory ${formatNumber(before / 1e6)} MB before, at most \
${formatNumber(most / 1e6)} MB during it (${growth} %). Throughput of ${RELIST_SECONDS} s with the relist in them to those before: ${ratio}; \
${formatNumber(busy.lost)} lost.\n`;
}

function countLists(api: ApiServer): number {
  return api.requests.filter(({ query }) => query.has("sendInitialEvents") || !query.has("watch")).length;
}
