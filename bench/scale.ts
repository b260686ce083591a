// How it grows: time to ready and memory with ten thousand services, from JSON and from YAML, throughput beside a
// cluster a tenth of the size, and one service of five thousand endpoints. Gives Markdown.
import { askTcp } from "../test/support/network.ts";
import { readMessage, writeQuery } from "../test/support/wire.ts";
import { askUdp } from "./check-answers.ts";
import { makeQuestions, makeServices, serviceName } from "./cluster.ts";
import type { ClusterSize } from "./cluster.ts";
import { startApiServer } from "./start-api-server.ts";
import { writeManifests, writeQuestions } from "./manifests.ts";
import { delay } from "./processes.ts";
import { treeUsage } from "./process-usage.ts";
import { alternate, measureLoad, medianRatio } from "./rounds.ts";
import { startCoreDns, startOurs } from "./servers.ts";
import type { Bed, BenchServer } from "./servers.ts";
import type { BenchSettings } from "./settings.ts";
import { formatNumber, formatTable, median } from "./statistics.ts";

const SMALL: ClusterSize = { services: 1_000, endpoints: 10 };
const LARGE: ClusterSize = { services: 10_000, endpoints: 10 };
/** 16 bytes a record: more than a DNS message can hold. */
const HUGE_SERVICE: ClusterSize = { services: 4, endpoints: 5_000 };
/** When a server that has just loaded has come to rest. */
const SETTLE_MS = 15_000;
const QUESTIONS = 50_000;

/** All of it; `coreDns` is a binary to be measured as well. */
export async function measureScale(bed: Bed, settings: BenchSettings, coreDns: string | undefined): Promise<string> {
  writeManifests(`${bed.folder}/small-json`, makeServices(SMALL), "json");
  writeManifests(`${bed.folder}/large-json`, makeServices(LARGE), "json");
  writeManifests(`${bed.folder}/large-yaml`, makeServices(LARGE), "yaml");
  const loads = [
    await measureStart("1,000 services, JSON", () => startOurs(bed, "small", `${bed.folder}/small-json`)),
    await measureStart("10,000 services, YAML", () => startOurs(bed, "large", `${bed.folder}/large-yaml`)),
    await measureStart("10,000 services, JSON", () => startOurs(bed, "large", `${bed.folder}/large-json`)),
  ];
  if (coreDns !== undefined) {
    const api = await startApiServer(makeServices(LARGE));
    const start = (): Promise<BenchServer> => startCoreDns(bed, coreDns, api, makeServices(LARGE));
    loads.push(await measureStart("10,000 services, CoreDNS", start));
    await api.close();
  }
  return `## Scale (10 endpoints a service; JSON: 8 s and 260 MB, YAML: 20 s)\n
${formatTable(["cluster", "ready s", "resident MB when ready", "15 s later"], loads)}
${await compareSizes(bed, settings)}
${await askHugeService(bed)}`;
}

async function measureStart(label: string, start: () => Promise<BenchServer>): Promise<readonly string[]> {
  const server = await start();
  const ready = treeUsage(server.pid).residentBytes;
  await delay(SETTLE_MS);
  const settled = treeUsage(server.pid).residentBytes;
  await server.stop();
  return [label, formatNumber(server.readyMs / 1000, 2), formatNumber(ready / 1e6), formatNumber(settled / 1e6)];
}

async function compareSizes(bed: Bed, { rounds, seconds }: BenchSettings): Promise<string> {
  const sizes = [
    { name: "10,000 services", size: LARGE, folder: `${bed.folder}/large-json` },
    { name: "1,000 services", size: SMALL, folder: `${bed.folder}/small-json` },
  ];
  const servers: BenchServer[] = [];
  const questionFiles = new Map<BenchServer, string>();
  for (const { name, size, folder } of sizes) {
    const server = await startOurs(bed, name, folder);
    const file = `${folder}.txt`;
    writeQuestions(file, makeQuestions(makeServices(size), QUESTIONS));
    servers.push(server);
    questionFiles.set(server, file);
  }
  const samples = await alternate(servers, rounds, (server) =>
    measureLoad(bed, server, { file: questionFiles.get(server)!, seconds, clients: 16, outstanding: 100 }),
  );
  await Promise.all(servers.map((server) => server.stop()));
  const [large, small] = servers.map((server) => samples.get(server)!);
  const rows = servers.map((server) => [
    server.name,
    formatNumber(median(samples.get(server)!.map(({ queriesPerSecond }) => queriesPerSecond))),
    formatNumber(median(samples.get(server)!.map(({ cpuUs }) => cpuUs)), 2),
  ]);
  const ratio = formatNumber(
    medianRatio(large!, small!, ({ queriesPerSecond }) => queriesPerSecond),
    2,
  );
  const table = formatTable(["cluster", "queries/s", "CPU µs/query"], rows);
  return `${table}\nThroughput of the larger to the smaller: ${ratio} (at least 0.80).\n`;
}

/** The one headless service of five thousand endpoints, over UDP and TCP. */
async function askHugeService(bed: Bed): Promise<string> {
  const services = makeServices(HUGE_SERVICE);
  const headless = services.find(({ clusterIp }) => clusterIp === undefined)!;
  writeManifests(`${bed.folder}/huge`, [headless], "json");
  const server = await startOurs(bed, "huge", `${bed.folder}/huge`);
  const question = { name: serviceName(headless), type: "A" } as const;
  const overUdp = await askUdp(server.port, question);
  const bytes = await askTcp({ host: "127.0.0.1", port: server.port }, writeQuery(question));
  const overTcp = readMessage(bytes);
  await server.stop();
  const udp = `${overUdp?.answer.length ?? 0} records, TC ${overUdp?.flags.tc === true ? "set" : "not set"}`;
  const tcp = `${overTcp.answer.length} records in ${bytes.length} bytes`;
  return `One service of ${formatNumber(HUGE_SERVICE.endpoints)} endpoints: UDP ${udp}; TCP ${tcp}.\n`;
}
