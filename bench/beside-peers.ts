// The parts that compare: throughput, CPU, loss and lone queries of ours beside the peers, and of the node:dgram
// fallback beside a canned responder. Each gives Markdown; servers are started and checked by the caller.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { runTimedLoad } from "./dnsperf.ts";
import type { Latency } from "./dnsperf.ts";
import { treeUsage } from "./process-usage.ts";
import { alternate, measureLoad, medianRatio } from "./rounds.ts";
import type { Measured } from "./rounds.ts";
import type { Bed, BenchServer } from "./servers.ts";
import type { BenchSettings } from "./settings.ts";
import { formatNumber, formatTable, median } from "./statistics.ts";

/** Where the load comes from. */
export interface Comparison {
  readonly bed: Bed;
  readonly settings: BenchSettings;
  readonly questionFile: string;
  /** Ours first. */
  readonly servers: readonly BenchServer[];
}

const CLIENTS = 16;
const OUTSTANDING = 100;
const OUTSTANDING_MANY = 400;
/** What every server here bears, so that percentiles tell of the server and not of the queue before it. */
const PACED_RATE = 20_000;

/** Queries a second, CPU, losses, memory, and the times of answers under a load that all of them bear. */
export async function compareThroughput({ bed, settings, questionFile, servers }: Comparison): Promise<string> {
  const { rounds, seconds } = settings;
  const load = { file: questionFile, seconds, clients: CLIENTS, outstanding: OUTSTANDING };
  const samples = await alternate(servers, rounds, (server) => measureLoad(bed, server, load));
  const paced = { ...load, rate: PACED_RATE };
  const timed = await alternate(servers, rounds, (server) =>
    runTimedLoad(bed.processes, { ...paced, port: server.port }, `${bed.folder}/dnsperf.txt`),
  );
  const rows = servers.map((server) => {
    const own = samples.get(server)!;
    const times: readonly Latency[] = timed.get(server)!;
    return [
      server.name,
      formatNumber(median(own.map(({ queriesPerSecond }) => queriesPerSecond))),
      formatNumber(median(own.map(({ cpuUs }) => cpuUs)), 2),
      formatNumber(own.reduce((sum, { lost }) => sum + lost, 0)),
      formatNumber(treeUsage(server.pid).residentBytes / 1e6),
      formatNumber(median(times.map(({ p50Us }) => p50Us))),
      formatNumber(median(times.map(({ p99Us }) => p99Us))),
    ];
  });
  const head = ["server", "queries/s", "CPU µs/query", "lost", "resident MB", "p50 µs", "p99 µs"];
  return `## Throughput\n
${CLIENTS} clients, ${OUTSTANDING} queries outstanding; p50 and p99 at ${formatNumber(PACED_RATE)} queries/s.

${formatTable(head, rows)}
${formatRatios(servers, samples)}`;
}

/** What gets lost when many queries are outstanding. */
export async function compareLoss({ bed, settings, questionFile, servers }: Comparison): Promise<string> {
  const load = { file: questionFile, seconds: settings.seconds, clients: CLIENTS, outstanding: OUTSTANDING_MANY };
  const samples = await alternate(servers, settings.rounds, (server) => measureLoad(bed, server, load));
  const rows = servers.map((server) => {
    const own = samples.get(server)!;
    return [
      server.name,
      formatNumber(own.reduce((sum, { completed }) => sum + completed, 0)),
      formatNumber(own.reduce((sum, { lost }) => sum + lost, 0)),
      formatNumber(median(own.map(({ queriesPerSecond }) => queriesPerSecond))),
    ];
  });
  return `## ${OUTSTANDING_MANY} outstanding (nothing may be lost)\n
${formatTable(["server", "answered", "lost", "queries/s"], rows)}`;
}

/** How long a query takes that is alone. */
export async function compareLone({ bed, settings, questionFile, servers }: Comparison): Promise<string> {
  const samples = await alternate(servers, settings.rounds, (server) =>
    runLoneClient(bed, server.port, questionFile, settings.seconds),
  );
  const ours = samples.get(servers[0]!)!;
  const rows = servers.map((server) => {
    const own = samples.get(server)!;
    return [
      server.name,
      formatNumber(median(own.map(({ p50Us }) => p50Us)), 1),
      formatNumber(median(own.map(({ p99Us }) => p99Us)), 1),
      formatNumber(own.reduce((sum, { lost }) => sum + lost, 0)),
      server === servers[0]
        ? "1.00"
        : formatNumber(
            medianRatio(ours, own, ({ p50Us }) => p50Us),
            2,
          ),
    ];
  });
  return `## Lone queries (p50 at most 1.3 times Knot's)\n
${formatTable(["server", "p50 µs", "p99 µs", "lost", "ours / its p50"], rows)}`;
}

/** The fallback transport, first of `servers`, beside a responder that looks nothing up (at least 85 % of it). */
export async function compareFallback({ bed, settings, questionFile, servers }: Comparison): Promise<string> {
  const load = { file: questionFile, seconds: settings.seconds, clients: CLIENTS, outstanding: OUTSTANDING };
  const samples = await alternate(servers, settings.rounds, (server) => measureLoad(bed, server, load));
  const rows = servers.map((server) => {
    const own = samples.get(server)!;
    return [
      server.name,
      formatNumber(median(own.map(({ queriesPerSecond }) => queriesPerSecond))),
      formatNumber(median(own.map(({ cpuUs }) => cpuUs)), 2),
      formatNumber(own.reduce((sum, { lost }) => sum + lost, 0)),
    ];
  });
  return `## node:dgram (at least 0.85 of a canned responder's throughput)\n
${formatTable(["server", "queries/s", "CPU µs/query", "lost"], rows)}
${formatRatios(servers, samples)}`;
}

/** Ours to each of the others, by rounds. */
export function formatRatios(
  servers: readonly BenchServer[],
  samples: ReadonlyMap<BenchServer, readonly Measured[]>,
): string {
  const [ours, ...others] = servers;
  if (others.length === 0) return "";
  const own = samples.get(ours!)!;
  const rows = others.map((other) => [
    `${ours!.name} / ${other.name}`,
    formatNumber(
      medianRatio(own, samples.get(other)!, ({ queriesPerSecond }) => queriesPerSecond),
      2,
    ),
    formatNumber(
      medianRatio(own, samples.get(other)!, ({ cpuUs }) => cpuUs),
      2,
    ),
  ]);
  return formatTable(["ratio (median of rounds)", "throughput", "CPU per query"], rows);
}

async function runLoneClient(
  bed: Bed,
  port: number,
  questionFile: string,
  seconds: number,
): Promise<Latency & { readonly lost: number }> {
  const program = fileURLToPath(new URL("lone-client.ts", import.meta.url));
  const args = [program, String(port), questionFile, String(seconds)];
  const child = await bed.processes.start(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`the lone client ended with ${code}`);
  return JSON.parse(output) as Latency & { readonly lost: number };
}
